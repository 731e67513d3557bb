#include "sim/mutant.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "sim/checker.h"

namespace herder::sim {

TEST(Mutant, WordsParseBack) {
    for (const MutantFacts& facts : kMutants)
        EXPECT_EQ(parse_mutant(to_string(facts.mutant)), facts.mutant);
    EXPECT_EQ(parse_mutant("none"), Mutant::kNone);
    EXPECT_EQ(parse_mutant("all"), std::nullopt);
}

TEST(Mutant, EachStandsInTheTableOnce) {
    std::set<Mutant> mutants;
    std::set<std::string> words;
    for (const MutantFacts& facts : kMutants) {
        EXPECT_TRUE(mutants.insert(facts.mutant).second) << facts.word;
        EXPECT_TRUE(words.insert(facts.word).second) << facts.word;
    }
}

TEST(Mutant, EachIsCaughtByACheckerThatExists) {
    const Checkers checkers = make_checkers();
    for (const MutantFacts& facts : kMutants) {
        const bool exists = std::any_of(checkers.begin(), checkers.end(), [&](const auto& checker) {
            return checker->name() == std::string(facts.caught_by);
        });
        EXPECT_TRUE(exists) << facts.word << " by " << facts.caught_by;
    }
}

}  // namespace herder::sim
