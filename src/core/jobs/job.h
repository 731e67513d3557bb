#pragma once
// A job and its life cycle: queued -> placing -> running -> succeeded | failed | cancelled, with
// recovering (placing again) and paused in between. One struct per phase, with that phase's data.
#include <optional>
#include <string>
#include <variant>

#include "base/id.h"
#include "base/money.h"
#include "base/time.h"
#include "core/jobs/reason.h"
#include "core/jobs/spec.h"

namespace herder {

namespace phase {

struct Queued {
    static constexpr int kTag = 1;
    Instant since;
    std::string waiting_for;  // the stated, current reason, in words
    bool operator==(const Queued&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.waiting_for);
    }
};
// An attempt is being placed: its machine is asked for, unknown, or booting.
struct Placing {
    static constexpr int kTag = 2;
    Fence fence;
    bool operator==(const Placing&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.fence);
    }
};
struct Running {
    static constexpr int kTag = 3;
    Fence fence;
    bool operator==(const Running&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.fence);
    }
};
// Lost its machine; waits (with backoff) to be placed again.
struct Recovering {
    static constexpr int kTag = 4;
    Instant since;
    Instant not_before;
    EndReason why = EndReason::kHostLost;
    std::string waiting_for;
    bool operator==(const Recovering&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.not_before);
        v(3, s.why);
        v(4, s.waiting_for);
    }
};
struct Paused {
    static constexpr int kTag = 5;
    Instant since;
    bool operator==(const Paused&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
    }
};
struct Succeeded {
    static constexpr int kTag = 6;
    Instant at;
    bool operator==(const Succeeded&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
    }
};
struct Failed {
    static constexpr int kTag = 7;
    Instant at;
    EndReason reason = EndReason::kUserError;
    std::string detail;
    bool operator==(const Failed&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
        v(2, s.reason);
        v(3, s.detail);
    }
};
struct Cancelled {
    static constexpr int kTag = 8;
    Instant at;
    bool operator==(const Cancelled&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.at);
    }
};

}  // namespace phase

using JobPhase = std::variant<phase::Queued, phase::Placing, phase::Running, phase::Recovering,
                              phase::Paused, phase::Succeeded, phase::Failed, phase::Cancelled>;

// The stable word: "queued", "placing", ...
const char* to_string(const JobPhase& phase);
bool is_terminal(const JobPhase& phase);
// Waits for a machine: queued or recovering.
bool is_waiting(const JobPhase& phase);
// Has a live attempt: placing or running.
bool is_active(const JobPhase& phase);

// A wish to stop that has been accepted but not yet carried out; survives restarts.
struct StopRequest {
    EndReason reason = EndReason::kCancelled;  // cancelled, paused, budget or max_duration
    Instant since;
    std::string actor;
    bool operator==(const StopRequest&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reason);
        v(2, s.since);
        v(3, s.actor);
    }
};

struct Job {
    JobId id;
    JobSpec spec;
    std::string client_key;  // idempotency key of the submit, unique per team
    Instant submitted;
    WallTime submitted_wall;
    JobPhase phase;
    Fence fence;  // of the newest attempt; 0 before the first
    std::optional<StopRequest> stop;
    int user_restarts = 0;         // of recovery.max_restarts_on_errors
    int infra_losses = 0;          // in a row without progress, for backoff
    Duration ran;                  // running time of the attempts that ended
    std::uint64_t commit_seq = 0;  // of the newest committed checkpoint
    std::int64_t best_step = 0;    // highest training step reported
    Instant ended;
    WallTime ended_wall;

    bool operator==(const Job&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.id);
        v(2, s.spec);
        v(3, s.client_key);
        v(4, s.submitted);
        v(5, s.submitted_wall);
        v(6, s.phase);
        v(7, s.fence);
        v(8, s.stop);
        v(9, s.user_restarts);
        v(10, s.infra_losses);
        v(11, s.ran);
        v(12, s.commit_seq);
        v(13, s.best_step);
        v(14, s.ended);
        v(15, s.ended_wall);
    }
};

}  // namespace herder
