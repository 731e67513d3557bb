#include "sim/mutant.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(Mutant, WordsParseBack) {
    for (const Mutant mutant : kMutants)
        EXPECT_EQ(parse_mutant(to_string(mutant)), mutant);
    EXPECT_EQ(parse_mutant("none"), Mutant::kNone);
    EXPECT_EQ(parse_mutant("all"), std::nullopt);
}

}  // namespace herder::sim
