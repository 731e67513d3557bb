#pragma once
// One run of a simulated training job on a machine: steps in virtual time, checkpoints every so
// many of them, and an end. Progress is computed, not ticked: only what somebody must notice is an
// action of the schedule.
#include <functional>
#include <memory>

#include "core/worker/worker_input.h"
#include "sim/job_plan.h"
#include "sim/stage.h"

namespace herder::sim {

class FakeJob {
  public:
    struct Hooks {
        std::function<void(std::int64_t step, CheckpointKind kind)> on_checkpoint;
        std::function<void(worker_input::ProcessEnd)> on_end;
    };

    // Begins after `from_step`. `run_number` counts the starts of this plan over all machines.
    FakeJob(Stage& stage, const JobPlan& plan, std::int64_t from_step, int run_number, Hooks hooks);
    ~FakeJob();

    void signal();  // a polite request: saves and ends, if it listens
    void kill();    // ends at once, without a word but its exit
    std::int64_t step() const;

  private:
    void plan_next();
    void reach(std::int64_t step);
    void finish(int exit_code);
    void do_later(Duration wait, std::function<void()> action);

    Stage& stage_;
    const JobPlan& plan_;
    const std::int64_t from_step_;
    const int run_number_;
    Hooks hooks_;
    Instant started_;
    std::int64_t saved_step_;
    std::int64_t stuck_at_ = INT64_MAX;
    bool is_saving_ = false;
    // Shared with the scheduled actions, which must notice that the job is gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace herder::sim
