#pragma once
// The parts of one step, each in its own file. They read and change the state through Work only,
// and call each other where one decision leads to the next.
#include "core/monitor/witness.h"
#include "core/step/work.h"

namespace herder {

// jobs_step.cpp: what users ask for.
void on_submit(Work& work, const input::SubmitJob& in);
void on_change(Work& work, const input::ChangeJob& in);
void on_budgets(Work& work, const input::SetBudgets& in);
// Asks a running attempt to save and leave; ends one that has no agent yet at once.
void request_stop(Work& work, JobId job, EndReason reason, const std::string& actor);

// machines_step.cpp: what users ask for of machines.
void on_end_machine(Work& work, const input::EndMachine& in);
void on_adopt_machine(Work& work, const input::AdoptMachine& in);
void on_hold_renting(Work& work, const input::HoldRenting& in);

// attempts_step.cpp: the life of an attempt.
// Ends the attempt, closes its machines and decides what becomes of the job.
void end_attempt(Work& work, AttemptKey key, EndReason reason, const std::string& detail);
// Written off: looks for an outcome in the artifact store first, if the job was running.
void lose_attempt(Work& work, AttemptKey key, EndReason reason, const std::string& detail);
void on_outcome_found(Work& work, const input::OutcomeFound& in);
void sweep_attempts(Work& work);

// placing_step.cpp: from a waiting job to a planned intent.
void on_offers(Work& work, const input::OffersFound& in);
void place_waiting(Work& work);
// What a waiting job waits for, in words.
void set_waiting(Work& work, JobId id, const std::string& what);
// Pacing of create calls: arms planned intents when the provider's minimum interval allows.
void arm_planned(Work& work);
// A rental of this number was made by a database that was lost: the label of a new one must differ.
void pass_over(Work& work, IntentId id);

// intents_step.cpp: from the call to the machine's end.
void on_create_started(Work& work, const input::CreateStarted& in);
void on_create_ended(Work& work, const input::CreateEnded& in);
void on_destroy_ended(Work& work, const input::DestroyEnded& in);
void bind_machine(Work& work, Intent& intent, ContractId contract);
void close_intent(Work& work, Intent& intent, const std::string& why);
// The provider said no: counts against the attempt's refusals.
void refuse_intent(Work& work, Intent& intent, const std::string& why);
// Nobody was asked: the plan is merely not acted on.
void drop_plan(Work& work, Intent& intent, const std::string& why);
void sweep_intents(Work& work);

// listing_step.cpp: what the provider says is there.
void on_listed(Work& work, const input::MachinesListed& in);
void on_hint(Work& work, const input::ProviderHinted& in);
void sweep_listing(Work& work);

// agents_step.cpp: what agents say.
// Written off without a word: what it left in the artifact store says how it ended.
bool is_looking_for_outcome(const Attempt& attempt);
void on_joined(Work& work, const input::AgentJoined& in);
void on_gone(Work& work, const input::AgentGone& in);
void on_reported(Work& work, const input::AgentReported& in);
void sweep_leases(Work& work);

// boot_step.cpp: from the rent call's answer to the agent.
// Notes that a machine has come further; never back.
void advance_boot(Work& work, Intent& intent, BootStage stage);
// How long its agent may take to join.
Duration join_deadline_of(const Work& work, const Intent& intent);
void learn_from_boot(Work& work, const Intent& intent);
// What a listing says of a machine that is ours; acts only on one whose agent has not joined.
void watch_boot(Work& work, Intent& intent, const ListedMachine& machine);
void on_boot_log(Work& work, const input::BootLogRead& in);
void sweep_boot_log(Work& work, Intent& intent, const rent::Bound& bound);

// admission_step.cpp: is the machine what was offered?
// False: `orders` say what to measure, or the machine has just been given back.
bool is_admitted(Work& work, Intent& intent, Attempt& attempt, const AgentReport& report,
                 AgentOrders& orders);
// For people: what a machine cost that brought nothing.
void tell_given_back(Work& work, const Attempt& attempt, EndReason reason, const std::string& why);

// moves_step.cpp: leaving before the machine leaves us.
// Asks a running attempt to save and leave; its job goes on elsewhere. Returns when it is over at
// the latest.
Duration move_attempt(Work& work, Attempt& attempt, EndReason reason, Duration left);
ProviderWord word_for(const Work& work, const Intent& intent, const ListedMachine& machine);
void sweep_moves(Work& work);
void on_increases(Work& work, const input::IncreasesRead& in);
void on_maintenances(Work& work, const input::MaintenancesRead& in);
// A reason to look soon at what hosts announce.
void hint_notices(Work& work);

// checkpoints_step.cpp
// A checkpoint of this machine's could not be taken: once for each reason, while it is leased.
void tell_refusal(Work& work, const Intent& intent, const std::string& reason);
// Handles the offer of a report and fills in what the orders say of checkpoints.
void handle_offer(Work& work, const Intent& intent, const std::optional<CheckpointOffer>& offer,
                  AgentOrders& orders);
void on_change_checkpoint(Work& work, const input::ChangeCheckpoint& in);
void on_manifest(Work& work, const input::ManifestWritten& in);
// It is known to be damaged: never resumed from again. What was retired because of it is kept.
void quarantine(Work& work, CheckpointId id, const std::string& why);
// A machine could not restore it. It may be the machine's own fault: only a second one's word sets
// the checkpoint aside. What was retired because of it is kept meanwhile.
void doubt(Work& work, CheckpointId id, const Intent& machine);
// The machine of this rental has said so.
bool is_doubted_by(const State& state, const Checkpoint& checkpoint, const Intent& machine);
// What an attempt was uploading when it ended becomes visible if all of it has arrived.
void seal_uploads(Work& work, AttemptKey attempt);
// What retention would retire now by these rules. For readers of the state, too.
std::vector<CheckpointId> retention_choice(const State& state, JobId job,
                                           const CheckpointSpec& rules);
// What the job's next attempt goes on from: its own newest good one, else that of another job which
// its spec names; null: from nothing. Less what failed on this machine, if it is given.
const Checkpoint* resume_choice(const State& state, JobId job, const Intent* machine = nullptr);
// Null unless it is committed and not known to be damaged.
const Checkpoint* find_good(const State& state, CheckpointId id);
// Whether the store is at work on a checkpoint of the job, or is to be asked once more.
enum class PendingCommit { kNone, kUnderWay, kAskedAgain };
PendingCommit pending_commit(const State& state, JobId job);
// How long to wait before the store is asked once more, after so many times in vain.
Duration store_pause(const Settings& settings, int asks);
// After so many in vain people are told.
inline constexpr int kAsksBeforeTold = 3;
void sweep_checkpoints(Work& work);

// deletion_step.cpp
// Gives it up as `next`, deleting or aborted: what the store has of it may go.
void retire(Work& work, Checkpoint& checkpoint, CheckpointState next);
bool awaits_deletion(const Checkpoint& checkpoint);
// Asks the store to delete it if that is due.
void ask_for_deletion(Work& work, CheckpointId id);
void on_deleted(Work& work, const input::ObjectsDeleted& in);

// rebuild_step.cpp
void on_jobs_found(Work& work, const input::JobsFound& in);

// store_look_step.cpp: before an attempt, what the artifact store holds of its job.
// True if the job waits for the answer, or for a person because of it; says so.
bool waits_for_store(Work& work, const Job& job);
// The number of its next attempt: none that has left anything in the store.
Fence next_fence(Work& work, const Job& job);
void on_run_seen(Work& work, const input::RunSeen& in);
void on_run_look_failed(Work& work, const input::RunLookFailed& in);
// Those of these checkpoints' names that are not known of the job, and are further than all that
// are.
std::set<std::string> newer_names(const State& state, JobId job,
                                  const std::vector<std::string>& names);

// money_step.cpp
void on_charges(Work& work, const input::ChargesRead& in);
Usd cost_of(const State& state, const Intent& intent, Instant now);
Usd cost_of_job(const State& state, JobId job, Instant now);
// Running time of the job over all attempts, the current one included.
Duration ran_so_far(const State& state, const Job& job, Instant now);
// A budget that a job counts against, with what it has seen so far.
struct BudgetInForce {
    const BudgetSpec* spec = nullptr;
    BudgetUse use;
};
// `which`: indexes into meta.budgets.
std::vector<BudgetInForce> budgets_in_force(Work& work, const std::vector<std::size_t>& which);
bool is_within_budgets(const std::vector<BudgetInForce>& budgets, Usd wanted, UsdPerHour price);
// Why `wanted` may not be reserved at `price` now, or nothing.
std::optional<std::string> budget_objection(const std::vector<BudgetInForce>& budgets, Usd wanted,
                                            UsdPerHour price);
void sweep_money(Work& work);

// start_step.cpp
// After a downtime that is in doubt agents get a moment to say how long they really ran, before
// anything is stopped for its time or its money. True (and wakes at its end) within that moment.
bool is_time_in_doubt(Work& work);
// Takes the agent's word for it: moves the beginnings of its time and of its bill.
void settle_doubt(Work& work, Intent& intent, Attempt& attempt, const AgentReport& report);
void on_leadership(Work& work, const input::LeadershipGained& in);

}  // namespace herder
