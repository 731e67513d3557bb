#include "sim/marks.h"

#include <gtest/gtest.h>

#include <set>

namespace herder::sim {

TEST(Marks, EveryMarkHasATextOfItsOwn) {
    std::set<std::string> texts;
    for (int i = 0; i < kMarkCount; ++i) {
        const char* text = to_string(static_cast<Mark>(i));
        ASSERT_NE(text, nullptr);
        EXPECT_TRUE(texts.insert(text).second) << text;
    }
}

TEST(Marks, TellsWhichWereNeverHit) {
    Marks marks;
    marks.hit(Mark::kPreempted);
    Marks sum;
    sum.add(marks);
    EXPECT_EQ(sum.hits(Mark::kPreempted), 1U);
    EXPECT_EQ(sum.never_hit().size(), static_cast<std::size_t>(kMarkCount) - 1);
}

}  // namespace herder::sim
