#include "sim/fake_provider.h"

#include <algorithm>

#include "base/assert.h"

namespace herder::sim {

namespace {

constexpr const char* kGpus[] = {"RTX_4090", "A100"};
constexpr std::int64_t kBasePrice[] = {300'000, 900'000};  // micro-dollars an hour
constexpr Duration kGhostMax = hours(2);

}  // namespace

FakeProvider::FakeProvider(Stage& stage, int machines)
    : stage_(stage), prices_(stage.seed, "prices"), boots_(stage.seed, "boots") {
    for (int i = 0; i < machines; ++i) {
        PhysicalMachine machine;
        const std::size_t kind = i % 3 == 2 ? 1 : 0;
        machine.id = 100 + i;
        machine.ask = 50'000 + i;
        machine.slots = i % 3 == 2 ? 1 : 2;
        machine.gpu_name = kGpus[kind];
        machine.base = {kBasePrice[kind] * prices_.between(70, 150) / 100};
        machine.disk_per_gb = {prices_.between(100, 400)};
        machine.reliability_ppm = static_cast<int>(prices_.between(900'000, 999'000));
        machines_.push_back(machine);
    }
    walk_prices();
}

void FakeProvider::walk_prices() {
    for (PhysicalMachine& machine : machines_) {
        machine.on_demand = {machine.base.micros * prices_.between(90, 115) / 100};
        const std::int64_t before =
            machine.floor.micros == 0 ? machine.base.micros / 2 : machine.floor.micros;
        const std::int64_t after = before * prices_.between(97, 103) / 100;
        machine.floor = {std::clamp(after, machine.base.micros / 4, machine.on_demand.micros)};
    }
}

void FakeProvider::tick() {
    walk_prices();
    for (const ContractId id : std::vector<ContractId>(present_))
        disturb(rentals_.at(id));
}

void FakeProvider::disturb(Rental& rental) {
    if (rental.state != RentalState::kRunning && rental.state != RentalState::kLoading) return;
    if (!rental.intent || rental.is_offline) return;
    const PhysicalMachine* machine = this->machine(rental.machine);
    if (rental.interruptible) {
        const bool beaten = machine->floor > rental.gpu_rate && !stage_.faults.has_ended();
        if (stage_.faults.strikes(Fault::kOutbid, 60'000) || beaten) return stop(rental, "outbid");
    }
    if (stage_.faults.strikes(Fault::kHostOffline, 10'000)) return go_offline(rental);
}

std::vector<Offer> FakeProvider::offers(const std::string& gpu_name, int gpu_count) const {
    std::vector<Offer> found;
    for (const PhysicalMachine& machine : machines_) {
        if (machine.used >= machine.slots || gpu_count > 1) continue;
        if (!gpu_name.empty() && machine.gpu_name != gpu_name) continue;
        Offer offer;
        offer.provider = "vast";
        offer.ask = machine.ask;
        offer.machine = machine.id;
        offer.host = machine.id / 4;
        offer.gpu_name = machine.gpu_name;
        offer.gpu_ram_mb = 24'000;
        offer.gpu_price = machine.on_demand;
        offer.disk_price_per_gb = machine.disk_per_gb;
        offer.reliability_ppm = machine.reliability_ppm;
        offer.upload_mbps = 500;
        offer.download_mbps = 500;
        offer.disk_free = gigabytes(500);
        offer.verified = true;
        found.push_back(offer);
        offer.interruptible = true;
        offer.gpu_price = machine.floor;
        found.push_back(offer);
    }
    return found;
}

ContractId FakeProvider::create(const CreateCall& call, bool stopped) {
    const auto machine = std::find_if(machines_.begin(), machines_.end(),
                                      [&](const auto& one) { return one.ask == call.ask; });
    if (machine == machines_.end() || machine->used >= machine->slots) return {};
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
    rental.visible_from = stage_.now() + milliseconds(boots_.between(50, 900));
    if (stage_.faults.strikes(Fault::kListLag, 700'000)) {
        rental.visible_from =
            stage_.now() + milliseconds(stage_.faults.stream(Fault::kListLag).between(0, 25'000));
    }
    rental.never_boots = stage_.faults.strikes(Fault::kNeverBoots, 200'000);
    rental.is_revised = stage_.faults.strikes(Fault::kChargesRevised, 400'000);
    if (stage_.faults.strikes(Fault::kZombie, 300'000)) {
        rental.ignored_destroys =
            static_cast<int>(stage_.faults.stream(Fault::kZombie).between(1, 5));
    }
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
    } else {
        stage_.schedule.after(boot_time, [this, id] { boot(id); });
    }
    stage_.note("market.created", static_cast<std::uint64_t>(id.value), call.intent.value);
    present_.push_back(id);
    Rental& placed = rentals_.emplace(id, std::move(rental)).first->second;
    if (on_created) on_created(placed);
    return id;
}

ContractId FakeProvider::rent_to_stranger(const std::string& label) {
    for (const PhysicalMachine& machine : machines_) {
        if (machine.used >= machine.slots) continue;
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

void FakeProvider::go_offline(Rental& rental) {
    stage_.note("market.offline", static_cast<std::uint64_t>(rental.id.value));
    rental.is_offline = true;
    rental.offline_since = stage_.now();
    stop_billing(rental, ChargeKind::kGpu, stage_.now());
    stop_billing(rental, ChargeKind::kDisk, stage_.now());
    RandomStream& draw = stage_.faults.stream(Fault::kHostOffline);
    // One in three loses power, the others only their network.
    if (draw.below(3) == 0) kill_container(rental);
    const ContractId id = rental.id;
    stage_.schedule.after(minutes(draw.between(1, 180)), [this, id] { come_back(id); });
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

std::vector<ListedMachine> FakeProvider::list(Instant moment) const {
    std::vector<ListedMachine> listed;
    for (const auto& [id, rental] : rentals_) {
        if (rental.visible_from > moment || (rental.gone_at && *rental.gone_at <= moment)) continue;
        ListedMachine machine;
        machine.contract = id;
        machine.label = rental.label;
        machine.gpu_price = rental.gpu_rate;
        machine.disk_price = rental.disk_rate;
        machine.state = MachineState::kRunning;
        if (rental.is_offline) {
            machine.state = MachineState::kOffline;
        } else if (rental.state == RentalState::kLoading) {
            machine.state = MachineState::kStarting;
        } else if (rental.state == RentalState::kStopped && rental.stopped_at <= moment) {
            machine.state = MachineState::kStopped;
        }
        machine.detail = to_string(machine.state);
        listed.push_back(std::move(machine));
    }
    return listed;
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
