#pragma once
// What a job that has no machine waits for, in the words that it is told in.
#include <string>

#include "core/jobs/job.h"

namespace herder::sim {

// Empty where it does not wait.
inline std::string waiting_reason(const Job& job) {
    if (const auto* queued = std::get_if<phase::Queued>(&job.phase)) return queued->waiting_for;
    const auto* recovering = std::get_if<phase::Recovering>(&job.phase);
    return recovering != nullptr ? recovering->waiting_for : "";
}

inline bool is_waiting_for_budget(const Job& job) {
    return waiting_reason(job).starts_with("the budget");
}

// A budget that is used up and a price limit below the market are reasons to wait for ever.
inline bool is_waiting_for_money(const Job& job) {
    return is_waiting_for_budget(job) || waiting_reason(job).starts_with("a fitting offer");
}

}  // namespace herder::sim
