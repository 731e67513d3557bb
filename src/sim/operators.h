#pragma once
// The people who use the orchestrator: they submit (and repeat what was not answered, under the
// same client key), cancel, pause, resume and set budgets, and remember what they were promised.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/job_plan.h"
#include "sim/orchestrator.h"

namespace herder::sim {

// What a user was told of one job.
struct Promise {
    JobId job;  // 0: not accepted yet
    bool is_refused = false;
    std::optional<Instant> cancelled;  // when the cancel was acknowledged; logical time
    std::uint64_t fence_at_cancel = 0;
    std::uint64_t intents_at_cancel = 0;  // newest intent id then
    int resumes = 0;
};

class Operators {
  public:
    Operators(Stage& stage, std::function<Orchestrator*()> server, Duration horizon, int jobs);

    void begin();
    // Faults are over: what is paused goes on, what would never end is cancelled, daily budgets are
    // lifted; and half a day later people give up what still waits for money.
    void begin_quiet();

    const std::vector<JobPlan>& plans() const { return plans_; }
    const std::map<std::uint64_t, Promise>& promises() const { return promises_; }

    // Told of promises that contradict earlier ones.
    std::function<void(const std::string&)> on_broken_promise;

  private:
    void draw_troubles();
    void draw_budgets();
    void submit(std::uint64_t number);
    void on_submitted(std::uint64_t number, const Result<ReplyBody>& answer);
    void plan_changes(std::uint64_t number);
    void change(std::uint64_t number, input::JobVerb verb, int tries_left);
    void on_changed(std::uint64_t number, input::JobVerb verb);
    void bring_to_an_end(const JobPlan& plan);
    void give_up_waiting();
    void set_budgets();
    void forge();

    Stage& stage_;
    std::function<Orchestrator*()> server_;
    const Duration horizon_;
    RandomStream workload_;
    RandomStream whims_;
    std::vector<JobPlan> plans_;
    std::vector<BudgetSpec> budgets_;
    std::map<std::uint64_t, Promise> promises_;
};

}  // namespace herder::sim
