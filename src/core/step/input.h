#pragma once
// Everything that can happen to the orchestrator, as values. The engine feeds them in batches; the
// same values, recorded, replay a real incident.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "core/checkpoints/checkpoint.h"
#include "core/cost_tracker/budget.h"
#include "core/cost_tracker/ledger.h"
#include "core/jobs/agent_messages.h"
#include "core/market/offer.h"
#include "core/provisioner/intent.h"
#include "core/provisioner/maintenance.h"
#include "core/provisioner/price_increase.h"

namespace herder {

// Names the caller that waits for a reply; 0: nobody waits.
using ReplyTo = std::uint64_t;

namespace input {

struct SubmitJob {
    static constexpr int kTag = 1;
    ReplyTo reply_to = 0;
    JobSpec spec;
    std::string client_key;  // unique per team over the job's whole life; empty: none
    std::string actor;
    bool dry_run = false;  // answers with the plan, changes nothing
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.spec);
        v(3, s.client_key);
        v(4, s.actor);
        v(5, s.dry_run);
    }
};
enum class JobVerb : int { kCancel = 1, kPause = 2, kResume = 3 };
struct ChangeJob {
    static constexpr int kTag = 2;
    ReplyTo reply_to = 0;
    JobId job;
    JobVerb verb = JobVerb::kCancel;
    std::string actor;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.job);
        v(3, s.verb);
        v(4, s.actor);
    }
};
enum class CheckpointVerb : int {
    kPin = 1,
    kUnpin = 2,
    kRemove = 3,
    kVerified = 4,  // a person's program has read and compared all of it
    kDamaged = 5,   // and found that it differs
};
struct ChangeCheckpoint {
    static constexpr int kTag = 7;
    ReplyTo reply_to = 0;
    CheckpointId checkpoint;
    CheckpointVerb verb = CheckpointVerb::kPin;
    std::string detail;  // what was found
    std::string actor;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.checkpoint);
        v(3, s.verb);
        v(4, s.detail);
        v(5, s.actor);
    }
};
struct SetBudgets {
    static constexpr int kTag = 3;
    ReplyTo reply_to = 0;
    std::vector<BudgetSpec> budgets;  // replaces all
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.budgets);
    }
};
// Somebody ends one machine by hand. A job that works on it moves to another one, and saves first
// where there is time.
struct EndMachine {
    static constexpr int kTag = 4;
    ReplyTo reply_to = 0;
    ContractId contract;
    bool now = false;  // without waiting for the job to save
    std::string actor;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.contract);
        v(3, s.now);
        v(4, s.actor);
    }
};
// Somebody takes a machine with our label that no rental is bound to, so that it is not destroyed.
struct AdoptMachine {
    static constexpr int kTag = 5;
    ReplyTo reply_to = 0;
    ContractId contract;
    std::string actor;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.contract);
        v(3, s.actor);
    }
};
// Ends every machine of ours at once, pauses every job and rents nothing; or allows renting again.
struct HoldRenting {
    static constexpr int kTag = 6;
    ReplyTo reply_to = 0;
    bool lift = false;
    std::string actor;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.lift);
        v(3, s.actor);
    }
};

// The agent redeems its one-time token. The shell has hashed both secrets.
struct AgentJoined {
    static constexpr int kTag = 10;
    ReplyTo reply_to = 0;
    IntentId intent;
    std::string token_hash;
    std::string session_hash;  // of the session key that the shell made for it
    ContractId contract;       // as the machine knows itself
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.intent);
        v(3, s.token_hash);
        v(4, s.session_hash);
        v(5, s.contract);
    }
};
// The report's recorded form is its JSON in protocol/; the core takes the struct.
struct AgentReported {
    static constexpr int kTag = 11;
    ReplyTo reply_to = 0;
    std::string session_hash;
    AgentReport report;
    template <class Self, class V>
    static void describe(Self& s, V& v);
};
// The connection on which an agent's report waited was cut. No evidence, but a reason to look, and
// the moment at which the machine stopped billing if it turns out to be gone.
struct AgentGone {
    static constexpr int kTag = 13;
    IntentId intent;
    std::string session_hash;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.intent);
        v(2, s.session_hash);
    }
};
// An outcome that the agent left in the artifact store before it went; read when a machine is lost.
struct OutcomeFound {
    static constexpr int kTag = 12;
    AttemptKey attempt;
    std::optional<AttemptOutcome> outcome;  // nothing: none is there
    template <class Self, class V>
    static void describe(Self& s, V& v);
};
// Price increases that wait for an answer.
struct IncreasesRead {
    static constexpr int kTag = 27;
    std::vector<PriceIncrease> increases;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.increases);
    }
};
// Every maintenance that is announced for the machines that were asked about.
struct MaintenancesRead {
    static constexpr int kTag = 29;
    std::vector<Maintenance> windows;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.windows);
    }
};
// The log of a machine whose container runs while no agent joins; empty where there is none.
struct BootLogRead {
    static constexpr int kTag = 26;
    IntentId intent;
    std::string log;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.intent);
        v(2, s.log);
    }
};

enum class CallOutcome : int { kDone = 1, kRefused = 2, kUnknown = 3 };

// The runner is about to write the create call on the wire.
struct CreateStarted {
    static constexpr int kTag = 20;
    IntentId intent;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.intent);
    }
};
struct CreateEnded {
    static constexpr int kTag = 21;
    IntentId intent;
    CallOutcome outcome = CallOutcome::kUnknown;
    ContractId contract;  // whenever the answer carries one, also with kRefused
    bool offer_gone = false;
    bool not_sent =
        false;  // the deadline passed (or the call was dropped) before anything was sent
    bool stop_all = false;  // key refused or out of credit: no other offer will help
    std::string detail;
    Duration retry_in;  // with not_sent: nothing leaves sooner
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.intent);
        v(2, s.outcome);
        v(3, s.contract);
        v(4, s.offer_gone);
        v(5, s.not_sent);
        v(6, s.stop_all);
        v(7, s.detail);
        v(8, s.retry_in);
    }
};
// Whatever the answer to a destroy: only absence in listings closes.
struct DestroyEnded {
    static constexpr int kTag = 22;
    IntentId intent;
    CallOutcome outcome = CallOutcome::kUnknown;
    std::string detail;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.intent);
        v(2, s.outcome);
        v(3, s.detail);
    }
};
// All machines of the account. `complete`: every page was read, parsed and consistent.
struct MachinesListed {
    static constexpr int kTag = 23;
    bool complete = false;
    Instant asked;  // when the first page was asked for
    std::vector<ListedMachine> machines;
    std::string detail;
    template <class Self, class V>
    static void describe(Self& s, V& v);
};
// Somebody outside says that something has happened at the provider. Never a fact, and nothing of
// it is believed: a reason to look soon.
struct ProviderHinted {
    static constexpr int kTag = 28;
    std::string why;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.why);
    }
};
struct OffersFound {
    static constexpr int kTag = 24;
    bool complete = false;  // false: the search failed, `offers` is to be ignored
    std::string gpu_name;   // of the search; empty: any
    int gpu_count = 0;
    std::vector<Offer> offers;
    std::string detail;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.complete);
        v(2, s.gpu_name);
        v(3, s.gpu_count);
        v(4, s.offers);
        v(5, s.detail);
    }
};
struct ChargesRead {
    static constexpr int kTag = 25;
    bool complete = false;
    Instant asked;
    std::vector<Charge> charges;      // owners are found by contract, or by label in `labels`
    std::vector<std::string> labels;  // parallel to charges; may be empty texts
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.complete);
        v(2, s.asked);
        v(3, s.charges);
        v(4, s.labels);
    }
};
// The manifest of a sealed checkpoint was written (or could not be).
struct ManifestWritten {
    static constexpr int kTag = 30;
    CheckpointId checkpoint;
    CallOutcome outcome = CallOutcome::kUnknown;  // refused: objects missing or wrong
    std::string manifest_sha256;
    std::string detail;
    bool verified = false;  // the store knows the checksums of all objects, and they are right
    // With kUnknown: the store has answered, with a no for which the checkpoint is not to blame.
    bool denied = false;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.checkpoint);
        v(2, s.outcome);
        v(3, s.manifest_sha256);
        v(4, s.detail);
        v(5, s.verified);
        v(6, s.denied);
    }
};
struct ObjectsDeleted {
    static constexpr int kTag = 31;
    CheckpointId checkpoint;
    CallOutcome outcome = CallOutcome::kUnknown;
    std::string detail = {};
    bool denied = false;  // with kUnknown, as above
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.checkpoint);
        v(2, s.outcome);
        v(3, s.detail);
        v(4, s.denied);
    }
};

// A job that another database knew, as the artifact store tells it.
struct FoundJob {
    JobId id;
    JobSpec spec;
    WallTime submitted;
    Fence fence;                            // the highest that left anything
    std::vector<Checkpoint> checkpoints;    // committed ones
    std::optional<AttemptOutcome> outcome;  // of that attempt, where it left one
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.id);
        v(2, s.spec);
        v(3, s.submitted);
        v(4, s.fence);
        v(5, s.checkpoints);
        v(6, s.outcome);
    }
};
// After the database was lost, or an old one was put back. Of jobs that are known those checkpoints
// are taken up that are newer than all that is known of them.
struct JobsFound {
    static constexpr int kTag = 32;
    ReplyTo reply_to = 0;
    std::vector<FoundJob> jobs;
    std::string actor;
    // Of all that left anything there, taken up or not.
    JobId highest = {};
    CheckpointId highest_checkpoint = {};
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.reply_to);
        v(2, s.jobs);
        v(3, s.actor);
        v(4, s.highest);
        v(5, s.highest_checkpoint);
    }
};
// What the store holds of a job that is about to begin an attempt.
struct RunSeen {
    static constexpr int kTag = 33;
    JobId job;
    bool is_empty = true;  // nothing at all is there
    Fence fence;           // the highest that left anything; 0: none above the job's own was seen
    CheckpointId highest;  // of its checkpoints, visible or not
    std::vector<std::string> manifests;  // the names of those that are visible there
    CheckpointId gone;  // the one that was asked about, if its manifest is not there
    // When the job was submitted whose sealed record is there; 0: there is none, or none that can
    // be believed. Looked for only where no attempt of the job is known.
    WallTime submitted;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.job);
        v(2, s.is_empty);
        v(3, s.fence);
        v(4, s.highest);
        v(5, s.manifests);
        v(6, s.gone);
        v(7, s.submitted);
    }
};
// The store did not say what it holds of the job.
struct RunLookFailed {
    static constexpr int kTag = 34;
    JobId job;
    bool denied = false;  // it has answered, with a no that only a person can change
    std::string detail;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.job);
        v(2, s.denied);
        v(3, s.detail);
    }
};

// This process leads from now on: what was on the wire is unknown, leases get a grace, and nothing
// is rented before a complete listing.
struct LeadershipGained {
    static constexpr int kTag = 40;
    Term term;
    Duration downtime;      // clamped; already inside `now`
    bool in_doubt = false;  // read off a wall clock that may have been set meanwhile
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.term);
        v(2, s.downtime);
        v(3, s.in_doubt);
    }
};
struct TimerFired {
    static constexpr int kTag = 41;
    template <class Self, class V>
    static void describe(Self&, V&) {}
};

}  // namespace input

using InputBody =
    std::variant<input::TimerFired, input::SubmitJob, input::ChangeJob, input::ChangeCheckpoint,
                 input::SetBudgets, input::EndMachine, input::AdoptMachine, input::HoldRenting,
                 input::AgentJoined, input::AgentReported, input::AgentGone, input::OutcomeFound,
                 input::CreateStarted, input::CreateEnded, input::DestroyEnded,
                 input::MachinesListed, input::ProviderHinted, input::OffersFound,
                 input::ChargesRead, input::BootLogRead, input::IncreasesRead,
                 input::MaintenancesRead, input::ManifestWritten, input::ObjectsDeleted,
                 input::JobsFound, input::RunSeen, input::RunLookFailed, input::LeadershipGained>;

// One input with the time and the random draw that it is to be decided with.
struct Input {
    Instant now;
    WallTime wall;
    std::uint64_t draw = 0;  // fresh secret randomness: tokens, jitter
    InputBody body;
};

}  // namespace herder
