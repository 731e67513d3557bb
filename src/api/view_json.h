#pragma once
// What the API shows of the state, as JSON text. Read-only; run on the engine's thread.
#include <optional>
#include <string>

#include "api/query_reader.h"
#include "base/result.h"
#include "base/time.h"
#include "core/cost_tracker/budget.h"
#include "core/market/offer_filter.h"
#include "core/market/ranking.h"
#include "core/step/output.h"
#include "core/step/state.h"

namespace herder::api {

struct JobFilter {
    std::string status;  // empty: any
    std::string project;
    bool with_ended = true;
    std::size_t limit = 50;
    JobId after{};  // newest first: only jobs with a smaller id; 0: from the newest
};

std::string jobs_view(const State& state, Instant now, const JobFilter& filter);
std::string job_view(const State& state, Instant now, JobId job, bool with_attempts);
// Whose machine a contract is, as far as the last listing and the rentals say. An orphan has our
// label, but no rental of ours is bound to it; an adopted one is an orphan that somebody keeps.
enum class Owner { kOurs, kAdopted, kOrphan, kForeign, kNobodyKnown };
Owner owner_of(const State& state, ContractId contract);
// One machine of which owner_of knows, with all that is known of it.
std::string instance_view(const State& state, Instant now, ContractId contract);
Result<std::string> instances_view(const State& state, Instant now, const Page& page);
// Whether renting is held, by whom, and what of ours still costs money.
std::string renting_view(const State& state);
// With its files.
std::string checkpoint_view(const Checkpoint& checkpoint);
Result<std::string> checkpoints_view(const State& state, JobId job, const Page& page);
// `by`: job, project, team, user, gpu or day.
std::string cost_report(const State& state, Instant now, const std::string& by);
// The moment of a view on both clocks.
struct Clocks {
    Instant now;
    WallTime wall;
};
Result<std::string> budgets_view(const State& state, Clocks at, const Page& page);
std::string event_view(const Event& event);
std::string plan_view(const Ranking& ranking, Usd worst_case_cost,
                      const std::string& budget_objection);
// With what each condition does, where that was asked for.
Result<std::string> offers_view(const std::vector<Offer>& offers, Bytes disk, const Page& page,
                                const std::optional<OfferExplanation>& explanation);

// "j42", "42", an exact name (the newest job of that name), or a unique prefix of a name.
Result<JobId> find_job(const State& state, const std::string& text);

// One sentence on where a job stands, for people.
std::string status_text(const State& state, const Job& job, Instant now);

}  // namespace herder::api
