// What happens to machines while they are rented: prices move, bids are beaten, hosts go away and
// come back, are taken down as was announced, paused machines wake by themselves, queued starts
// fire, contracts end or are prolonged at another price, the account runs dry.
#include <algorithm>

#include "sim/fake_provider.h"

namespace herder::sim {

void FakeProvider::walk_prices() {
    for (PhysicalMachine& machine : machines_) {
        machine.on_demand = {machine.base.micros * prices_.between(90, 115) / 100};
        const std::int64_t before =
            machine.floor.micros == 0 ? machine.base.micros / 2 : machine.floor.micros;
        const std::int64_t after = before * prices_.between(97, 103) / 100;
        machine.floor = {std::clamp(after, machine.base.micros / 4, machine.on_demand.micros)};
    }
}

// Hosts whose time was over offer their machines again, by and by.
void FakeProvider::end_offers() {
    for (PhysicalMachine& machine : machines_) {
        if (machine.ends > stage_.now()) continue;
        RandomStream& draw = stage_.faults.stream(Fault::kContractEnds);
        if (stage_.faults.has_ended()) {
            machine.ends = kNever;
        } else if (draw.below(10) == 0) {
            machine.ends = stage_.now() + hours(draw.between(6, 60));
        }
    }
}

void FakeProvider::tick() {
    walk_prices();
    end_offers();
    announce_maintenances();
    if (has_credit() && stage_.faults.strikes(Fault::kCreditOut, 3'000)) run_out_of_credit();
    for (const ContractId id : std::vector<ContractId>(present_))
        disturb(rentals_.at(id));
}

void FakeProvider::disturb(Rental& rental) {
    if (rental.state != RentalState::kRunning && rental.state != RentalState::kLoading) return;
    if (!rental.intent || rental.is_offline) return;
    const PhysicalMachine* machine = this->machine(rental.machine);
    if (rental.interruptible) {
        const bool beaten = machine->floor > rental.gpu_rate && !stage_.faults.has_ended();
        if (stage_.faults.strikes(Fault::kOutbid, 60'000) || beaten) {
            stop(rental, "outbid");
            if (stage_.faults.strikes(Fault::kWakesAlone, 600'000)) wake_later(rental.id);
            return;
        }
    } else if (rental.ends < kNever && stage_.faults.strikes(Fault::kPriceIncrease, 250'000)) {
        ask_for_more(rental);
    }
    if (stage_.faults.strikes(Fault::kHostOffline, 10'000)) return go_offline(rental);
}

void FakeProvider::go_offline(Rental& rental) {
    RandomStream& draw = stage_.faults.stream(Fault::kHostOffline);
    // One in three loses power, the others only their network.
    const bool loses_power = draw.below(3) == 0;
    lose_host(rental, loses_power, minutes(draw.between(1, 180)));
}

void FakeProvider::lose_host(Rental& rental, bool loses_power, Duration length) {
    stage_.note("market.offline", static_cast<std::uint64_t>(rental.id.value));
    rental.is_offline = true;
    rental.offline_since = stage_.now();
    stop_billing(rental, ChargeKind::kGpu, stage_.now());
    stop_billing(rental, ChargeKind::kDisk, stage_.now());
    if (loses_power) kill_container(rental);
    const ContractId id = rental.id;
    stage_.schedule.after(length, [this, id] { come_back(id); });
}

// Half an hour to six hours before; every fourth is moved to another hour meanwhile, by being
// announced anew.
void FakeProvider::announce_maintenances() {
    RandomStream& draw = stage_.faults.stream(Fault::kMaintenance);
    for (std::size_t i = 0; i < machines_.size(); ++i) {
        PhysicalMachine& machine = machines_[i];
        if (machine.down_until <= stage_.now()) machine.down_from = machine.down_until = kNever;
        const bool is_announced = machine.down_from < kNever;
        if (is_announced && (is_down(machine) || draw.below(100) > 0)) continue;
        if (!stage_.faults.strikes(Fault::kMaintenance, is_announced ? 1'000'000 : 20'000))
            continue;
        machine.down_from = stage_.now() + minutes(draw.between(30, 360));
        machine.down_until = machine.down_from + minutes(draw.between(20, 240));
        stage_.note("market.maintenance", static_cast<std::uint64_t>(machine.id));
        stage_.schedule.at(machine.down_from, [this, i] { take_down(i); });
    }
}

bool FakeProvider::is_down(const PhysicalMachine& machine) const {
    return machine.down_from <= stage_.now() && stage_.now() < machine.down_until;
}

void FakeProvider::take_down(std::size_t index) {
    PhysicalMachine& machine = machines_[index];
    if (machine.down_from != stage_.now()) return;  // moved to another hour
    if (stage_.faults.has_ended()) {
        machine.down_from = machine.down_until = kNever;  // called off
        return;
    }
    stage_.note("market.taken_down", static_cast<std::uint64_t>(machine.id));
    for (const ContractId id : std::vector<ContractId>(present_)) {
        Rental& rental = rentals_.at(id);
        if (rental.machine != machine.id || rental.is_offline) continue;
        lose_host(rental, true, machine.down_until - stage_.now());
    }
}

std::vector<Maintenance> FakeProvider::maintenances(
    const std::vector<std::int64_t>& machines) const {
    std::vector<Maintenance> announced;
    for (const std::int64_t id : machines) {
        const PhysicalMachine* machine = this->machine(id);
        if (machine == nullptr || machine->down_from == kNever) continue;
        if (machine->down_until <= stage_.now()) continue;
        announced.push_back({.machine = id,
                             .begins_in = machine->down_from - stage_.now(),
                             .lasts = machine->down_until - machine->down_from});
    }
    return announced;
}

void FakeProvider::come_back(ContractId id) {
    Rental& rental = rentals_.at(id);
    if (rental.state == RentalState::kGone) return;
    rental.is_offline = false;
    start_billing(rental, ChargeKind::kDisk, rental.disk_rate, stage_.now());
    if (rental.state == RentalState::kRunning) {
        if (rental.container_runs || rental.never_boots) {
            start_billing(rental, ChargeKind::kGpu, rental.gpu_rate, stage_.now());
        } else {
            rental.state = RentalState::kStopped;
            rental.stopped_at = stage_.now();
        }
    }
    stage_.note("market.back", static_cast<std::uint64_t>(id.value));
}

void FakeProvider::leave_queue(ContractId id, Duration boot_time) {
    Rental& rental = rentals_.at(id);
    if (rental.state != RentalState::kQueued) return;
    stage_.note("market.dequeued", static_cast<std::uint64_t>(id.value));
    stage_.marks.hit(Mark::kQueuedStartFired);
    rental.state = RentalState::kLoading;
    stage_.schedule.after(boot_time, [this, id] { boot(id); });
}

void FakeProvider::wake_later(ContractId id) {
    const Duration wait = seconds(stage_.faults.stream(Fault::kWakesAlone).between(20, 3'600));
    stage_.schedule.after(wait, [this, id] { wake(id); });
}

// A paused machine starts by itself when its bid wins again: the same disk, a new container.
void FakeProvider::wake(ContractId id) {
    Rental& rental = rentals_.at(id);
    if (rental.state != RentalState::kStopped || rental.is_offline || !has_credit()) return;
    if (rental.ends <= stage_.now()) return;
    stage_.note("market.wakes", static_cast<std::uint64_t>(id.value));
    stage_.marks.hit(Mark::kWokeAlone);
    rental.state = RentalState::kLoading;
    stage_.schedule.after(seconds(boots_.between(10, 60)), [this, id] { boot(id); });
}

// Never while a contract runs, only for what would follow it (API reference, section 2.12).
void FakeProvider::ask_for_more(Rental& rental) {
    for (const auto& [id, increase] : increases_) {
        if (increase.contract == rental.id) return;
    }
    const std::int64_t percent = stage_.faults.stream(Fault::kPriceIncrease).between(105, 150);
    const std::int64_t id = next_increase_++;
    increases_[id] = {id, rental.id, {rental.gpu_rate.micros * percent / 100}};
    stage_.note("market.wants_more", static_cast<std::uint64_t>(rental.id.value));
}

std::vector<PriceIncrease> FakeProvider::increases() const {
    std::vector<PriceIncrease> waiting;
    for (const auto& [id, increase] : increases_) {
        const Rental& rental = rentals_.at(increase.contract);
        if (rental.is_listed() && rental.ends > stage_.now()) waiting.push_back(increase);
    }
    return waiting;
}

bool FakeProvider::answer_increase(std::int64_t id, bool accepts) {
    const auto found = increases_.find(id);
    if (found == increases_.end()) return false;
    const PriceIncrease increase = found->second;
    increases_.erase(found);
    Rental& rental = rentals_.at(increase.contract);
    stage_.marks.hit(accepts ? Mark::kIncreaseAccepted : Mark::kIncreaseRejected);
    if (!accepts || !rental.is_listed() || rental.ends <= stage_.now()) return true;
    const Instant from = rental.ends;
    rental.ends = rental.ends + days(1);
    stage_.note("market.prolonged", static_cast<std::uint64_t>(rental.id.value));
    stage_.schedule.at(from, [this, increase] {
        Rental& dearer = rentals_.at(increase.contract);
        dearer.gpu_rate = increase.gpu_price;
        if (dearer.state == RentalState::kRunning && !dearer.is_offline) {
            start_billing(dearer, ChargeKind::kGpu, dearer.gpu_rate, stage_.now());
        }
    });
    return true;
}

// Its machine stops and never starts again; two days later it is gone with all that was on it.
void FakeProvider::end_contract(ContractId id) {
    Rental& rental = rentals_.at(id);
    if (rental.state == RentalState::kGone) return;
    if (rental.ends > stage_.now()) {
        return stage_.schedule.at(rental.ends, [this, id] { end_contract(id); });
    }
    if (rental.state != RentalState::kStopped) stop(rental, "market.contract_ended");
    stage_.schedule.after(days(2), [this, id] {
        Rental& over = rentals_.at(id);
        if (over.state != RentalState::kGone) remove(over);
    });
}

// Everything of the account stops (its disks bill on) until somebody pays; then some machines wake.
void FakeProvider::run_out_of_credit() {
    const Duration length = minutes(stage_.faults.stream(Fault::kCreditOut).between(10, 240));
    stage_.note("market.credit_out", static_cast<std::uint64_t>(length.us));
    credit_from_ = stage_.now() + length;
    for (const ContractId id : std::vector<ContractId>(present_)) {
        Rental& rental = rentals_.at(id);
        const bool runs =
            rental.state == RentalState::kRunning || rental.state == RentalState::kLoading;
        if (!rental.intent || rental.is_offline || !runs) continue;
        if (rental.container_runs) stage_.marks.hit(Mark::kCreditRanOut);
        stop(rental, "credit out");
        if (stage_.faults.stream(Fault::kCreditOut).below(2) == 0) {
            stage_.schedule.at(credit_from_ + seconds(1), [this, id] { wake(id); });
        }
    }
}

void FakeProvider::begin_outage(Duration length) {
    stage_.note("market.outage", static_cast<std::uint64_t>(length.us));
    out_total_ = outage_so_far();
    out_since_ = stage_.now();
    out_until_ = stage_.now() + length;
}

Duration FakeProvider::outage_so_far() const {
    return out_total_ + (std::min(stage_.now(), out_until_) - out_since_);
}

}  // namespace herder::sim
