// Which committed facts count as a SOMETIMES mark.
#include <algorithm>
#include <string_view>

#include "sim/replay_record.h"
#include "sim/world.h"

namespace herder::sim {

namespace {

std::string_view field(const Event& event, std::string_view name) {
    for (const auto& [key, value] : event.fields) {
        if (key == name) return value;
    }
    return {};
}

void mark_attempt(Marks& marks, const Event& event) {
    const std::string_view reason = field(event, "reason");
    if (event.kind == "attempt.moving") {
        if (reason == "contract_end") marks.hit(Mark::kMovedBeforeEnd);
        if (reason == "maintenance") marks.hit(Mark::kMovedBeforeMaintenance);
    }
    if (reason == "preempted") marks.hit(Mark::kPreempted);
    if (reason == "host_lost") marks.hit(Mark::kHostLost);
    if (reason == "agent_lost") marks.hit(Mark::kAgentLost);
    if (reason == "boot_timeout") marks.hit(Mark::kBootTimedOut);
    if (field(event, "detail").find("no_such_ask") != std::string_view::npos)
        marks.hit(Mark::kErrorCarriedContract);
}

void mark_job(Marks& marks, const Event& event) {
    const std::string_view reason = field(event, "reason");
    if (event.kind == "job.recovering" && reason == "user_error") marks.hit(Mark::kUserRetry);
    if (event.kind != "job.failed") return;
    if (reason == "user_error" || reason == "out_of_memory_host") marks.hit(Mark::kFailedForGood);
    if (reason == "max_duration") marks.hit(Mark::kMaxDurationEnded);
    if (reason == "budget") marks.hit(Mark::kBudgetStopped);
}

void mark_rent(Marks& marks, const Event& event) {
    if (event.kind == "rent.found") {
        const std::string_view was = field(event, "was");
        if (was == "unknown") marks.hit(Mark::kUnknownFoundByListing);
        if (was == "abandoned") marks.hit(Mark::kAbandonedAppeared);
    } else if (event.kind == "rent.abandoned") {
        marks.hit(Mark::kUnknownAbandoned);
    } else if (event.kind == "rent.refused") {
        if (field(event, "why").find("no_such_ask") != std::string_view::npos) {
            marks.hit(Mark::kOfferGone);
        }
    } else if (event.kind == "rent.closing") {
        if (field(event, "why").starts_with("listed again")) marks.hit(Mark::kReopenedAfterClosed);
    }
}

void mark_checkpoint(Marks& marks, const Event& event) {
    if (event.kind == "checkpoint.retired") marks.hit(Mark::kCheckpointRetired);
    if (event.kind == "checkpoint.aborted" && field(event, "why").starts_with("fenced")) {
        marks.hit(Mark::kStaleCommitRefused);
    }
}

bool is_for_the_dead(const Commit& commit, const State& state) {
    return std::any_of(
        commit.changes.begin(), commit.changes.end(), [&state](const RowChange& change) {
            if (change.table != Table::kCheckpoint) return false;
            const auto row = state.checkpoints.find(*parse_id<CheckpointTag>(change.key));
            if (row == state.checkpoints.end()) return false;
            const bool is_new = row->second.state == CheckpointState::kCommitted;
            const auto attempt = state.attempts.find(row->second.attempt);
            return is_new && attempt != state.attempts.end() && !attempt->second.is_live();
        });
}

}  // namespace

void World::watch_marks(const Commit& commit, const State& state) {
    bool bound = false;
    for (const Event& event : commit.events) {
        if (event.row) continue;
        const std::string_view kind = event.kind;
        if (options_.is_tracing) {
            stage_.note("event", event.job.value, event.seq, to_text(event));
        } else {
            stage_.note("event", event.job.value, event.seq, event.kind);
        }
        if (kind.starts_with("attempt.")) mark_attempt(stage_.marks, event);
        if (kind.starts_with("job.")) mark_job(stage_.marks, event);
        if (kind.starts_with("rent.")) mark_rent(stage_.marks, event);
        if (kind.starts_with("checkpoint.")) mark_checkpoint(stage_.marks, event);
        if (kind == "checkpoint.committed" && is_for_the_dead(commit, state))
            stage_.marks.hit(Mark::kCommittedForTheDead);
        if (kind == "provider.blocked") stage_.marks.hit(Mark::kAccountBlocked);
        if (kind == "provider.blind") stage_.marks.hit(Mark::kBlindOnProvider);
        if (kind == "rent.bound") bound = true;
        if (kind == "agent.joined" && bound) stage_.marks.hit(Mark::kJoinedBeforeBound);
    }
}

}  // namespace herder::sim
