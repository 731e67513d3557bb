#include "sim/fake_provider.h"

#include <algorithm>

#include "base/assert.h"

namespace herder::sim {

namespace {

constexpr const char* kGpus[] = {"RTX_4090", "A100"};
constexpr std::int64_t kBasePrice[] = {300'000, 900'000};  // micro-dollars an hour
constexpr Duration kGhostMax = hours(2);
constexpr Duration kListedBack = minutes(2);

}  // namespace

FakeProvider::FakeProvider(Stage& stage, int machines)
    : stage_(stage), prices_(stage.seed, "prices"), boots_(stage.seed, "boots") {
    for (int i = 0; i < machines; ++i) {
        PhysicalMachine machine;
        const std::size_t kind = i % 3 == 2 ? 1 : 0;
        machine.gpu_count = i % 4 == 1 ? 2 : 1;
        machine.id = 100 + i;
        machine.ask = 50'000 + i;
        machine.slots = i % 3 == 2 || machine.gpu_count > 1 ? 1 : 2;
        machine.gpu_name = kGpus[kind];
        machine.base = {kBasePrice[kind] * prices_.between(70, 150) / 100 * machine.gpu_count};
        machine.disk_per_gb = {prices_.between(100, 400)};
        machine.reliability_ppm = static_cast<int>(prices_.between(900'000, 999'000));
        if (stage.faults.strikes(Fault::kContractEnds, 600'000)) {
            machine.ends =
                Instant{} + hours(stage.faults.stream(Fault::kContractEnds).between(6, 60));
        }
        machines_.push_back(machine);
    }
    walk_prices();
}

std::vector<Offer> FakeProvider::offers(const std::string& gpu_name, int gpu_count) const {
    std::vector<Offer> found;
    for (const PhysicalMachine& machine : machines_) {
        if (machine.used >= machine.slots || machine.ends <= stage_.now()) continue;
        if (is_down(machine)) continue;
        if (gpu_count != 0 && machine.gpu_count != gpu_count) continue;
        if (!gpu_name.empty() && machine.gpu_name != gpu_name) continue;
        Offer offer;
        offer.provider = "vast";
        offer.ask = machine.ask;
        offer.machine = machine.id;
        offer.host = machine.id / 4;
        offer.gpu_name = machine.gpu_name;
        offer.gpu_count = machine.gpu_count;
        offer.gpu_ram_mb = 24'000;
        offer.gpu_price = machine.on_demand;
        offer.disk_price_per_gb = machine.disk_per_gb;
        offer.reliability_ppm = machine.reliability_ppm;
        offer.upload_mbps = 500;
        offer.download_mbps = 500;
        offer.disk_free = gigabytes(500);
        offer.verified = true;
        if (machine.ends < kNever) offer.remaining = machine.ends - stage_.now();
        found.push_back(offer);
        offer.interruptible = true;
        offer.gpu_price = machine.floor;
        found.push_back(offer);
    }
    return found;
}

// What this rental will suffer from, drawn when it is made.
void FakeProvider::draw_troubles(Rental& rental) {
    FaultPlan& faults = stage_.faults;
    rental.visible_from = stage_.now() + milliseconds(boots_.between(50, 900));
    if (faults.strikes(Fault::kListLag, 700'000)) {
        rental.visible_from =
            stage_.now() + milliseconds(faults.stream(Fault::kListLag).between(0, 25'000));
    }
    if (faults.strikes(Fault::kLabelLate, 300'000)) {
        rental.label_from = stage_.now() + seconds(faults.stream(Fault::kLabelLate).between(1, 60));
    }
    rental.never_boots = faults.strikes(Fault::kNeverBoots, 200'000);
    rental.is_revised = faults.strikes(Fault::kChargesRevised, 400'000);
    if (faults.strikes(Fault::kZombie, 300'000)) {
        rental.ignored_destroys = static_cast<int>(faults.stream(Fault::kZombie).between(1, 5));
    }
}

ContractId FakeProvider::create(const CreateCall& call, bool stopped) {
    const auto machine = std::find_if(machines_.begin(), machines_.end(),
                                      [&](const auto& one) { return one.ask == call.ask; });
    if (machine == machines_.end() || machine->used >= machine->slots) return {};
    if (machine->ends <= stage_.now() || is_down(*machine)) return {};
    Rental rental;
    rental.id = ContractId{next_contract_++};
    rental.label = call.label;
    rental.intent = call.intent;
    rental.machine = machine->id;
    rental.interruptible = call.bid.micros > 0;
    rental.gpu_rate = rental.interruptible ? call.bid : machine->on_demand;
    const std::int64_t gigabytes_asked = (call.disk.count + 999'999'999) / 1'000'000'000;
    rental.disk_rate = {machine->disk_per_gb.micros * gigabytes_asked};
    rental.join_token = call.join_token;
    rental.created = stage_.now();
    rental.ends = machine->ends;
    draw_troubles(rental);
    ++machine->used;
    start_billing(rental, ChargeKind::kDisk, rental.disk_rate, stage_.now());
    Duration boot_time = seconds(boots_.between(20, 180));
    if (stage_.faults.strikes(Fault::kSlowBoot, 300'000)) {
        boot_time = seconds(stage_.faults.stream(Fault::kSlowBoot).between(180, 1'200));
    }
    const ContractId id = rental.id;
    if (stopped) {
        rental.state = RentalState::kStopped;
        rental.stopped_at = stage_.now();
    } else if (stage_.faults.strikes(Fault::kStartQueued, 150'000)) {
        // Somebody else took the GPUs: it starts when they are free again, perhaps hours later.
        rental.state = RentalState::kQueued;
        const Duration wait = minutes(stage_.faults.stream(Fault::kStartQueued).between(1, 300));
        stage_.schedule.after(wait, [this, id, boot_time] { leave_queue(id, boot_time); });
    } else {
        stage_.schedule.after(boot_time, [this, id] { boot(id); });
    }
    if (rental.ends < kNever) {
        stage_.schedule.at(rental.ends, [this, id] { end_contract(id); });
    }
    stage_.note("market.created", static_cast<std::uint64_t>(id.value), call.intent.value);
    present_.push_back(id);
    Rental& placed = rentals_.emplace(id, std::move(rental)).first->second;
    listable_.push_back(&placed);
    if (on_created) on_created(placed);
    return id;
}

ContractId FakeProvider::rent_to_stranger(const std::string& label) {
    for (const PhysicalMachine& machine : machines_) {
        if (machine.used >= machine.slots || machine.ends <= stage_.now()) continue;
        if (is_down(machine)) continue;
        CreateCall call;
        call.ask = machine.ask;
        call.label = label;
        call.disk = gigabytes(10);
        return create(call, false);
    }
    return {};
}

void FakeProvider::boot(ContractId id) {
    Rental& rental = rentals_.at(id);
    if (rental.state != RentalState::kLoading) return;
    if (rental.is_offline) {
        stage_.schedule.after(minutes(5), [this, id] { boot(id); });
        return;
    }
    // Half of those that never boot hang while loading, half run without an agent that speaks.
    if (rental.never_boots && id.value % 2 == 0) return;
    rental.state = RentalState::kRunning;
    start_billing(rental, ChargeKind::kGpu, rental.gpu_rate, stage_.now());
    stage_.note("market.runs", static_cast<std::uint64_t>(id.value));
    if (rental.never_boots || !rental.intent) return;
    rental.container_runs = true;
    if (on_boot) on_boot(rental);
}

void FakeProvider::kill_container(Rental& rental) {
    if (!rental.container_runs) return;
    rental.container_runs = false;
    if (on_kill) on_kill(rental);
}

void FakeProvider::stop(Rental& rental, const char* why) {
    stage_.note(why, static_cast<std::uint64_t>(rental.id.value));
    rental.state = RentalState::kStopped;
    rental.stopped_at = stage_.now();
    stop_billing(rental, ChargeKind::kGpu, stage_.now());
    kill_container(rental);
}

void FakeProvider::remove(Rental& rental) {
    rental.state = RentalState::kGone;
    rental.gone_at = stage_.now();
    stop_billing(rental, ChargeKind::kGpu, stage_.now());
    stop_billing(rental, ChargeKind::kDisk, stage_.now());
    std::erase(present_, rental.id);
    for (PhysicalMachine& machine : machines_) {
        if (machine.id == rental.machine) --machine.used;
    }
    stage_.note("market.gone", static_cast<std::uint64_t>(rental.id.value), rental.intent.value);
}

bool FakeProvider::destroy(ContractId id) {
    Rental* rental = find(id);
    if (rental == nullptr || rental->state == RentalState::kGone) return true;
    if (rental->is_offline) return false;
    if (rental->ignored_destroys > 0 && !stage_.faults.has_ended()) {
        --rental->ignored_destroys;
        return true;
    }
    remove(*rental);
    if (rental->container_runs && stage_.faults.strikes(Fault::kGhost, 300'000)) {
        const Duration haunt{static_cast<std::int64_t>(stage_.faults.stream(Fault::kGhost).unit() *
                                                       static_cast<double>(kGhostMax.us))};
        stage_.schedule.after(haunt, [this, id] { kill_container(rentals_.at(id)); });
    } else {
        kill_container(*rental);
    }
    return true;
}

void FakeProvider::destroy_self(ContractId id) {
    Rental* rental = find(id);
    HERDER_ASSERT(rental != nullptr);
    if (rental->is_offline || is_out()) return;
    if (rental->state != RentalState::kGone) remove(*rental);
    kill_container(*rental);
}

namespace {

MachineState state_at(const Rental& rental, Instant moment) {
    if (rental.is_offline) return MachineState::kOffline;
    switch (rental.state) {
        case RentalState::kQueued:
            return MachineState::kQueued;
        case RentalState::kLoading:
            return MachineState::kStarting;
        case RentalState::kStopped:
            return rental.stopped_at <= moment ? MachineState::kStopped : MachineState::kRunning;
        case RentalState::kRunning:
        case RentalState::kGone:
            break;
    }
    return MachineState::kRunning;
}

ListedMachine make_row(const Rental& rental, Instant moment) {
    ListedMachine machine;
    machine.contract = rental.id;
    if (rental.label_from <= moment) machine.label = rental.label;
    machine.gpu_price = rental.gpu_rate;
    machine.disk_price = rental.disk_rate;
    machine.rental = rental.interruptible ? RentalKind::kInterruptible : RentalKind::kOnDemand;
    machine.state = state_at(rental, moment);
    machine.detail = to_string(machine.state);
    if (rental.ends < kNever) machine.lasts = rental.ends - rental.created;
    return machine;
}

}  // namespace

ListedPart FakeProvider::list_part(Instant moment, ContractId after, std::size_t most) {
    std::erase_if(listable_, [&](const Rental* rental) {
        return rental->gone_at && *rental->gone_at + kListedBack < stage_.now();
    });
    ListedPart part;
    for (const Rental* one : listable_) {
        const Rental& rental = *one;
        if (rental.visible_from > moment || (rental.gone_at && *rental.gone_at <= moment)) continue;
        ++part.total;
        if (rental.id <= after) continue;
        if (part.rows.size() < most) {
            part.rows.push_back({make_row(rental, moment), rental.machine});
        } else {
            part.goes_on = true;
        }
    }
    return part;
}

std::vector<ListedMachine> FakeProvider::list(Instant moment) {
    std::vector<ListedMachine> listed;
    for (MachineRow& row : list_part(moment, {}, SIZE_MAX).rows)
        listed.push_back(std::move(row.listed));
    return listed;
}

void FakeProvider::stop_by_owner(ContractId id) {
    Rental* rental = find(id);
    if (rental == nullptr || rental->is_offline || rental->state == RentalState::kGone) return;
    if (rental->state != RentalState::kStopped) stop(*rental, "market.stopped");
}

bool FakeProvider::is_bid_too_low(const CreateCall& call) const {
    return std::any_of(machines_.begin(), machines_.end(), [&](const PhysicalMachine& machine) {
        return machine.ask == call.ask && machine.used < machine.slots && call.bid.micros > 0 &&
               machine.floor > call.bid;
    });
}

Rental* FakeProvider::find(ContractId id) {
    const auto found = rentals_.find(id);
    return found == rentals_.end() ? nullptr : &found->second;
}

const PhysicalMachine* FakeProvider::machine(std::int64_t id) const {
    const auto found = std::find_if(machines_.begin(), machines_.end(),
                                    [&](const auto& one) { return one.id == id; });
    return found == machines_.end() ? nullptr : &*found;
}

}  // namespace herder::sim
