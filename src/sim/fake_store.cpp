#include "sim/fake_store.h"

#include "base/assert.h"

namespace herder::sim {

void FakeStoreBody::write(Term term, std::uint64_t seq, const Commit& commit) {
    HERDER_ASSERT(seq == mark_.seq + 1);
    for (const RowChange& change : commit.changes) {
        if (change.record) {
            rows_[{change.table, change.key}] = *change.record;
        } else {
            rows_.erase({change.table, change.key});
        }
    }
    for (const Event& event : commit.events) {
        last_event_ = event.seq;
        if (keeps_events) events_.push_back(event);
    }
    mark_ = {term, seq, commit.logical_now, commit.wall, commit.moment};
    if (on_commit) on_commit(term, commit);
}

bool FakeStoreBody::has_stale_event(const Commit& commit) const {
    std::uint64_t last = last_event_;
    for (const Event& event : commit.events) {
        if (event.seq <= last) return true;
        last = event.seq;
    }
    return false;
}

Result<Term> FakeStore::lead() {
    body_.leader_ = Term{body_.leader_.value + 1};
    return body_.leader_;
}

CommitOutcome FakeStore::commit(Term term, std::uint64_t seq, const Commit& commit) {
    if (crashed_) return CommitOutcome::kUnknown;
    if (term != body_.leader_) {
        if (body_.on_fenced) body_.on_fenced(term);
        return CommitOutcome::kFenced;
    }
    if (seq == body_.mark_.seq && body_.mark_.term == term) return CommitOutcome::kCommitted;
    if (seq != body_.mark_.seq + 1 || body_.has_stale_event(commit)) return CommitOutcome::kFailed;
    const CommitFate fate = body_.decide_fate ? body_.decide_fate(term) : CommitFate::kGoesWell;
    if (!body_.tamper) return meet(fate, term, seq, commit);
    Commit tampered = commit;
    body_.tamper(tampered);
    return meet(fate, term, seq, tampered);
}

CommitOutcome FakeStore::meet(CommitFate fate, Term term, std::uint64_t seq, const Commit& commit) {
    switch (fate) {
        case CommitFate::kGoesWell:
            body_.write(term, seq, commit);
            return CommitOutcome::kCommitted;
        case CommitFate::kDiskFull:
            return CommitOutcome::kFailed;
        case CommitFate::kAnswerLost:
            body_.write(term, seq, commit);
            deaf_ = static_cast<int>(seq % 3);
            return CommitOutcome::kUnknown;
        case CommitFate::kNeverArrived:
            deaf_ = static_cast<int>(seq % 3);
            return CommitOutcome::kUnknown;
        case CommitFate::kCrashBefore:
            crashed_ = true;
            return CommitOutcome::kUnknown;
        case CommitFate::kCrashAfter:
            body_.write(term, seq, commit);
            crashed_ = true;
            return CommitOutcome::kUnknown;
    }
    return CommitOutcome::kUnknown;
}

Result<CommitMark> FakeStore::last_commit() {
    if (crashed_ || deaf_ > 0) {
        --deaf_;
        return unavailable("reading back the newest commit: the database does not answer");
    }
    return body_.mark_;
}

Status FakeStore::load(const std::function<Status(const RowChange&)>& row) {
    for (const auto& [key, record] : body_.rows_) {
        if (Status done = row({key.first, key.second, record}); !done) return done;
    }
    return ok();
}

Status FakeStore::read_events(std::uint64_t after, std::size_t limit,
                              const std::function<Status(const Event&)>& event) {
    for (const Event& one : body_.events_) {
        if (one.seq <= after) continue;
        if (limit-- == 0) break;
        if (Status done = event(one); !done) return done;
    }
    return ok();
}

Status FakeStore::read_job_events(JobId job, std::uint64_t after, std::size_t limit,
                                  const std::function<Status(const Event&)>& event) {
    for (const Event& one : body_.events_) {
        if (one.seq <= after || one.job != job || one.row) continue;
        if (limit-- == 0) break;
        if (Status done = event(one); !done) return done;
    }
    return ok();
}

}  // namespace herder::sim
