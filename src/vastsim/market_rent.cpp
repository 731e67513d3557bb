// Stop, start, bid, label, reboot, recycle, destroy: what the renter may ask of a machine it has
// (vast-api 2.5-2.8).
#include <algorithm>

#include "base/assert.h"
#include "vastsim/market.h"

namespace herder::vastsim {

void Market::stop(ContractNumber id) {
    Contract* contract = find(id);
    if (contract == nullptr || contract->destroyed) return;
    contract->queued_start = false;
    contract->intended = contract->next = ContractState::kStopped;
    if (contract->container == ContainerState::kRunning && !contract->offline_since) {
        ++contract->phase;
        contract->container = ContainerState::kStopping;
        note(*contract, "stop asked");
        if (scenario_.sigterm.us > 0) command(CommandKind::kTerminate, *contract);
        report_contract_words(*contract);
        return schedule(draw(scenario_.stop), TimerKind::kStopped, id, contract->phase);
    }
    if (contract->container != ContainerState::kStopping) {
        halt(*contract, "stopped", false);
        contract->queued_start = false;
        report_contract_words(*contract);
    }
    notify("instance_stopped", "Instance stopped", *contract);
}

// The container dies at once, the GPUs are given back, the disk stays.
void Market::halt(Contract& contract, const std::string& why, bool keep_intended) {
    accrue(contract);
    ++contract.phase;
    end_container(contract, contract.outbid ? scenario_.preempt_sigterm : Duration{});
    const bool was_up = contract.container != ContainerState::kNone &&
                        contract.container != ContainerState::kCreated &&
                        contract.container != ContainerState::kLoading;
    if (was_up) contract.container = ContainerState::kExited;
    contract.cur = contract.next = ContractState::kStopped;
    if (!keep_intended) contract.intended = ContractState::kStopped;
    const bool freed = contract.has_gpus;
    contract.has_gpus = false;
    note(contract, why);
    report_later(contract);
    if (freed) resume_waiting(contract.machine_id);
}

StartOutcome Market::start(ContractNumber id) {
    Contract* contract = find(id);
    HERDER_ASSERT(contract != nullptr);
    if (contract->end_date <= now_) return StartOutcome::kExpired;
    if (available() <= usd_micros(0)) {
        if (!scenario_.start_without_credit_queues) return StartOutcome::kNoCredit;
        contract->queued_start = true;
        return StartOutcome::kQueued;
    }
    if (contract->has_gpus && contract->intended == ContractState::kRunning) {
        return StartOutcome::kStarted;
    }
    const bool refused = refusal_draws_.chance_per_million(scenario_.start_refusal_per_million) ||
                         faults_.strikes("start_refused", contract->machine_id);
    if (refused || contract->offline_since ||
        !can_take(slice_of(*contract), contract->bid, contract->id)) {
        contract->queued_start = true;
        if (refused) schedule(scenario_.refused_start_fires, TimerKind::kResume, id);
        note(*contract, "start queued");
        return StartOutcome::kQueued;
    }
    resume(*contract);
    report_contract_words(*contract);
    return StartOutcome::kStarted;
}

void Market::resume(Contract& contract) {
    accrue(contract);
    take(slice_of(contract));
    ++contract.phase;
    contract.has_gpus = true;
    contract.queued_start = false;
    contract.intended = contract.next = ContractState::kRunning;
    contract.cur = ContractState::kScheduling;
    note(contract, "scheduling");
    report_later(contract);
    if (contract.container == ContainerState::kStopping) {
        kill_container(contract);
        contract.container = ContainerState::kExited;
    }
    const bool never_ran = contract.container != ContainerState::kExited;
    schedule(draw(scenario_.cached_start), never_ran ? TimerKind::kLoading : TimerKind::kStarted,
             contract.id, contract.phase);
}

void Market::change_bid(ContractNumber id, std::optional<UsdPerHour> bid) {
    Contract* contract = find(id);
    HERDER_ASSERT(contract != nullptr);
    accrue(*contract);
    const Machine& machine = machine_of(*contract);
    const auto gpus = static_cast<std::int64_t>(contract->gpu_count);
    if (bid && scenario_.bid_per_gpu) bid = *bid * gpus;
    const UsdPerHour wanted =
        bid.value_or(min_bid(machine, contract->first_gpu, contract->gpu_count));
    if (contract->bid) {
        contract->bid = wanted;
        contract->gpu_rate = std::min(wanted, machine.on_demand_per_gpu * gpus);
    }
    note(*contract, "bid changed");
}

// docker stop and start: the GPUs and the disk are kept.
bool Market::reboot(ContractNumber id) {
    Contract* contract = find_live(id);
    const bool up = contract && contract->has_gpus && !contract->offline_since &&
                    (contract->container == ContainerState::kRunning ||
                     contract->container == ContainerState::kExited);
    if (!up) return false;
    accrue(*contract);
    ++contract->phase;
    end_container(*contract, scenario_.sigterm);
    contract->container = ContainerState::kRebooting;
    note(*contract, "rebooting");
    report(*contract);
    schedule(draw(scenario_.cached_start) + scenario_.sigterm, TimerKind::kStarted, id,
             contract->phase);
    return true;
}

// The container is made anew from the image; its disk is lost.
bool Market::recycle(ContractNumber id) {
    Contract* contract = find_live(id);
    if (contract == nullptr || !contract->has_gpus || contract->offline_since) return false;
    accrue(*contract);
    ++contract->phase;
    kill_container(*contract);
    command(CommandKind::kRecycle, *contract);
    contract->container = ContainerState::kRecycling;
    machines_.at(contract->machine_id).cached_images.erase(contract->request.image);
    note(*contract, "recycling");
    report(*contract);
    schedule(draw(scenario_.created), TimerKind::kLoading, id, contract->phase);
    return true;
}

void Market::update(ContractNumber id, const CreateRequest& request) {
    Contract* contract = find_live(id);
    if (contract == nullptr) return;
    contract->request.image = request.image;
    contract->request.env = request.env;
    contract->request.onstart = request.onstart;
    contract->request.args = request.args;
    contract->request.template_id = request.template_id;
    contract->request.template_hash = request.template_hash;
    contract->request.template_name = request.template_name;
    recycle(id);
}

void Market::set_label(ContractNumber id, const std::string& label) {
    if (Contract* contract = find(id)) contract->label = label;
}

void Market::destroy(ContractNumber id) {
    Contract* contract = find(id);
    if (contract == nullptr || contract->destroyed) return;
    accrue(*contract);
    ++contract->phase;
    contract->queued_start = false;
    contract->has_gpus = false;
    contract->ghost = contract->container_alive && faults_.strikes("ghost");
    if (contract->deposit.micros > 0) refund_deposit(*contract);
    if (contract->ghost) {
        schedule(seconds(faults_.amount_of("ghost", 600)), TimerKind::kGhostEnds, id);
    } else if (contract->container_alive && scenario_.sigterm.us > 0) {
        command(CommandKind::kTerminate, *contract);
        schedule(scenario_.sigterm, TimerKind::kGhostEnds, id);
    } else {
        kill_container(*contract);
        command(CommandKind::kRemove, *contract);
    }
    contract->destroyed = now_;
    settled_ += total_of(contract->days);
    live_on_machine_[contract->machine_id].erase(id);
    keys_.erase(contract->api_key);
    if (faults_.strikes("destroy_lingers")) {
        contract->linger_polls = faults_.amount_of("destroy_lingers", 3);
        lingering_.insert(id);
    }
    note(*contract, contract->ghost ? "destroyed; the container runs on" : "destroyed");
    resume_waiting(contract->machine_id);
}

}  // namespace herder::vastsim
