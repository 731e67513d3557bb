#pragma once
// The durable state: rows, the event log and the leader's term, committed together or not at all.
// Contract in tests/conformance/store_conformance.h; every adapter passes it.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "core/step/output.h"

namespace herder {

// A moment on the monotonic clock of one boot of one machine; comparable within that boot only.
struct BootMoment {
    std::string boot_id;  // Clock::boot_id; empty: unknown
    Instant at;
};

struct Commit {
    std::vector<RowChange> changes;
    std::vector<Event> events;
    Instant logical_now;  // persisted, so that a restart continues the logical clock
    WallTime wall;
    BootMoment moment;  // the same moment on the monotonic clock
};

enum class CommitOutcome {
    kCommitted,
    kFenced,   // another leader has taken over: step down at once
    kUnknown,  // the answer was lost; read back with `last_commit` before going on
    kFailed,   // nothing was written (disk full, for example); the same commit may be tried again
};

struct CommitMark {
    Term term;
    std::uint64_t seq = 0;  // of the newest commit
    Instant logical_now;
    WallTime wall;
    BootMoment moment;
};

class Store {
  public:
    virtual ~Store() = default;

    // Takes the lead: a new term, greater than every one before. Refused while another live process
    // holds it, where the store can tell.
    virtual Result<Term> lead() = 0;

    // One transaction: everything in `commit`, under `term`. `seq` is the number of this commit,
    // exactly one above the newest; a repeated seq that is already there counts as committed.
    virtual CommitOutcome commit(Term term, std::uint64_t seq, const Commit& commit) = 0;

    virtual Result<CommitMark> last_commit() = 0;

    // Streams all rows, any order.
    virtual Status load(const std::function<Status(const RowChange&)>& row) = 0;

    // Streams events with seq > after in order, at most `limit`.
    virtual Status read_events(std::uint64_t after, std::size_t limit,
                               const std::function<Status(const Event&)>& event) = 0;
    // Streams the events of one job (without row images), in order.
    virtual Status read_job_events(JobId job, std::uint64_t after, std::size_t limit,
                                   const std::function<Status(const Event&)>& event) = 0;
};

}  // namespace herder
