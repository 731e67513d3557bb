#pragma once
// A published state of a job. Its objects are uploaded by the agent; it becomes visible only when
// the orchestrator has written its manifest and committed its row under the attempt's fence.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "core/jobs/agent_messages.h"
#include "core/jobs/attempt.h"

namespace herder {

enum class CheckpointState : int {
    kUploading = 1,   // granted; objects are on their way
    kCommitting = 2,  // sealed; the manifest is being written
    kCommitted = 3,   // visible, may be resumed from
    kAborted = 4,     // refused, fenced or given up: objects may be deleted
    kDeleting = 5,    // retired by retention: objects are being deleted
    kDeleted = 6,
};
const char* to_string(CheckpointState state);

struct Checkpoint {
    CheckpointId id;
    AttemptKey attempt;
    IntentId intent;
    std::uint64_t local_seq = 0;  // the agent's number for it
    std::int64_t step = 0;
    CheckpointKind kind = CheckpointKind::kPeriodic;
    std::string name;     // <step:012>-a<fence:06>-<id>, unique in the job
    CheckpointId parent;  // what its attempt restored, or its own previous commit; 0: none
    std::vector<CheckpointFile> files;
    std::map<std::string, std::string> metrics;
    CheckpointState state = CheckpointState::kUploading;
    std::uint64_t commit_seq = 0;  // order of commits within the job
    std::string manifest_sha256;   // hex
    bool quarantined = false;      // damaged, two machines or a person say: never resumed from
    Instant created;
    Instant committed;
    WallTime committed_wall;
    Instant retired;        // aborted or retired by retention
    bool pinned = false;    // by a person: retention leaves it alone
    bool verified = false;  // the store, a restore or a person has compared all of it
    IntentId doubted_by;    // the machine that could not restore it, first of two; 0: none
    int asks = 0;           // how often its commit was asked for in vain, or its deletion denied
    Instant asked_since;    // the first of these
    Instant denied_since;   // the first of those that were all answered with a no; unset: none was
    std::string trouble;    // why the store has not committed or deleted it, at the last try

    bool operator==(const Checkpoint&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.id);
        v(2, s.attempt.job);
        v(3, s.attempt.fence);
        v(4, s.intent);
        v(5, s.local_seq);
        v(6, s.step);
        v(7, s.kind);
        v(8, s.name);
        v(9, s.parent);
        v(10, s.files);
        v(11, s.metrics);
        v(12, s.state);
        v(13, s.commit_seq);
        v(14, s.manifest_sha256);
        v(15, s.quarantined);
        v(16, s.created);
        v(17, s.committed);
        v(18, s.committed_wall);
        v(19, s.retired);
        v(20, s.pinned);
        v(21, s.verified);
        v(22, s.doubted_by);
        v(23, s.asks);
        v(24, s.asked_since);
        v(25, s.denied_since);
        v(26, s.trouble);
    }
};

std::string make_checkpoint_name(std::int64_t step, Fence fence, CheckpointId id);
struct CheckpointName {
    std::int64_t step = 0;
    Fence fence;
    CheckpointId id;
    bool operator==(const CheckpointName&) const = default;
};
// Nothing where the text was not made so.
std::optional<CheckpointName> parse_checkpoint_name(const std::string& text);

// The committed ones in order of their commits, the newest first.
std::vector<const Checkpoint*> newest_first(const std::vector<const Checkpoint*>& of_one_job);

// Neither damaged nor in doubt.
bool is_trusted(const Checkpoint& checkpoint);

// The newest committed checkpoint (highest commit_seq) that is not quarantined and that `may_be`
// accepts, if it is given; or null.
const Checkpoint* choose_resume(const std::vector<const Checkpoint*>& of_one_job,
                                const std::function<bool(const Checkpoint&)>& may_be = {});

// Why this offer of an agent cannot be accepted (bad path, too many files, too large), or empty.
std::string find_offer_fault(const CheckpointOffer& offer);

}  // namespace herder
