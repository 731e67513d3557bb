#pragma once
// The one owner of the orchestrator's state: takes inputs in batches, lets the core decide, commits
// under the leader's term, and only then lets replies and effects out. Synchronous: it runs when
// its owner pumps it, in the server's engine thread or in the simulator's virtual time.
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "core/step/core.h"
#include "engine/effect_runner.h"
#include "engine/input_queue.h"
#include "engine/logical_clock.h"
#include "ports/clock.h"
#include "ports/entropy.h"
#include "ports/store.h"

namespace herder {

class InputRecorder;

struct EngineOptions {
    std::size_t commands_max = 20'000;  // waiting submits, changes and joins; more are refused
    std::size_t batch_max = 1'000;      // inputs decided and committed together
    Duration persist_clock_every = minutes(1);
    Duration retry_first = milliseconds(100);  // of a commit that failed; doubles
    Duration retry_max = seconds(10);

    // All are called on the pumping thread, and none may pump.
    std::function<void(Reply)> on_reply;              // after the commit
    std::function<void(const Output&)> on_committed;  // before replies and effects go out
    InputRecorder* recorder = nullptr;                // outlives the engine
};

struct EngineStats {
    std::uint64_t inputs = 0;
    std::uint64_t steps = 0;
    std::uint64_t commits = 0;
    std::uint64_t failed_commits = 0;
    std::uint64_t unknown_commits = 0;
};

// An output that waits for its commit.
struct PendingOutput {
    Output output;  // without changes and events, which are in the commit
    Commit commit;
    bool is_unknown = false;  // the store may have it: read back before trying again
    Instant retry_at;         // monotonic
    Duration backoff;
};

class Engine {
  public:
    Engine(Core& core, Store& store, Clock& clock, Entropy& entropy, EffectRunner& effects,
           EngineOptions options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Takes the lead, loads all rows into the core (which must be new), continues the logical clock
    // and queues LeadershipGained. Once per object: after an error or a lost lead make a new Core
    // and a new Engine.
    Status start();

    // Any thread. kRateLimited: too many commands wait (never for reports and results of calls).
    // kUnavailable: not started, or no longer leading. Nobody is called back for a refused input.
    Status post(InputBody body);

    // Decides and commits one batch, or retries the commit that is still open, if it is due.
    // True if it did something: call again; false: nothing to do before `wake_at` or a post.
    bool pump();

    // When to pump at the latest, on the port's monotonic clock (not the logical one); in the past
    // if something is to be done now; kNever once the lead is lost.
    Instant wake_at() const;

    // Any thread. False before start, and for ever after another leader has fenced us.
    bool is_leading() const { return leading_; }
    // A commit is open: state is ahead of the store, replies and effects wait.
    bool is_committing() const { return pending_.has_value(); }
    Term term() const { return term_; }
    Instant logical_now() { return logical_.now(); }
    const EngineStats& stats() const { return stats_; }
    std::size_t queued() const { return queue_.size(); }

  private:
    Status load_rows();
    bool step_batch(Instant now);
    void open_commit(Output output, Instant now);
    bool try_commit();
    CommitOutcome resolve_unknown();
    void postpone();
    void release(Output output, Instant now);
    void step_down();
    void answer_superseded();
    void answer(ReplyTo to, const Error& error);

    Core& core_;
    Store& store_;
    Clock& clock_;
    Entropy& entropy_;
    EffectRunner& effects_;
    const EngineOptions options_;
    LogicalClock logical_;
    InputQueue queue_;
    EngineStats stats_;
    std::atomic<bool> leading_{false};  // other threads may look
    Term term_;
    std::uint64_t seq_ = 0;       // of the newest commit
    Instant persisted_;           // logical time of the newest commit
    Instant core_wake_ = kNever;  // logical
    std::optional<PendingOutput> pending_;
};

}  // namespace herder
