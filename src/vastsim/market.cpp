#include "vastsim/market.h"

#include "base/assert.h"
#include "vastsim/catalog.h"

namespace herder::vastsim {

namespace {

// How often the platform looks whether an account has run out of credit.
constexpr Duration kCreditCheckInterval = seconds(30);
// A rental takes up five numbers on average; this is faster than anybody rents for long.
constexpr Duration kNumberInterval = milliseconds(500);

}  // namespace

Market::Market(Scenario scenario, std::uint64_t seed, WallTime start)
    : scenario_(std::move(scenario)),
      seed_(seed),
      start_(start),
      now_(start),
      faults_(seed, scenario_.faults),
      delays_(seed, "delays"),
      tenant_draws_(seed, "tenants"),
      price_draws_(seed, "prices"),
      key_draws_(seed, "keys"),
      refusal_draws_(seed, "refusals"),
      host_draws_(seed, "hosts"),
      event_draws_(seed, "events"),
      initial_credit_(scenario_.credit) {
    for (Machine& machine : make_machines(scenario_, RandomStream(seed, "catalog"), start))
        add_machine(std::move(machine));
    for (const auto& [id, machine] : machines_) {
        volume_asks_[next_number_] = id;
        volume_ask_of_[id] = next_number_++;
    }
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
        schedule(scenario_.events[i].at, TimerKind::kEventBegins, static_cast<std::int64_t>(i));
    }
    // Contract numbers of 2026 have eight digits (vast-api 2.0). No two rentals of a real account
    // share one, so a market that starts again goes on behind those of the one before.
    next_number_ = 50'380'000 + static_cast<std::int64_t>(seed % 1000) +
                   (start.us / kNumberInterval.us) % 45'000'000;
    invoices_.push_back({.id = 88'001,
                         .when = start,
                         .type = "credit",
                         .service = "stripe_payments",
                         .description = "Credit purchase",
                         .amount = usd_micros(-scenario_.credit.micros)});
    schedule(kCreditCheckInterval, TimerKind::kCreditCheck, 0);
}

void Market::add_machine(Machine machine) {
    for (const Ask& ask : make_asks(machine, next_number_))
        asks_[ask.id] = ask;
    const std::int64_t id = machine.id;
    base_prices_[id] = machine.on_demand_per_gpu;
    machines_[id] = std::move(machine);
    if (scenario_.tenant_interval.us > 0) {
        const double mean = static_cast<double>(scenario_.tenant_interval.us);
        const auto first = static_cast<std::int64_t>(tenant_draws_.exponential(mean));
        schedule(microseconds(first), TimerKind::kTenantArrives, id);
    }
    if (scenario_.price_step.us > 0) schedule(scenario_.price_step, TimerKind::kPriceStep, id);
    plan_host_loss(id);
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

std::optional<WallTime> Market::next_event() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first;
}

void Market::schedule(Duration in, TimerKind kind, std::int64_t subject, std::uint64_t phase) {
    timers_[{now_ + in, next_timer_++}] = {.kind = kind, .subject = subject, .phase = phase};
}

void Market::fire(const Timer& timer) {
    switch (timer.kind) {
        case TimerKind::kCreated:
        case TimerKind::kLoading:
        case TimerKind::kPullStep:
        case TimerKind::kStarted:
        case TimerKind::kStopped:
        case TimerKind::kReport:
        case TimerKind::kUnknown:
        case TimerKind::kOffline:
        case TimerKind::kEnd:
        case TimerKind::kExpire:
        case TimerKind::kResume:
            if (Contract* contract = find_live(timer.subject)) fire_contract(timer, *contract);
            return;
        case TimerKind::kGhostEnds:
        case TimerKind::kGraceEnds:
            if (Contract* contract = find(timer.subject)) {
                const bool same_run = static_cast<std::uint64_t>(contract->runs) == timer.phase;
                if (timer.kind == TimerKind::kGraceEnds && !same_run) return;
                kill_container(*contract);
                if (contract->destroyed) command(CommandKind::kRemove, *contract);
            }
            return;
        case TimerKind::kTenantArrives:
        case TimerKind::kTenantLeaves:
        case TimerKind::kPriceStep:
        case TimerKind::kCreditCheck:
        case TimerKind::kHostLost:
        case TimerKind::kHostBack:
        case TimerKind::kMaintenanceBegins:
        case TimerKind::kMaintenanceEnds:
        case TimerKind::kTopUp:
        case TimerKind::kEventBegins:
        case TimerKind::kEventEnds:
        case TimerKind::kRelist:
            return fire_world(timer);
    }
}

void Market::fire_world(const Timer& timer) {
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
        case TimerKind::kHostLost:
            return host_lost(timer.subject);
        case TimerKind::kHostBack:
        case TimerKind::kMaintenanceEnds:
            return machine_returns(timer.subject);
        case TimerKind::kMaintenanceBegins:
            return begin_maintenance(timer.subject);
        case TimerKind::kTopUp:
            top_up_planned_ = false;
            return top_up(scenario_.autobill_amount);
        case TimerKind::kEventBegins: {
            const auto index = static_cast<std::size_t>(timer.subject);
            const ScenarioEvent& event = scenario_.events.at(index);
            happen(event);
            if (event.lasts.us > 0) schedule(event.lasts, TimerKind::kEventEnds, timer.subject);
            if (event.every.us > 0) schedule(event.every, TimerKind::kEventBegins, timer.subject);
            return;
        }
        case TimerKind::kEventEnds:
            return end_event(scenario_.events.at(static_cast<std::size_t>(timer.subject)));
        case TimerKind::kRelist:
            machines_.at(timer.subject).unlisted = false;
            return;
        case TimerKind::kCreated:
        case TimerKind::kLoading:
        case TimerKind::kPullStep:
        case TimerKind::kStarted:
        case TimerKind::kStopped:
        case TimerKind::kReport:
        case TimerKind::kUnknown:
        case TimerKind::kOffline:
        case TimerKind::kEnd:
        case TimerKind::kExpire:
        case TimerKind::kResume:
        case TimerKind::kGhostEnds:
        case TimerKind::kGraceEnds:
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
        case TimerKind::kPullStep:
            if (same_phase) step_pull(contract);
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
            if (!contract.offline_since || !same_phase) return;
            contract.reported.actual_status = "offline";
            return notify("instance_offline", "Instance offline", contract);
        case TimerKind::kEnd:
            return end_of_rental(contract);
        case TimerKind::kExpire:
            if (contract.end_date <= now_) destroy(contract.id);
            return;
        case TimerKind::kResume:
            if (contract.queued_start) resume_waiting(contract.machine_id);
            return;
        case TimerKind::kTenantArrives:
        case TimerKind::kTenantLeaves:
        case TimerKind::kPriceStep:
        case TimerKind::kCreditCheck:
        case TimerKind::kGhostEnds:
        case TimerKind::kGraceEnds:
        case TimerKind::kHostLost:
        case TimerKind::kHostBack:
        case TimerKind::kMaintenanceBegins:
        case TimerKind::kMaintenanceEnds:
        case TimerKind::kTopUp:
        case TimerKind::kEventBegins:
        case TimerKind::kEventEnds:
        case TimerKind::kRelist:
            return;
    }
}

Duration Market::draw(const DelayRange& range) {
    if (range.high <= range.low) return range.low;
    return microseconds(delays_.between(range.low.us, range.high.us));
}

Contract* Market::find(ContractNumber id) {
    const auto found = contracts_.find(id);
    return found == contracts_.end() ? nullptr : &found->second;
}

Contract* Market::find_live(ContractNumber id) {
    Contract* contract = find(id);
    return contract && !contract->destroyed ? contract : nullptr;
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

std::vector<Notice> Market::take_notices() {
    std::vector<Notice> taken;
    taken.swap(notices_);
    return taken;
}

}  // namespace herder::vastsim
