#include "vastsim/market.h"

#include "base/assert.h"
#include "vastsim/catalog.h"

namespace herder::vastsim {

namespace {

// How often the platform looks whether an account has run out of credit.
constexpr Duration kCreditCheckInterval = seconds(30);
// Data of an expired rental may be deleted this much later (vast-api 4.6).
constexpr Duration kExpiredDataKept = hours(48);

std::string actual_word(const Contract& contract) {
    switch (contract.container) {
        case ContainerState::kNone:
            return "";
        case ContainerState::kCreated:
            return "created";
        case ContainerState::kLoading:
            return "loading";
        case ContainerState::kRunning:
        case ContainerState::kStopping:
            return "running";
        case ContainerState::kExited:
            return "exited";
    }
    return "";
}

}  // namespace

Market::Market(Scenario scenario, std::uint64_t seed, WallTime start)
    : scenario_(std::move(scenario)),
      seed_(seed),
      now_(start),
      faults_(seed, scenario_.faults),
      delays_(seed, "delays"),
      tenant_draws_(seed, "tenants"),
      price_draws_(seed, "prices"),
      key_draws_(seed, "keys"),
      refusal_draws_(seed, "refusals"),
      initial_credit_(scenario_.credit) {
    for (Machine& machine : make_machines(scenario_, RandomStream(seed, "catalog"), start)) {
        for (const Ask& ask : make_asks(machine, next_number_))
            asks_[ask.id] = ask;
        base_prices_[machine.id] = machine.on_demand_per_gpu;
        const std::int64_t id = machine.id;
        machines_[id] = std::move(machine);
        if (scenario_.tenant_interval.us > 0) {
            const double mean = static_cast<double>(scenario_.tenant_interval.us);
            const auto first = static_cast<std::int64_t>(tenant_draws_.exponential(mean));
            schedule(microseconds(first), TimerKind::kTenantArrives, id);
        }
        if (scenario_.price_step.us > 0) schedule(scenario_.price_step, TimerKind::kPriceStep, id);
    }
    // Contract numbers of 2026 have eight digits (vast-api 2.0).
    next_number_ = 50'380'000 + static_cast<std::int64_t>(seed % 1000);
    schedule(kCreditCheckInterval, TimerKind::kCreditCheck, 0);
}

void Market::advance(WallTime now) {
    while (!timers_.empty() && timers_.begin()->first.first <= now) {
        const auto first = timers_.begin();
        const Timer timer = first->second;
        if (first->first.first > now_) now_ = first->first.first;
        timers_.erase(first);
        fire(timer);
    }
    if (now > now_) now_ = now;
}

void Market::schedule(Duration in, TimerKind kind, std::int64_t subject, std::uint64_t phase) {
    timers_[{now_ + in, next_timer_++}] = {.kind = kind, .subject = subject, .phase = phase};
}

void Market::fire(const Timer& timer) {
    switch (timer.kind) {
        case TimerKind::kTenantArrives:
            return tenant_arrives(timer.subject);
        case TimerKind::kTenantLeaves:
            return tenant_leaves(timer.subject);
        case TimerKind::kPriceStep:
            return step_price(timer.subject);
        case TimerKind::kCreditCheck:
            check_credit();
            return schedule(kCreditCheckInterval, TimerKind::kCreditCheck, 0);
        case TimerKind::kGhostEnds:
            if (Contract* ghost = find(timer.subject)) {
                kill_container(*ghost);
                command(CommandKind::kRemove, *ghost);
            }
            return;
        case TimerKind::kCreated:
        case TimerKind::kLoading:
        case TimerKind::kStarted:
        case TimerKind::kStopped:
        case TimerKind::kReport:
        case TimerKind::kUnknown:
        case TimerKind::kOffline:
        case TimerKind::kEnd:
        case TimerKind::kExpire:
        case TimerKind::kResume:
            if (Contract* contract = find(timer.subject); contract && !contract->destroyed) {
                fire_contract(timer, *contract);
            }
            return;
    }
}

void Market::fire_contract(const Timer& timer, Contract& contract) {
    const bool same_phase = timer.phase == contract.phase;
    switch (timer.kind) {
        case TimerKind::kCreated:
            if (same_phase) enter_created(contract);
            return;
        case TimerKind::kLoading:
            if (same_phase) enter_loading(contract);
            return;
        case TimerKind::kStarted:
            if (same_phase) enter_running(contract);
            return;
        case TimerKind::kStopped:
            if (same_phase) halt(contract, "stopped", false);
            return;
        case TimerKind::kReport:
            if (!contract.offline_since) report(contract);
            return;
        case TimerKind::kUnknown:
            if (contract.offline_since && same_phase) contract.reported.actual_status = "unknown";
            return;
        case TimerKind::kOffline:
            if (contract.offline_since && same_phase) contract.reported.actual_status = "offline";
            return;
        case TimerKind::kEnd:
            contract.queued_start = false;
            halt(contract, "end of rental", false);
            contract.queued_start = false;
            return schedule(kExpiredDataKept, TimerKind::kExpire, contract.id);
        case TimerKind::kExpire:
            return destroy(contract.id);
        case TimerKind::kResume:
            if (contract.queued_start) resume_waiting(contract.machine_id);
            return;
        case TimerKind::kTenantArrives:
        case TimerKind::kTenantLeaves:
        case TimerKind::kPriceStep:
        case TimerKind::kCreditCheck:
        case TimerKind::kGhostEnds:
            return;
    }
}

void Market::report(Contract& contract) {
    const Reported truth{.actual_status = actual_word(contract),
                         .status_msg = contract.status_msg,
                         .cur = contract.cur,
                         .next = contract.next,
                         .intended = contract.intended,
                         .at = now_};
    if (truth == contract.reported) return;
    contract.previous = contract.reported;
    contract.reported = truth;
}

void Market::report_later(Contract& contract) {
    schedule(draw(scenario_.heartbeat), TimerKind::kReport, contract.id);
}

// What the platform itself decides is told at once; only the machine's own words lag.
void Market::report_contract_words(Contract& contract) {
    contract.previous = contract.reported;
    contract.reported.cur = contract.cur;
    contract.reported.next = contract.next;
    contract.reported.intended = contract.intended;
    contract.reported.at = now_;
}

void Market::note(Contract& contract, std::string what) {
    contract.history.push_back({now_, std::move(what)});
}

Duration Market::draw(const DelayRange& range) {
    if (range.high <= range.low) return range.low;
    return microseconds(delays_.between(range.low.us, range.high.us));
}

Contract* Market::find(ContractNumber id) {
    const auto found = contracts_.find(id);
    return found == contracts_.end() ? nullptr : &found->second;
}

const Contract* Market::find_listed(ContractNumber id) const {
    const auto found = contracts_.find(id);
    if (found == contracts_.end()) return nullptr;
    const Contract& contract = found->second;
    if (contract.phantom || contract.visible_from > now_) return nullptr;
    if (contract.destroyed && contract.linger_polls <= 0) return nullptr;
    return &contract;
}

std::vector<const Contract*> Market::listed_now() {
    std::vector<const Contract*> rows;
    std::set<ContractNumber> candidates = lingering_;
    for (const auto& [machine_id, ids] : live_on_machine_)
        candidates.insert(ids.begin(), ids.end());
    for (const ContractNumber id : candidates) {
        if (const Contract* contract = find_listed(id)) rows.push_back(contract);
    }
    for (const ContractNumber id : std::set<ContractNumber>(lingering_)) {
        if (--find(id)->linger_polls <= 0) lingering_.erase(id);
    }
    return rows;
}

const Machine& Market::machine_of(const Contract& contract) const {
    return machines_.at(contract.machine_id);
}

ContractNumber Market::number_of_key(const std::string& api_key) const {
    const auto found = keys_.find(api_key);
    return found == keys_.end() ? 0 : found->second;
}

std::vector<ContainerCommand> Market::take_commands() {
    std::vector<ContainerCommand> taken;
    taken.swap(commands_);
    return taken;
}

}  // namespace herder::vastsim
