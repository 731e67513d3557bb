#include "core/jobs/job_transitions.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace herder {
namespace {

constexpr std::array kEvents = {JobEvent::kAttemptPlaced,   JobEvent::kAttemptRunning,
                                JobEvent::kAttemptRequeued, JobEvent::kSucceeded,
                                JobEvent::kFailed,          JobEvent::kCancelled,
                                JobEvent::kPaused,          JobEvent::kResumed};

const std::array<JobPhase, std::variant_size_v<JobPhase>>& phases() {
    static const std::array<JobPhase, std::variant_size_v<JobPhase>> all = {
        phase::Queued{}, phase::Placing{},   phase::Running{}, phase::Recovering{},
        phase::Paused{}, phase::Succeeded{}, phase::Failed{},  phase::Cancelled{}};
    return all;
}

// Rows are the phases above, columns the events above; "-" is refused.
constexpr const char* kTable[8][8] = {
    // placed    running    requeued      succeeded    failed    cancelled    paused    resumed
    {"placing", "-", "-", "succeeded", "failed", "cancelled", "paused", "-"},           // queued
    {"-", "running", "recovering", "succeeded", "failed", "cancelled", "paused", "-"},  // placing
    {"-", "-", "recovering", "succeeded", "failed", "cancelled", "paused", "-"},        // running
    {"placing", "-", "-", "succeeded", "failed", "cancelled", "paused", "-"},  // recovering
    {"-", "-", "-", "succeeded", "failed", "cancelled", "-", "queued"},        // paused
    {"-", "-", "-", "-", "-", "-", "-", "-"},                                  // succeeded
    {"-", "-", "-", "-", "-", "-", "-", "-"},                                  // failed
    {"-", "-", "-", "-", "-", "-", "-", "-"},                                  // cancelled
};

TEST(JobTransitions, WholeTable) {
    for (std::size_t p = 0; p < phases().size(); ++p) {
        ASSERT_EQ(phases()[p].index(), p);
        for (std::size_t e = 0; e < kEvents.size(); ++e) {
            const std::string where =
                std::string(to_string(phases()[p])) + " + " + to_string(kEvents[e]);
            const auto next = next_phase(phases()[p], kEvents[e]);
            EXPECT_EQ(is_allowed(phases()[p], kEvents[e]), next.has_value()) << where;
            EXPECT_STREQ(next ? to_string(phases()[*next]) : "-", kTable[p][e]) << where;
        }
    }
}

TEST(JobTransitions, CancelIsAcceptedInEveryStateThatIsNotTheEnd) {
    for (const JobPhase& phase : phases())
        EXPECT_EQ(is_allowed(phase, JobEvent::kCancelled), !is_terminal(phase));
}

TEST(JobTransitions, EventWordsAreKnown) {
    for (const JobEvent event : kEvents)
        EXPECT_STRNE(to_string(event), "unknown");
}

}  // namespace
}  // namespace herder
