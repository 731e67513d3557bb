#pragma once
// What the API shows of the state, as JSON text. Read-only; run on the engine's thread.
#include <string>

#include "api/query_reader.h"
#include "base/result.h"
#include "base/time.h"
#include "core/cost_tracker/budget.h"
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
Result<std::string> instances_view(const State& state, Instant now, const Page& page);
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
Result<std::string> offers_view(const std::vector<Offer>& offers, Bytes disk, const Page& page);

// "j42", "42", an exact name (the newest job of that name), or a unique prefix of a name.
Result<JobId> find_job(const State& state, const std::string& text);

// One sentence on where a job stands, for people.
std::string status_text(const State& state, const Job& job, Instant now);

}  // namespace herder::api
