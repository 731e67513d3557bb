#include "core/jobs/attempt.h"

#include <gtest/gtest.h>

#include <set>

namespace herder {
namespace {

TEST(AttemptPhase, EveryPhaseHasItsOwnWord) {
    const std::vector<AttemptPhase> phases = {attempt_phase::Placing{}, attempt_phase::Booting{},
                                              attempt_phase::Running{}, attempt_phase::Stopping{},
                                              attempt_phase::Ended{}};
    ASSERT_EQ(phases.size(), std::variant_size_v<AttemptPhase>);
    std::set<std::string> words;
    for (const AttemptPhase& phase : phases)
        words.insert(to_string(phase));
    EXPECT_EQ(words, (std::set<std::string>{"placing", "booting", "running", "stopping", "ended"}));
}

TEST(Attempt, IsLiveUntilItEnded) {
    Attempt attempt;
    for (const AttemptPhase& phase :
         std::vector<AttemptPhase>{attempt_phase::Placing{}, attempt_phase::Booting{},
                                   attempt_phase::Running{}, attempt_phase::Stopping{}}) {
        attempt.phase = phase;
        EXPECT_TRUE(attempt.is_live()) << to_string(phase);
    }
    attempt.phase = attempt_phase::Ended{};
    EXPECT_FALSE(attempt.is_live());
}

TEST(AttemptKey, OrdersByJobThenFence) {
    EXPECT_LT((AttemptKey{{1}, {9}}), (AttemptKey{{2}, {1}}));
    EXPECT_LT((AttemptKey{{2}, {1}}), (AttemptKey{{2}, {2}}));
}

}  // namespace
}  // namespace herder
