// The part of WorkerBrain that time alone drives: limits, the stop sequence, the dead-man's switch,
// the ending, and the report that is due.
#include <algorithm>

#include "core/worker/worker_brain.h"

namespace herder {
namespace {

constexpr Duration kSaveBeforeDestroy = seconds(60);
constexpr Duration kDestroyAgain = seconds(60);
constexpr Duration kStoreLimit = minutes(10);

}  // namespace

void WorkerBrain::watch_clock() {
    if (stage_ == WorkerStage::kNew || stage_ == WorkerStage::kLeft) return;
    watch_limits();
    drive_dead_man();
    drive_stop();
    drive_ending();
    report_if_due();
}

Duration WorkerBrain::stop_grace() const {
    return assignment_ ? assignment_->spec.checkpoint.stop_grace : seconds(60);
}

Instant WorkerBrain::soft_limit() const {
    const Instant hard = contact_.compute_until();
    if (hard == kNever) return kNever;
    return hard - stop_grace() - seconds(5);
}

void WorkerBrain::watch_limits() {
    if (!has_processes()) return;
    if (now_ >= run_until_) begin_stop(EndReason::kMaxDuration, stop_grace());
    // Detached for as long as it may. Everything must be dead at compute_until(), because from then
    // on the attempt may run elsewhere; the grace lies before it.
    if (!contact_.has_lease(now_) && now_ >= soft_limit()) {
        const Duration left = contact_.compute_until() - now_ - seconds(5);
        begin_stop(EndReason::kAgentLost, std::clamp(left, Duration{}, stop_grace()));
    }
}

void WorkerBrain::drive_stop() {
    if (!has_processes()) return;
    const bool must_be_dead = now_ >= contact_.compute_until();
    if (killed_again_at_ != kNever) {
        if (now_ >= killed_again_at_) kill_now();
        return;
    }
    if (must_be_dead || (stop_ && now_ >= stop_->kill_at)) {
        if (!stop_) begin_stop(EndReason::kAgentLost, Duration{});
        return kill_now();
    }
    if (!stop_) return;
    if (now_ >= stop_->deadline && !stop_->term_sent) {
        stop_->soft_sent = stop_->term_sent = true;
        act(worker_action::SignalJob{worker_action::StopSignal::kTerm});
    } else if (now_ >= stop_->soft_at && !stop_->soft_sent) {
        stop_->soft_sent = true;
        act(worker_action::SignalJob{worker_action::StopSignal::kSoft});
    }
}

void WorkerBrain::drive_dead_man() {
    if (now_ < contact_.dead_man_at()) return;
    if (destroy_at_ == kNever) {
        destroy_at_ = stage_ == WorkerStage::kDone ? now_ : now_ + kSaveBeforeDestroy;
        begin_stop(EndReason::kAgentLost, std::min(stop_grace(), seconds(45)));
    }
    if (now_ < destroy_at_) return;
    destroy_at_ = now_ + kDestroyAgain;
    if (has_processes() && killed_again_at_ == kNever) kill_now();
    act(worker_action::DestroySelf{});
}

void WorkerBrain::drive_ending() {
    if (stage_ == WorkerStage::kPublishing && (slot_.is_empty() || now_ >= publish_until_)) {
        for (const std::uint64_t seq : slot_.drop_all())
            discard(seq);
        stage_ = WorkerStage::kStoring;
        store_at_ = now_;
        store_give_up_ = now_ + kStoreLimit;
    }
    if (stage_ == WorkerStage::kStoring && !storing_ && now_ >= store_at_) {
        storing_ = true;
        act(worker_action::StoreOutcome{*outcome_, store_give_up_});
    }
}

void WorkerBrain::report_if_due() {
    if (now_ < contact_.report_due()) return;
    AgentReport report = make_report();
    contact_.sent(now_, report.sequence);
    act(worker_action::SendReport{std::move(report)});
}

AgentPhase WorkerBrain::phase() const {
    switch (stage_) {
        case WorkerStage::kNew:
        case WorkerStage::kWaiting:
            return AgentPhase::kJoined;
        case WorkerStage::kRestoring:
            return AgentPhase::kRestoring;
        case WorkerStage::kSetup:
            return stop_ ? AgentPhase::kStopping : AgentPhase::kSetup;
        case WorkerStage::kRunning:
            return stop_ ? AgentPhase::kStopping : AgentPhase::kRunning;
        case WorkerStage::kPublishing:
        case WorkerStage::kStoring:
            return AgentPhase::kStopping;
        case WorkerStage::kDone:
        case WorkerStage::kLeft:
            return AgentPhase::kDone;
    }
    return AgentPhase::kJoined;
}

AgentReport WorkerBrain::make_report() {
    AgentReport report;
    report.agent_version = version_;
    report.intent = intent_;
    report.fence = fence_;
    report.sequence = ++sequence_;
    report.phase = phase();
    report.uptime = now_ - started_;
    report.step = step_;
    report.ran = stage_ == WorkerStage::kRunning ? now_ - *run_started_ : ran_;
    report.restored = restored_;
    report.restore_failed = restore_failed_;
    report.checkpoint = slot_.offer();
    report.health = health_;
    report.checkpoint_refused = refusal_.why;
    if (!refusal_.why.empty() && refusal_.sent_in == 0) refusal_.sent_in = report.sequence;
    if (stage_ == WorkerStage::kWaiting) report.admission = admission_;
    if (stage_ == WorkerStage::kDone) report.outcome = outcome_;
    return report;
}

Instant WorkerBrain::wake_at() const {
    if (stage_ == WorkerStage::kNew || stage_ == WorkerStage::kLeft) return kNever;
    Instant at = std::min(contact_.report_due(), contact_.dead_man_at());
    if (now_ >= contact_.dead_man_at()) at = std::min(contact_.report_due(), destroy_at_);
    if (has_processes()) {
        if (killed_again_at_ != kNever) return std::min(at, killed_again_at_);
        at = std::min(at, contact_.compute_until());
        if (!stop_) {
            // The lease may outlast the soft limit of a short detached_for.
            at = std::min({at, run_until_, std::max(soft_limit(), contact_.lease_until())});
        } else {
            at = std::min(at, stop_->soft_sent ? stop_->kill_at : stop_->soft_at);
            if (!stop_->term_sent) at = std::min(at, stop_->deadline);
        }
    }
    if (stage_ == WorkerStage::kPublishing) at = std::min(at, publish_until_);
    if (stage_ == WorkerStage::kStoring && !storing_) at = std::min(at, store_at_);
    return std::max(at, now_);
}

const char* to_string(WorkerStage stage) {
    switch (stage) {
        case WorkerStage::kNew:
            return "new";
        case WorkerStage::kWaiting:
            return "waiting";
        case WorkerStage::kRestoring:
            return "restoring";
        case WorkerStage::kSetup:
            return "setup";
        case WorkerStage::kRunning:
            return "running";
        case WorkerStage::kPublishing:
            return "publishing";
        case WorkerStage::kStoring:
            return "storing";
        case WorkerStage::kDone:
            return "done";
        case WorkerStage::kLeft:
            return "left";
    }
    return "unknown";
}

}  // namespace herder
