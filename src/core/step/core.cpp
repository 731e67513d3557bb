#include "core/step/core.h"

#include <variant>

#include "core/step/steps.h"
#include "core/step/work.h"

namespace herder {

namespace {

// One line an input: an input without a handler does not compile.
struct Dispatch {
    Work& work;
    void operator()(const input::TimerFired&) const { work.dirty = true; }
    void operator()(const input::SubmitJob& in) const { on_submit(work, in); }
    void operator()(const input::ChangeJob& in) const { on_change(work, in); }
    void operator()(const input::ChangeCheckpoint& in) const { on_change_checkpoint(work, in); }
    void operator()(const input::SetBudgets& in) const { on_budgets(work, in); }
    void operator()(const input::EndMachine& in) const { on_end_machine(work, in); }
    void operator()(const input::AdoptMachine& in) const { on_adopt_machine(work, in); }
    void operator()(const input::HoldRenting& in) const { on_hold_renting(work, in); }
    void operator()(const input::AgentJoined& in) const { on_joined(work, in); }
    void operator()(const input::AgentGone& in) const { on_gone(work, in); }
    void operator()(const input::AgentReported& in) const { on_reported(work, in); }
    void operator()(const input::OutcomeFound& in) const { on_outcome_found(work, in); }
    void operator()(const input::IncreasesRead& in) const { on_increases(work, in); }
    void operator()(const input::MaintenancesRead& in) const { on_maintenances(work, in); }
    void operator()(const input::BootLogRead& in) const { on_boot_log(work, in); }
    void operator()(const input::CreateStarted& in) const { on_create_started(work, in); }
    void operator()(const input::CreateEnded& in) const { on_create_ended(work, in); }
    void operator()(const input::DestroyEnded& in) const { on_destroy_ended(work, in); }
    void operator()(const input::MachinesListed& in) const { on_listed(work, in); }
    void operator()(const input::ProviderHinted& in) const { on_hint(work, in); }
    void operator()(const input::OffersFound& in) const { on_offers(work, in); }
    void operator()(const input::ChargesRead& in) const { on_charges(work, in); }
    void operator()(const input::ManifestWritten& in) const { on_manifest(work, in); }
    void operator()(const input::ObjectsDeleted& in) const { on_deleted(work, in); }
    void operator()(const input::JobsFound& in) const { on_jobs_found(work, in); }
    void operator()(const input::RunSeen& in) const { on_run_seen(work, in); }
    void operator()(const input::RunLookFailed& in) const { on_run_look_failed(work, in); }
    void operator()(const input::LeadershipGained& in) const { on_leadership(work, in); }
};

// Level-triggered: every decision that follows from the state and the time, each time anew.
void sweep(Work& work) {
    sweep_leases(work);
    sweep_moves(work);
    sweep_attempts(work);
    sweep_money(work);
    sweep_intents(work);
    sweep_checkpoints(work);
    place_waiting(work);
    arm_planned(work);
    sweep_listing(work);
}

}  // namespace

struct Core::Impl {
    ClusterIdentity cluster;
    Settings settings;
    State state;
    Instant now;
    Instant wake_at;  // 0: sweep at the first step
};

Core::Core(ClusterIdentity cluster, Settings settings) : impl_(std::make_unique<Impl>()) {
    impl_->cluster = std::move(cluster);
    impl_->settings = settings;
}

Core::~Core() = default;

Status Core::load_row(const RowChange& row) {
    return herder::load_row(impl_->state, row);
}

Output Core::step(const std::vector<Input>& batch) {
    Work work(impl_->state, impl_->cluster, impl_->settings);
    work.now = impl_->now;
    for (const Input& in : batch) {
        work.begin(in);
        std::visit(Dispatch{work}, in.body);
    }
    if (work.dirty || work.now >= impl_->wake_at) {
        sweep(work);
        impl_->wake_at = work.out.wake_at;
    }
    work.out.wake_at = impl_->wake_at;
    work.flush();
    impl_->now = work.now;
    return std::move(work.out);
}

const State& Core::state() const {
    return impl_->state;
}

}  // namespace herder
