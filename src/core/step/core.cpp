#include "core/step/core.h"

#include <type_traits>

#include "core/step/steps.h"
#include "core/step/work.h"

namespace herder {

namespace {

void dispatch(Work& work, const InputBody& body) {
    std::visit(
        [&work](const auto& in) {
            using T = std::remove_cvref_t<decltype(in)>;
            if constexpr (std::is_same_v<T, input::TimerFired>)
                work.dirty = true;
            else if constexpr (std::is_same_v<T, input::SubmitJob>)
                on_submit(work, in);
            else if constexpr (std::is_same_v<T, input::ChangeJob>)
                on_change(work, in);
            else if constexpr (std::is_same_v<T, input::SetBudgets>)
                on_budgets(work, in);
            else if constexpr (std::is_same_v<T, input::EndMachine>)
                on_end_machine(work, in);
            else if constexpr (std::is_same_v<T, input::AdoptMachine>)
                on_adopt_machine(work, in);
            else if constexpr (std::is_same_v<T, input::HoldRenting>)
                on_hold_renting(work, in);
            else if constexpr (std::is_same_v<T, input::AgentJoined>)
                on_joined(work, in);
            else if constexpr (std::is_same_v<T, input::AgentGone>)
                on_gone(work, in);
            else if constexpr (std::is_same_v<T, input::AgentReported>)
                on_reported(work, in);
            else if constexpr (std::is_same_v<T, input::OutcomeFound>)
                on_outcome_found(work, in);
            else if constexpr (std::is_same_v<T, input::IncreasesRead>)
                on_increases(work, in);
            else if constexpr (std::is_same_v<T, input::MaintenancesRead>)
                on_maintenances(work, in);
            else if constexpr (std::is_same_v<T, input::BootLogRead>)
                on_boot_log(work, in);
            else if constexpr (std::is_same_v<T, input::CreateStarted>)
                on_create_started(work, in);
            else if constexpr (std::is_same_v<T, input::CreateEnded>)
                on_create_ended(work, in);
            else if constexpr (std::is_same_v<T, input::DestroyEnded>)
                on_destroy_ended(work, in);
            else if constexpr (std::is_same_v<T, input::MachinesListed>)
                on_listed(work, in);
            else if constexpr (std::is_same_v<T, input::ProviderHinted>)
                on_hint(work, in);
            else if constexpr (std::is_same_v<T, input::OffersFound>)
                on_offers(work, in);
            else if constexpr (std::is_same_v<T, input::ChargesRead>)
                on_charges(work, in);
            else if constexpr (std::is_same_v<T, input::ManifestWritten>)
                on_manifest(work, in);
            else if constexpr (std::is_same_v<T, input::ObjectsDeleted>)
                on_deleted(work, in);
            else if constexpr (std::is_same_v<T, input::LeadershipGained>)
                on_leadership(work, in);
            else
                static_assert(!sizeof(T), "an input without a handler");
        },
        body);
}

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
        dispatch(work, in.body);
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
