#pragma once
// Everything that the core decides, as values: rows to store, events to append, effects to carry
// out after the commit, replies to hand back, and when it wants to be woken.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "core/checkpoints/checkpoint.h"
#include "core/jobs/agent_messages.h"
#include "core/market/ranking.h"
#include "core/provisioner/intent.h"
#include "core/step/input.h"

namespace herder {

// Tables of the store. Keys order as text.
enum class Table : int {
    kMeta = 1,  // singletons: counters, logical clock, budgets
    kJob = 2,
    kAttempt = 3,
    kIntent = 4,
    kCheckpoint = 5,
    kCharge = 6,
};
const char* to_string(Table table);

// Replaces (or, with no record, removes) one row.
struct RowChange {
    Table table = Table::kMeta;
    std::string key;
    std::optional<std::string> record;  // base/record.h form
    bool operator==(const RowChange&) const = default;
};

// A fact for people and for replay. `row` events carry the after-image of a row; folding them in
// order gives the tables.
struct Event {
    std::uint64_t seq = 0;  // assigned by the core, dense
    int version = 1;
    Instant at;
    WallTime wall;
    std::string kind;     // "job.submitted", "attempt.ended", ... or "row"
    JobId job;            // 0: none
    std::string subject;  // "j42", "i7", ...
    std::vector<std::pair<std::string, std::string>> fields;
    std::optional<RowChange> row;
};

namespace effect {

// Exactly one HTTP attempt, and only while now < send_before and the term still leads.
struct CreateMachine {
    Intent intent;
    JobId job;
    std::string image;
    std::string join_token;  // secret, exists only here and on the machine
};
struct DestroyMachine {
    IntentId intent;
    ContractId contract;
    UsdPerHour rate{};  // what it costs: the dearest goes first
};
struct ListMachines {};
struct SearchOffers {
    std::string gpu_name;
    int gpu_count = 1;
    Bytes disk;
    bool interruptible = false;
    bool on_demand = false;
};
// The end of the machine's log, to learn why no agent joins.
struct ReadBootLog {
    IntentId intent;
    ContractId contract;
};
struct ReadIncreases {};
struct ReadMaintenances {
    std::vector<std::int64_t> machines;  // of the rentals that are live
};
// May be repeated: an increase that was answered is gone.
struct AnswerIncrease {
    std::int64_t increase = 0;
    bool accept = false;
};
struct ReadCharges {
    std::int64_t from_day = 0;
    std::int64_t to_day = 0;
};
// Verify that all objects are there with the right size and checksum, then write the manifest.
struct WriteManifest {
    Checkpoint checkpoint;
    std::uint64_t commit_seq = 0;  // that it will get
    std::string team;              // part of the store's keys, as below
};
struct DeleteObjects {
    Checkpoint checkpoint;
    std::string team;
};
// Read the outcome that the agent may have left in the artifact store.
struct FindOutcome {
    AttemptKey attempt;
    std::string team;
};

// Look what the store holds of a job before an attempt begins: a database that was put back from a
// backup knows less than is there.
struct LookAtRun {
    JobId job;
    Fence fence;  // of its newest attempt
    std::string team;
    std::optional<Checkpoint> resume;  // what the attempt would go on from
};

}  // namespace effect

using Effect = std::variant<effect::CreateMachine, effect::DestroyMachine, effect::ListMachines,
                            effect::SearchOffers, effect::ReadBootLog, effect::ReadIncreases,
                            effect::ReadMaintenances, effect::AnswerIncrease, effect::ReadCharges,
                            effect::WriteManifest, effect::DeleteObjects, effect::FindOutcome,
                            effect::LookAtRun>;

namespace reply {

struct Submitted {
    JobId job;
    bool existed = false;         // the client key was seen before
    std::optional<Ranking> plan;  // for a dry run, from the offers at hand
};
struct Changed {
    JobId job;
};
struct Joined {
    AttemptKey attempt;
};
struct Orders {
    AgentOrders orders;
};

struct MachineEnded {
    JobId job;           // that works on it; 0: none
    bool saves = false;  // the job is asked to save first
    Duration patience;   // then the machine goes at the latest
};
struct RentingHeld {
    int machines = 0;           // that are being ended
    std::vector<JobId> paused;  // by this call
};

}  // namespace reply

using ReplyBody = std::variant<reply::Submitted, reply::Changed, reply::Joined, reply::Orders,
                               reply::MachineEnded, reply::RentingHeld>;

struct Reply {
    ReplyTo to = 0;
    Result<ReplyBody> body = internal("no reply was made");
};

struct Output {
    std::vector<RowChange> changes;
    std::vector<Event> events;
    std::vector<Effect> effects;
    std::vector<Reply> replies;
    Instant wake_at = kNever;  // feed TimerFired then
};

}  // namespace herder
