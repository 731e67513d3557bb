#pragma once
// The simulated market: physical machines with walking prices, the rentals on them, and their true
// bill. What happens here happens; how much of it a caller learns is provider_calls.h's business.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/market/offer.h"
#include "core/provisioner/maintenance.h"
#include "core/provisioner/price_increase.h"
#include "ports/provider.h"
#include "sim/rental.h"
#include "sim/stage.h"

namespace herder::sim {

struct PhysicalMachine {
    std::int64_t id = 0;
    std::int64_t ask = 0;
    std::string gpu_name;
    int gpu_count = 1;
    UsdPerHour base{};  // of all its GPUs, as those below
    UsdPerHour on_demand{};
    UsdPerHour floor{};  // lowest bid that wins
    UsdPerHour disk_per_gb{};
    Instant ends = kNever;  // of what its host offers
    // The next time that its host takes it down, as announced, or the present one.
    Instant down_from = kNever;
    Instant down_until = kNever;
    int reliability_ppm = 990'000;
    int slots = 1;  // rentals that fit on it under one ask
    int used = 0;
};

// What a create call asks of the market, with what the caller cannot send wrong.
struct CreateCall {
    IntentId intent;
    std::int64_t ask = 0;
    std::string label;
    UsdPerHour bid{};
    Bytes disk;
    std::string join_token;
    std::string late_label = {};  // of the client that sets it afterwards
};

struct MachineRow {
    ListedMachine listed;
    std::int64_t machine = 0;  // the physical one
};
// Of the machines with contracts above one; `total` counts all.
struct ListedPart {
    std::vector<MachineRow> rows;
    std::size_t total = 0;
    bool goes_on = false;
};

class FakeProvider {
  public:
    FakeProvider(Stage& stage, int machines);

    std::function<void(Rental&)> on_boot;  // its container starts
    std::function<void(Rental&)> on_kill;  // its container is gone, without warning
    std::function<void(const Rental&)> on_created;

    // Prices move, bids are beaten, hosts go away and come back. Every ten minutes.
    void tick();

    std::vector<Offer> offers(const std::string& gpu_name, int gpu_count) const;
    // 0: the offer is gone. `stopped`: the bid was too low, the machine exists but does not run.
    ContractId create(const CreateCall& call, bool stopped);
    // True if the machine is gone for the caller's purposes (it may be a ghost).
    bool destroy(ContractId id);
    // From inside, with the machine's own key: nothing but the network can come between.
    void destroy_self(ContractId id);
    ContractId rent_to_stranger(const std::string& label);

    // With a bid below what wins now.
    bool is_bid_too_low(const CreateCall& call) const;
    // Without it everything stops, and nothing can be rented.
    bool has_credit() const { return stage_.now() >= credit_from_; }

    // Ends what the GPUs cost; the disk bills on.
    void stop_by_owner(ContractId id);

    // As listed at `moment`, which may lie up to two minutes back.
    std::vector<ListedMachine> list(Instant moment);
    ListedPart list_part(Instant moment, ContractId after, std::size_t most);

    // Hosts that want more once a contract has ended. False: there is no such increase.
    std::vector<PriceIncrease> increases() const;
    bool answer_increase(std::int64_t id, bool accepts);
    // What is announced for these machines, or has begun and is not over.
    std::vector<Maintenance> maintenances(const std::vector<std::int64_t>& machines) const;

    bool is_out() const { return stage_.now() < out_until_; }
    void begin_outage(Duration length);
    Duration outage_so_far() const;

    Rental* find(ContractId id);
    std::map<ContractId, Rental>& rentals() { return rentals_; }
    const std::map<ContractId, Rental>& rentals() const { return rentals_; }
    const PhysicalMachine* machine(std::int64_t id) const;

  private:
    void draw_troubles(Rental& rental);
    void boot(ContractId id);
    // fake_provider_troubles.cpp
    void walk_prices();
    void disturb(Rental& rental);
    void leave_queue(ContractId id, Duration boot_time);
    void wake_later(ContractId id);
    void wake(ContractId id);
    void ask_for_more(Rental& rental);
    void end_contract(ContractId id);
    void end_offers();
    void run_out_of_credit();
    void stop(Rental& rental, const char* why);
    void announce_maintenances();
    void take_down(std::size_t index);
    bool is_down(const PhysicalMachine& machine) const;
    void go_offline(Rental& rental);
    void lose_host(Rental& rental, bool loses_power, Duration length);
    void come_back(ContractId id);
    void remove(Rental& rental);
    void kill_container(Rental& rental);

    Stage& stage_;
    RandomStream prices_;
    RandomStream boots_;
    std::vector<PhysicalMachine> machines_;
    std::map<ContractId, Rental> rentals_;
    std::vector<ContractId> present_;  // not gone, oldest first
    std::int64_t next_contract_ = 1'000'001;
    std::vector<const Rental*> listable_;  // those, and what went a moment ago; in `rentals_`
    std::map<std::int64_t, PriceIncrease> increases_;
    std::int64_t next_increase_ = 1;
    Instant credit_from_;
    Instant out_until_;
    Instant out_since_;
    Duration out_total_;
};

}  // namespace herder::sim
