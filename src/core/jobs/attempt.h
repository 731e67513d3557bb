#pragma once
// An attempt: one try of a job on machines, under a strictly increasing fence. Its members hold one
// machine each; a job on one machine has one member.
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "core/jobs/reason.h"

namespace herder {

// Key of an attempt: the job and its fence.
struct AttemptKey {
    JobId job;
    Fence fence;
    auto operator<=>(const AttemptKey&) const = default;
};

namespace attempt_phase {

// A machine is being asked for; members' intents say how far.
struct Placing {
    static constexpr int kTag = 1;
    Instant since;
    int refusals = 0;
    bool operator==(const Placing&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.refusals);
    }
};
// The machine exists; its agent has not joined yet.
struct Booting {
    static constexpr int kTag = 2;
    Instant since;
    bool operator==(const Booting&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
    }
};
struct Running {
    static constexpr int kTag = 3;
    Instant since;
    bool operator==(const Running&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
    }
};
// Told to save and leave; ends by its outcome or at the deadline.
struct Stopping {
    static constexpr int kTag = 4;
    Instant since;
    Instant deadline;
    EndReason reason = EndReason::kCancelled;
    // With a reason of the infrastructure: the agent is asked to save because the machine will go.
    // Otherwise such a reason means that the machine is gone already.
    bool moves = false;
    bool operator==(const Stopping&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.deadline);
        v(3, s.reason);
        v(4, s.moves);
    }
};
struct Ended {
    static constexpr int kTag = 5;
    Instant at;
    EndReason reason = EndReason::kHostLost;
    std::string detail;
    bool operator==(const Ended&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
        v(2, s.reason);
        v(3, s.detail);
    }
};

}  // namespace attempt_phase

using AttemptPhase =
    std::variant<attempt_phase::Placing, attempt_phase::Booting, attempt_phase::Running,
                 attempt_phase::Stopping, attempt_phase::Ended>;

const char* to_string(const AttemptPhase& phase);

struct AttemptMember {
    int rank = 0;
    IntentId intent;  // the current one; refused ones before it are found by job and fence
    bool operator==(const AttemptMember&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.rank);
        v(2, s.intent);
    }
};

struct Attempt {
    JobId job;
    Fence fence;
    int number = 1;  // 1 for the job's first
    std::vector<AttemptMember> members;
    AttemptPhase phase;
    Instant created;
    WallTime created_wall;
    std::optional<Instant> started;  // the job's command began (or resumed) to run
    std::optional<CheckpointId> resumed_from;
    std::int64_t resumed_step = 0;
    std::int64_t step = 0;  // newest reported
    std::optional<int> exit_code;
    WallTime ended_wall;
    std::optional<Instant> admitted;  // the machine passed its test (or may run without)

    AttemptKey key() const { return {job, fence}; }
    bool is_live() const { return !std::holds_alternative<attempt_phase::Ended>(phase); }
    bool operator==(const Attempt&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.job);
        v(2, s.fence);
        v(3, s.number);
        v(4, s.members);
        v(5, s.phase);
        v(6, s.created);
        v(7, s.created_wall);
        v(8, s.started);
        v(9, s.resumed_from);
        v(10, s.resumed_step);
        v(11, s.step);
        v(12, s.exit_code);
        v(13, s.ended_wall);
        v(14, s.admitted);
    }
};

}  // namespace herder
