#pragma once
// The simulated database: one shared body of committed rows, and a handle for each process that
// has it open. Commits are atomic; crashes before and after them, lost answers, full disks and
// fenced leaders are asked for by the world through CommitFate.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ports/store.h"

namespace herder::sim {

// What is to happen to the commit that is about to be made.
enum class CommitFate {
    kGoesWell,
    kDiskFull,
    kAnswerLost,    // it is written, the caller does not learn it
    kNeverArrived,  // it is not written, the caller does not learn that either
    kCrashBefore,   // the process ends, nothing is written
    kCrashAfter,    // the process ends, everything is written
};

class FakeStoreBody {
  public:
    // Asked before each commit that would be accepted; without it all go well.
    std::function<CommitFate(Term)> decide_fate;
    // Told of each accepted commit, after it was written.
    std::function<void(Term, const Commit&)> on_commit;
    // Told of each commit refused for an old term.
    std::function<void(Term)> on_fenced;
    // Changes a commit before it is written: planted defects only.
    std::function<void(Commit&)> tamper;
    bool keeps_events = false;  // needed by read_events alone; a long simulation goes without

    using RowKey = std::pair<Table, std::string>;
    const std::map<RowKey, std::string>& rows() const { return rows_; }
    const CommitMark& mark() const { return mark_; }
    std::uint64_t last_event() const { return last_event_; }

  private:
    friend class FakeStore;
    bool has_stale_event(const Commit& commit) const;  // event numbers are never reused
    void write(Term term, std::uint64_t seq, const Commit& commit);

    std::map<RowKey, std::string> rows_;
    std::vector<Event> events_;
    CommitMark mark_;
    Term leader_;
    std::uint64_t last_event_ = 0;
};

class FakeStore : public Store {
  public:
    explicit FakeStore(FakeStoreBody& body) : body_(body) {}

    Result<Term> lead() override;
    CommitOutcome commit(Term term, std::uint64_t seq, const Commit& commit) override;
    Result<CommitMark> last_commit() override;
    Status load(const std::function<Status(const RowChange&)>& row) override;
    Status read_events(std::uint64_t after, std::size_t limit,
                       const std::function<Status(const Event&)>& event) override;
    Status read_job_events(JobId job, std::uint64_t after, std::size_t limit,
                           const std::function<Status(const Event&)>& event) override;

    // The process behind this handle has crashed inside a commit: nothing answers any more.
    bool has_crashed() const { return crashed_; }

  private:
    CommitOutcome meet(CommitFate fate, Term term, std::uint64_t seq, const Commit& commit);

    FakeStoreBody& body_;
    bool crashed_ = false;
    int deaf_ = 0;  // that many read-backs get no answer
};

}  // namespace herder::sim
