#include "sim/stage.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(Stage, HashDependsOnWhatHappenedAndWhen) {
    Stage a(1, {}, false);
    Stage b(1, {}, false);
    a.note("x", 1, 2);
    b.note("x", 1, 2);
    EXPECT_EQ(a.hash, b.hash);
    b.note("x", 2, 1);
    a.note("x", 1, 2);
    EXPECT_NE(a.hash, b.hash);
}

TEST(Stage, KeepsTheTailAndTheViolations) {
    Stage stage(1, {}, false);
    for (std::uint64_t i = 0; i < 500; ++i)
        stage.note("step", i);
    stage.violate("2 one-machine-per-intent", "two");
    ASSERT_EQ(stage.violations.size(), 1U);
    EXPECT_LT(stage.tail.size(), 100U);
    EXPECT_NE(to_text(stage.tail.back()).find("one-machine"), std::string::npos);
}

}  // namespace herder::sim
