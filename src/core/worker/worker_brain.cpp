#include "core/worker/worker_brain.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "core/worker/classify.h"
#include "core/worker/missing_outputs.h"

namespace herder {

namespace {

// Of a restore that ends the attempt.
std::optional<AttemptOutcome> outcome_of(const worker_input::RestoreEnded& restore) {
    switch (restore.result) {
        case worker_input::RestoreResult::kOk:
        case worker_input::RestoreResult::kCorrupt:
            return std::nullopt;
        case worker_input::RestoreResult::kFailed:
            return AttemptOutcome{EndReason::kRestoreFailed, 0, restore.detail};
        case worker_input::RestoreResult::kUnusable:
            return AttemptOutcome{EndReason::kUserError, 0, restore.detail};
        case worker_input::RestoreResult::kDiskFull:
            return AttemptOutcome{EndReason::kDiskFull, 0, restore.detail};
    }
    return std::nullopt;
}

// What saves the step again that was saved before, as many do at their end, does nothing wrong.
std::string refusal_of_step(std::int64_t step, std::int64_t newest) {
    if (step >= newest) return "";
    return "its step is below " + std::to_string(newest) +
           ", that of the checkpoint before: a job that goes on from $HERDER_RESUME_FROM has to "
           "count its steps on from there";
}

}  // namespace

void WorkerBrain::on(const worker_input::Started& input) {
    if (stage_ != WorkerStage::kNew) return;
    begin(input.intent, input.fence, input.agent_version, input.age);
}

void WorkerBrain::begin(IntentId intent, Fence fence, const std::string& version, Duration age) {
    stage_ = WorkerStage::kWaiting;
    intent_ = intent;
    fence_ = fence;
    version_ = version;
    started_ = now_ - age;
    contact_.start(now_, mix64(intent.value));
}

void WorkerBrain::on(const worker_input::OrdersReceived& input) {
    if (stage_ == WorkerStage::kNew) return;
    const bool newest =
        contact_.answered(now_, input.sequence, input.request_sent_at, input.orders);
    act(worker_action::TouchDeadMan{contact_.dead_man_after()});
    destroy_at_ = kNever;
    if (input.orders.fenced) return fence_off();
    if (refusal_.sent_in != 0 && input.sequence >= refusal_.sent_in) refusal_ = {};
    if (newest) follow(input.orders);
}

void WorkerBrain::on(const worker_input::SyncFailed& input) {
    contact_.failed(now_, input.sequence);
}

void WorkerBrain::follow(const AgentOrders& orders) {
    // Changed orders may be followed by more at once: keep a poll open.
    AgentOrders comparable = orders;
    if (comparable.assignment) comparable.assignment->time_left = kForever;
    // What runs down with the clock is no news; else a stopping job would report without a pause.
    comparable.stop_grace = Duration{};
    if (comparable != last_orders_) contact_.hurry(now_);
    last_orders_ = std::move(comparable);

    if (orders.desired == DesiredState::kLeave) return leave();
    discard(slot_.settled(orders.settled_local_seq));
    if (orders.grant) {
        if (auto grant = slot_.granted(now_, *orders.grant)) act(worker_action::Upload{*grant});
    }
    if (orders.desired == DesiredState::kStop) {
        begin_stop(orders.stop_reason, orders.stop_grace);
    } else if (orders.assignment) {
        take_assignment(*orders.assignment);
    } else if (orders.admission && stage_ == WorkerStage::kWaiting && !measuring_) {
        measuring_ = true;
        act(worker_action::StartAdmission{*orders.admission});
    }
}

void WorkerBrain::take_assignment(const Assignment& assignment) {
    if (stage_ != WorkerStage::kWaiting) return;
    // After a checkpoint that did not verify, the same one is not tried again.
    if (restore_failed_ && assignment.resume_from == restore_failed_) return;
    assignment_ = assignment;
    restore_failed_.reset();
    stage_ = WorkerStage::kRestoring;
    is_restoring_ = true;
    step_ = assignment.resume_from ? assignment.resume_step : 0;
    act(worker_action::StartRestore{assignment});
    contact_.hurry(now_);
}

void WorkerBrain::on(const worker_input::AdmissionEnded& input) {
    if (stage_ != WorkerStage::kWaiting) return;
    admission_ = input.facts;
    contact_.hurry(now_);
}

void WorkerBrain::on(const worker_input::FilesReady&) {
    if (stage_ == WorkerStage::kRestoring && !is_setup_over_ && !assignment_->spec.setup.empty())
        start_setup();
}

void WorkerBrain::on(const worker_input::RestoreEnded& input) {
    if (stage_ == WorkerStage::kSetup && is_restoring_) return end_restore_early(input);
    if (stage_ != WorkerStage::kRestoring) return;
    is_restoring_ = false;
    contact_.hurry(now_);
    if (auto outcome = outcome_of(input)) return finish(std::move(*outcome), Duration{});
    if (input.result == worker_input::RestoreResult::kCorrupt) {
        restore_failed_ = assignment_->resume_from;
        stage_ = WorkerStage::kWaiting;
        return;
    }
    restored_ = assignment_->resume_from.has_value();
    slot_.begin_after(restored_ ? assignment_->resume_step : -1);
    if (assignment_->spec.setup.empty() || is_setup_over_) return start_run();
    start_setup();
}

// While setup runs. What ends the attempt ends setup, which would be paid for in vain; whether a
// checkpoint that did not verify does so the server knows.
void WorkerBrain::end_restore_early(const worker_input::RestoreEnded& input) {
    if (stop_) return;  // for another reason, which counts
    early_end_ = input;
    contact_.hurry(now_);
    if (input.result == worker_input::RestoreResult::kCorrupt)
        restore_failed_ = assignment_->resume_from;
    if (const auto outcome = outcome_of(input)) begin_stop(outcome->reason, stop_grace());
}

void WorkerBrain::start_setup() {
    stage_ = WorkerStage::kSetup;
    act(worker_action::StartSetup{*assignment_});
    contact_.hurry(now_);
}

void WorkerBrain::on(const worker_input::SetupEnded& input) {
    if (stage_ != WorkerStage::kSetup) return;
    const auto restore = std::exchange(early_end_, std::nullopt);
    if (restore) {
        if (auto outcome = outcome_of(*restore)) return finish(std::move(*outcome), Duration{});
    }
    if (stop_ || input.end.exit_code != 0) {
        if (is_restoring_) act(worker_action::KillEverything{});
        const auto asked = stop_ ? std::optional(stop_->reason) : std::nullopt;
        return finish(classify_end(input.end, EndedIn::kSetup, asked), Duration{});
    }
    is_setup_over_ = true;
    if (!is_restoring_) return start_run();
    stage_ = WorkerStage::kRestoring;
    contact_.hurry(now_);
    if (restore) on(*restore);
}

void WorkerBrain::start_run() {
    stage_ = WorkerStage::kRunning;
    run_started_ = now_;
    // The limit is on running time; setup does not count. kForever stays out of the sum's way.
    if (assignment_->time_left < kForever) run_until_ = now_ + assignment_->time_left;
    act(worker_action::StartRun{*assignment_, run_until_});
    contact_.hurry(now_);
}

void WorkerBrain::on(const worker_input::ProcessExited& input) {
    if (stage_ != WorkerStage::kRunning) return;
    ran_ = now_ - *run_started_;
    constexpr Duration kPublishAtLeast = seconds(10);
    const auto asked = stop_ ? std::optional(stop_->reason) : std::nullopt;
    const Duration publish =
        stop_ ? std::max(stop_->kill_at - now_, kPublishAtLeast) : kPublishAfterEnd;
    finish(classify_end(input.end, EndedIn::kRun, asked), publish);
}

void WorkerBrain::on(const worker_input::CheckpointFound& input) {
    if (fenced_ || !run_started_ || outcome_) return discard(input.offer.local_seq);
    CheckpointOffer offer = input.offer;
    if (stop_ && offer.kind == CheckpointKind::kPeriodic) offer.kind = CheckpointKind::kPreempt;
    step_ = std::max(step_, offer.step);
    if (const std::string why = refusal_of_step(offer.step, slot_.newest_step()); !why.empty())
        refuse(why);
    discard(slot_.found(std::move(offer)));
    contact_.hurry(now_);
}

void WorkerBrain::on(const worker_input::CheckpointRefused& input) {
    refuse(input.why);
}

void WorkerBrain::refuse(const std::string& why) {
    refusal_ = {why, 0};
    contact_.hurry(now_);
}

void WorkerBrain::on(const worker_input::UploadEnded& input) {
    if (input.uploaded) {
        if (slot_.uploaded(input.local_seq)) contact_.hurry(now_);
    } else if (input.staging_lost) {
        discard(slot_.staging_lost(input.local_seq));
        contact_.hurry(now_);
    } else {
        slot_.upload_failed(now_, input.local_seq);
    }
}

void WorkerBrain::on(const worker_input::StepSeen& input) {
    step_ = std::max(step_, input.step);
}

void WorkerBrain::on(const worker_input::HealthSeen& input) {
    health_ = input.health;
}

void WorkerBrain::on(const worker_input::OutcomeStored& input) {
    if (stage_ != WorkerStage::kStoring || !storing_) return;
    storing_ = false;
    constexpr int kStoreTries = 5;
    if (!input.stored && ++store_failures_ < kStoreTries && now_ < store_give_up_) {
        store_at_ = now_ + seconds(2) * (1LL << store_failures_);
        return;
    }
    outcome_ = with_missing_outputs(*outcome_, input.missing);
    stage_ = WorkerStage::kDone;
    contact_.hurry(now_);
}

void WorkerBrain::on(const worker_input::ShutdownNotice& input) {
    if (stage_ == WorkerStage::kNew) return leave();
    begin_stop(EndReason::kPreempted, input.notice);
}

void WorkerBrain::on(const worker_input::TimerFired&) {}

std::vector<WorkerAction> WorkerBrain::step(Instant now, const WorkerInput& input) {
    now_ = std::max(now_, now);
    actions_.clear();
    if (stage_ == WorkerStage::kLeft) return {};
    std::visit([this](const auto& body) { on(body); }, input);
    watch_clock();
    return std::exchange(actions_, {});
}

void WorkerBrain::begin_stop(EndReason reason, Duration grace) {
    if (stop_) return;
    constexpr Duration kKillAfterTerm = seconds(5);
    constexpr Duration kSoftDelayMax = seconds(2);
    stop_ = Stop{.reason = reason,
                 .soft_at = now_ + std::min(grace / 10, kSoftDelayMax),
                 .deadline = now_ + grace,
                 .kill_at = now_ + grace + std::min(grace, kKillAfterTerm)};
    switch (stage_) {
        case WorkerStage::kWaiting:
            return finish({reason, 0, "stopped before it ran"}, Duration{});
        case WorkerStage::kRestoring:
            act(worker_action::KillEverything{});
            return finish({reason, 0, "stopped before it ran"}, Duration{});
        case WorkerStage::kSetup:
        case WorkerStage::kRunning:
            act(worker_action::WriteStopFile{reason, stop_->deadline});
            contact_.hurry(now_);
            return;
        case WorkerStage::kPublishing:
            // The process has ended by itself: its outcome stands, only the waiting gets shorter.
            publish_until_ = std::min(publish_until_, stop_->kill_at);
            return;
        case WorkerStage::kNew:
        case WorkerStage::kStoring:
        case WorkerStage::kDone:
        case WorkerStage::kLeft:
            return;
    }
}

void WorkerBrain::kill_now() {
    constexpr Duration kKillAgain = seconds(5);
    act(worker_action::KillEverything{});
    killed_again_at_ = now_ + kKillAgain;
}

void WorkerBrain::finish(AttemptOutcome outcome, Duration publish_for) {
    outcome_ = std::move(outcome);
    killed_again_at_ = kNever;
    stage_ = WorkerStage::kPublishing;
    publish_until_ = now_ + publish_for;
    contact_.hurry(now_);
}

void WorkerBrain::leave() {
    if (has_processes() || stage_ == WorkerStage::kRestoring) act(worker_action::KillEverything{});
    stage_ = WorkerStage::kLeft;
    act(worker_action::Leave{});
}

void WorkerBrain::fence_off() {
    fenced_ = true;
    for (const std::uint64_t seq : slot_.drop_all())
        discard(seq);
    leave();
}

void WorkerBrain::discard(std::optional<std::uint64_t> local_seq) {
    if (local_seq) act(worker_action::DiscardCheckpoint{*local_seq});
}

bool WorkerBrain::has_processes() const {
    return stage_ == WorkerStage::kSetup || stage_ == WorkerStage::kRunning;
}

bool WorkerBrain::is_computing() const {
    return stage_ == WorkerStage::kRunning;
}

}  // namespace herder
