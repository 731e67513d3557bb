#pragma once
// The live state of the orchestrator: the stored rows, in ordered containers, and what can be
// rebuilt from them. Only the core writes to it.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/checkpoints/checkpoint.h"
#include "core/cost_tracker/budget.h"
#include "core/cost_tracker/ledger.h"
#include "core/job_queue/ready_queue.h"
#include "core/jobs/attempt.h"
#include "core/jobs/job.h"
#include "core/market/offer.h"
#include "core/provisioner/admission.h"
#include "core/provisioner/boot_time.h"
#include "core/provisioner/intent.h"
#include "core/step/budget_tally.h"

namespace herder {

// A machine with our label and without a rental that somebody wants to keep: it is listed and
// counted, and nothing ends it but a person.
struct AdoptedMachine {
    std::string label;
    std::string actor;
    WallTime since;
    Instant since_logical;
    UsdPerHour rate{};
    int absent_lists = 0;  // in a row
    bool operator==(const AdoptedMachine&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.label);
        v(2, s.actor);
        v(3, s.since);
        v(4, s.since_logical);
        v(5, s.rate);
        v(6, s.absent_lists);
    }
};
// Nothing is rented until somebody lifts it.
struct RentingHold {
    std::string actor;  // empty: there is no hold
    WallTime since;
    bool operator==(const RentingHold&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.actor);
        v(2, s.since);
    }
};

// Singletons, one row.
struct Meta {
    std::uint64_t next_job = 1;
    std::uint64_t next_intent = 1;
    std::uint64_t next_checkpoint = 1;
    std::uint64_t next_event = 1;
    std::vector<BudgetSpec> budgets;
    std::map<std::int64_t, Instant> avoided_machines;  // machine -> until
    BootRecords boots;                                 // how long images took to come up
    LinkRecord fastest;                                // between storage and machines
    std::map<ContractId, AdoptedMachine> adopted;
    RentingHold hold;

    bool operator==(const Meta&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.next_job);
        v(2, s.next_intent);
        v(3, s.next_checkpoint);
        v(4, s.next_event);
        v(5, s.budgets);
        v(6, s.avoided_machines);
        v(7, s.boots);
        v(8, s.fastest);
        v(9, s.adopted);
        v(10, s.hold);
    }
};

// Of a machine that some agent speaks for: renewed in memory, not stored.
struct Lease {
    Instant heard;  // newest report
    Instant gone;   // its connection was cut after it was heard; 0: it was not
    Instant until;  // heard + lease
    std::uint64_t sequence = 0;
    AgentPhase phase = AgentPhase::kJoined;
    std::int64_t step = 0;
    MachineHealth health;
    std::set<std::string> refusals_told;  // why checkpoints were not taken
};

// The answer to the newest search of one kind of machine.
struct OfferShelf {
    Instant found;
    Instant asked;
    bool asking = false;
    std::vector<Offer> offers;
};

struct MaintenanceWindow {
    Instant begins;
    Instant ends;
};

// What the newest complete listing said, and how the provider's API is doing.
struct ProviderView {
    Instant asked;  // start of the newest complete listing; 0: none since we lead
    Instant tried;
    bool asking = false;
    Instant hinted;  // somebody gave a reason to look; 0: nobody has since the newest listing began
    int failures_in_a_row = 0;
    bool has_complete = false;  // since this process leads
    Instant blocked_until;      // no renting before: key refused, out of credit
    std::string blocked_why;
    std::map<ContractId, ListedMachine> machines;
    std::map<ContractId, ListedMachine> foreign;  // not ours: reported, never touched
    std::map<ContractId, ListedMachine> unowned;  // ours by label, no rental is bound to them
    // Waits for its GPUs, or is offline, in every listing since.
    std::map<ContractId, Instant> odd_since;
    std::map<std::int64_t, std::vector<MaintenanceWindow>> maintenances;  // by machine
};

// What was seen of a waiting job in the artifact store, for its next attempt.
struct RunLook {
    Instant asked;
    int asks = 0;      // since the job waits; the more, the less often
    int failures = 0;  // in a row
    bool is_denied = false;
    std::string why;  // of the newest failure
    bool is_seen = false;
    bool is_taken = false;   // another job's files are there, under this one's number
    bool is_behind = false;  // checkpoints are there that are newer than what is known
    bool is_bare = false;    // nothing at all is there, although checkpoints were committed
    Fence fence;             // the highest that left anything
};

struct State {
    Meta meta;
    std::map<JobId, Job> jobs;
    std::map<AttemptKey, Attempt> attempts;
    std::map<IntentId, Intent> intents;
    std::map<CheckpointId, Checkpoint> checkpoints;
    Ledger ledger;

    // Rebuilt from the rows.
    std::map<std::pair<std::string, std::string>, JobId> by_client_key;  // (team, key)
    std::map<JobId, std::set<CheckpointId>> checkpoints_of;
    std::map<JobId, std::set<IntentId>> intents_of;
    std::set<IntentId> open_intents;  // not is_over
    std::map<ContractId, IntentId> by_contract;
    std::set<JobId> active_jobs;  // not terminal
    ReadyQueue ready;             // jobs that wait for a machine
    std::map<std::pair<IntentId, std::uint64_t>, CheckpointId> by_local_seq;
    std::set<CheckpointId> open_checkpoints;  // uploading, committing, or objects to delete
    std::set<AttemptKey> live_attempts;

    BudgetTally tally;  // what has counted against each budget so far

    // In memory only.
    std::map<IntentId, Lease> leases;
    std::map<std::pair<std::string, int>, OfferShelf> offers;  // (gpu name, count)
    std::map<std::int64_t, Instant> avoided_asks;              // refused a moment ago -> until
    std::map<ContractId, Instant> strays;   // ours by label, no intent: first seen
    std::map<IntentId, Instant> boot_logs;  // when to read a silent machine's log next
    Instant notices_asked;
    Instant notices_due;                    // 0: nothing is rented of which there could be any
    std::set<std::int64_t> increases_told;  // that people were told of
    Instant next_create;                    // pacing of create calls
    std::map<JobId, RunLook> run_looks;     // of jobs that wait for a machine
    Instant charges_asked;
    Instant charges_read;  // start of the newest complete reading
    ProviderView provider;
    Term term;
    Instant leads_since;
    bool downtime_in_doubt = false;  // more may seem to have passed before we lead than did
};

}  // namespace herder
