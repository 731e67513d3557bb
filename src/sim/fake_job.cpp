#include "sim/fake_job.h"

#include <algorithm>
#include <utility>

namespace herder::sim {

FakeJob::FakeJob(Stage& stage, const JobPlan& plan, std::int64_t from_step, int run_number,
                 Hooks hooks)
    : stage_(stage),
      plan_(plan),
      from_step_(from_step),
      run_number_(run_number),
      hooks_(std::move(hooks)),
      started_(stage.now()),
      saved_step_(from_step) {
    const bool hangs = plan.ending == JobEnding::kHangs;
    if (hangs) stuck_at_ = std::max(plan.trouble_step, from_step);
    plan_next();
}

FakeJob::~FakeJob() {
    *alive_ = false;
}

void FakeJob::do_later(Duration wait, std::function<void()> action) {
    stage_.schedule.after(wait, [alive = alive_, action = std::move(action)] {
        if (*alive) action();
    });
}

std::int64_t FakeJob::step() const {
    const std::int64_t done = from_step_ + (stage_.now() - started_).us / plan_.step_time.us;
    const bool ends = plan_.ending != JobEnding::kNeverEnds;
    return std::min({done, stuck_at_, ends ? plan_.steps : INT64_MAX});
}

void FakeJob::plan_next() {
    std::int64_t next = saved_step_ + plan_.spec.checkpoint.every_steps;
    if (plan_.ending != JobEnding::kNeverEnds) next = std::min(next, plan_.steps);
    const bool fails = plan_.ending == JobEnding::kFailsAlways ||
                       plan_.ending == JobEnding::kRunsOutOfMemory ||
                       (plan_.ending == JobEnding::kFailsOnce && run_number_ == 1);
    if (fails && plan_.trouble_step > from_step_) next = std::min(next, plan_.trouble_step);
    if (next > stuck_at_) return;
    const Instant when = started_ + plan_.step_time * (next - from_step_);
    do_later(when - stage_.now(), [this, next] { reach(next); });
}

void FakeJob::reach(std::int64_t step) {
    const bool fails = plan_.ending == JobEnding::kFailsAlways ||
                       plan_.ending == JobEnding::kRunsOutOfMemory ||
                       (plan_.ending == JobEnding::kFailsOnce && run_number_ == 1);
    if (fails && step == plan_.trouble_step) return finish(1);
    saved_step_ = step;
    const bool ends = plan_.ending != JobEnding::kNeverEnds && step >= plan_.steps;
    const auto alive = alive_;
    hooks_.on_checkpoint(step, ends ? CheckpointKind::kFinal : CheckpointKind::kPeriodic);
    if (!*alive) return;
    if (ends) return do_later(milliseconds(200), [this] { finish(0); });
    plan_next();
}

void FakeJob::finish(int exit_code) {
    *alive_ = false;
    worker_input::ProcessEnd end;
    end.exit_code = exit_code;
    end.host_out_of_memory = exit_code == 1 && plan_.ending == JobEnding::kRunsOutOfMemory;
    end.detail = exit_code == 0 ? "" : "exit " + std::to_string(exit_code);
    // Last: the owner may destroy this object.
    const auto on_end = hooks_.on_end;
    on_end(end);
}

void FakeJob::signal() {
    if (plan_.ignores_stop_signal || step() >= stuck_at_ || is_saving_) return;
    is_saving_ = true;
    do_later(seconds(3), [this] {
        const std::int64_t at = step();
        const auto alive = alive_;
        if (at > saved_step_) {
            saved_step_ = at;
            hooks_.on_checkpoint(at, CheckpointKind::kPreempt);
        }
        if (*alive) finish(143);
    });
}

void FakeJob::kill() {
    *alive_ = false;
    const auto on_end = hooks_.on_end;
    worker_input::ProcessEnd end;
    end.exit_code = 137;
    end.detail = "killed";
    stage_.schedule.after(milliseconds(20), [on_end, end] { on_end(end); });
}

}  // namespace herder::sim
