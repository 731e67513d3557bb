// What hosts do: go away, come back or not, announce maintenance, end rentals, ask for more
// (vast-api 4.5, 4.6, 2.12); and the levers of the admin interface.
#include <algorithm>

#include "vastsim/market.h"

namespace herder::vastsim {

Status Market::outbid(ContractNumber id, std::optional<Duration> hold) {
    Contract* contract = find_live(id);
    if (contract == nullptr) {
        return not_found("outbidding contract " + std::to_string(id) + ": no such live contract");
    }
    if (!contract->bid || !contract->has_gpus) {
        return Error{ErrorCode::kConflict,
                     "outbidding contract " + std::to_string(id) + ": it is " +
                         (contract->bid ? "not holding its GPUs" : "on demand, not interruptible")};
    }
    add_tenant({.id = 0,
                .machine_id = contract->machine_id,
                .first_gpu = contract->first_gpu,
                .gpu_count = contract->gpu_count,
                .bid = {}},
               hold.value_or(scenario_.outbid_hold));
    return ok();
}

void Market::lose_machine(std::int64_t machine_id, bool container_dies) {
    Machine& machine = machines_.at(machine_id);
    if (!machine.online) return;
    machine.online = false;
    for (const ContractNumber each : live_on_machine_[machine_id]) {
        Contract& contract = contracts_.at(each);
        accrue(contract);
        contract.offline_since = now_;
        if (container_dies) kill_container(contract);
        note(contract, container_dies ? "machine offline, container dead" : "machine offline");
        if (scenario_.offline_reads_stopped) {
            contract.reported.cur = contract.reported.next = ContractState::kStopped;
            contract.reported.intended = ContractState::kStopped;
        }
        schedule(scenario_.unknown_after, TimerKind::kUnknown, each, contract.phase);
        schedule(scenario_.offline_after, TimerKind::kOffline, each, contract.phase);
    }
}

void Market::machine_returns(std::int64_t machine_id) {
    Machine& machine = machines_.at(machine_id);
    if (machine.online || machine.vanished) return;
    machine.online = true;
    std::erase_if(machine.maintenances,
                  [&](const Maintenance& m) { return m.start + m.lasts <= now_; });
    for (const ContractNumber each : live_on_machine_[machine_id]) {
        Contract& contract = contracts_.at(each);
        accrue(contract);  // nothing is billed for the time away
        contract.offline_since.reset();
        note(contract, "machine online");
        notify("instance_online", "Instance online", contract);
        if (contract.container == ContainerState::kRunning && !contract.container_alive) {
            enter_running(contract);
        }
        if (contract.container == ContainerState::kStopping) halt(contract, "stopped", false);
        report_later(contract);
    }
    resume_waiting(machine_id);
}

Status Market::go_offline(ContractNumber id, bool container_dies) {
    const Contract* named = find_live(id);
    if (named == nullptr) return not_found("no such live contract");
    lose_machine(named->machine_id, container_dies);
    return ok();
}

Status Market::go_online(ContractNumber id) {
    const Contract* named = find_live(id);
    if (named == nullptr) return not_found("no such live contract");
    machine_returns(named->machine_id);
    return ok();
}

void Market::plan_host_loss(std::int64_t machine_id) {
    if (scenario_.host_loss_interval.us <= 0) return;
    const double mean = static_cast<double>(scenario_.host_loss_interval.us);
    const auto in = static_cast<std::int64_t>(host_draws_.exponential(mean));
    schedule(microseconds(in + 1), TimerKind::kHostLost, machine_id);
}

void Market::host_lost(std::int64_t machine_id) {
    plan_host_loss(machine_id);
    Machine& machine = machines_.at(machine_id);
    if (!machine.online) return;
    lose_machine(machine_id,
                 host_draws_.chance_per_million(scenario_.offline_container_dies_per_million));
    machine.vanished = host_draws_.chance_per_million(scenario_.host_vanishes_per_million);
    const DelayRange& range = scenario_.host_loss;
    const Duration away = microseconds(host_draws_.between(range.low.us, range.high.us));
    if (!machine.vanished) schedule(away, TimerKind::kHostBack, machine_id);
}

// An accepted increase extends the rental; otherwise it stops and may be deleted later.
void Market::end_of_rental(Contract& contract) {
    if (contract.end_date > now_) return;
    if (contract.increase && contract.increase->accepted) {
        accrue(contract);
        contract.gpu_rate = contract.increase->gpu_rate;
        contract.storage_rate = contract.increase->storage_rate;
        contract.end_date = contract.increase->ask_end;
        contract.increase.reset();
        note(contract, "extended at the new price");
        notify("contract_extended", "Contract extended", contract);
        return schedule(contract.end_date - now_, TimerKind::kEnd, contract.id);
    }
    halt(contract, "end of rental", scenario_.end_keeps_intended);
    contract.queued_start = false;
    contract.increase.reset();
    schedule(scenario_.expired_kept, TimerKind::kExpire, contract.id);
}

Status Market::end_rental(ContractNumber id, Duration in) {
    Contract* contract = find_live(id);
    if (contract == nullptr) return not_found("no such live contract");
    contract->end_date = now_ + in;
    notify("expiring_soon", "Instance expiring soon", *contract);
    schedule(in, TimerKind::kEnd, id);
    return ok();
}

Status Market::raise_price(ContractNumber id, std::int64_t factor_milli) {
    Contract* contract = find_live(id);
    if (contract == nullptr) return not_found("no such live contract");
    contract->increase =
        PriceIncrease{.id = next_increase_++,
                      .gpu_rate = {contract->gpu_rate.micros * factor_milli / 1000},
                      .storage_rate = {contract->storage_rate.micros * factor_milli / 1000},
                      .ask_end = contract->end_date + days(30),
                      .created = now_};
    note(*contract, "the host asks for more");
    return ok();
}

std::vector<const Contract*> Market::pending_increases() const {
    std::vector<const Contract*> rows;
    for (const auto& [id, contract] : contracts_) {
        if (!contract.destroyed && contract.increase && !contract.increase->accepted) {
            rows.push_back(&contract);
        }
    }
    return rows;
}

Result<ContractNumber> Market::answer_increase(std::int64_t increase_id, bool accept) {
    for (const Contract* row : pending_increases()) {
        if (row->increase->id != increase_id) continue;
        Contract& contract = contracts_.at(row->id);
        if (accept) {
            contract.increase->accepted = true;
        } else {
            contract.increase.reset();
        }
        return contract.id;
    }
    return not_found("no_pending_price_increase");
}

Status Market::announce_maintenance(ContractNumber id, Duration notice, Duration lasts) {
    const Contract* named = find_live(id);
    if (named == nullptr) return not_found("no such live contract");
    const std::int64_t machine_id = named->machine_id;
    machines_.at(machine_id).maintenances.push_back({now_ + notice, lasts, "power"});
    for (const ContractNumber each : live_on_machine_[machine_id])
        notify("upcoming_downtime", "Upcoming downtime", contracts_.at(each));
    schedule(notice, TimerKind::kMaintenanceBegins, machine_id);
    return ok();
}

void Market::begin_maintenance(std::int64_t machine_id) {
    const Machine& machine = machines_.at(machine_id);
    for (const Maintenance& window : machine.maintenances) {
        if (window.start > now_ || window.start + window.lasts <= now_) continue;
        lose_machine(machine_id, true);
        return schedule(window.start + window.lasts - now_, TimerKind::kMaintenanceEnds,
                        machine_id);
    }
}

Status Market::exit_container(ContractNumber id, int code) {
    Contract* contract = find_live(id);
    if (contract == nullptr) return not_found("no such live contract");
    if (!contract->container_alive) {
        return Error{ErrorCode::kConflict, "no container runs on this contract"};
    }
    command(CommandKind::kKill, *contract);
    container_exited(id, code);
    return ok();
}

}  // namespace herder::vastsim
