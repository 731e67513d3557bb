#include "core/monitor/witness.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

Silence silent_for(Duration d, ProviderWord word) {
    return {.silent = d, .word = word, .others_heard = true, .provider_heard = true};
}

TEST(Witness, SilenceAloneNeverMovesAJob) {
    EXPECT_EQ(judge(silent_for(hours(5), ProviderWord::kNothing), {}), std::nullopt);
}

TEST(Witness, AStoppedMachineThatMissedTwoBeatsWasTakenAway) {
    EXPECT_EQ(judge(silent_for(seconds(20), ProviderWord::kStopped), {}), EndReason::kPreempted);
    EXPECT_EQ(judge(silent_for(seconds(19), ProviderWord::kStopped), {}), std::nullopt);
}

TEST(Witness, SilenceAndTheProvidersWordAreTwoWitnesses) {
    for (const ProviderWord word :
         {ProviderWord::kOffline, ProviderWord::kAbsent, ProviderWord::kFailed}) {
        EXPECT_EQ(judge(silent_for(seconds(30), word), {}), EndReason::kHostLost);
        EXPECT_EQ(judge(silent_for(seconds(29), word), {}), std::nullopt);
    }
}

TEST(Witness, ARunningMachineIsGivenUpOnlyAfterLongSilenceWhileOthersAreHeard) {
    Silence silence = silent_for(minutes(3), ProviderWord::kRunning);
    EXPECT_EQ(judge(silence, {}), EndReason::kAgentLost);
    silence.others_heard = false;
    EXPECT_EQ(judge(silence, {}), std::nullopt);
    silence.others_heard = true;
    silence.provider_heard = false;
    EXPECT_EQ(judge(silence, {}), std::nullopt);
    EXPECT_EQ(judge(silent_for(minutes(2), ProviderWord::kRunning), {}), std::nullopt);
}

}  // namespace
}  // namespace herder
