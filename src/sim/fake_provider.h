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
#include "ports/provider.h"
#include "sim/rental.h"
#include "sim/stage.h"

namespace herder::sim {

struct PhysicalMachine {
    std::int64_t id = 0;
    std::int64_t ask = 0;
    std::string gpu_name;
    UsdPerHour base{};
    UsdPerHour on_demand{};
    UsdPerHour floor{};  // lowest bid that wins
    UsdPerHour disk_per_gb{};
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

    // As listed at `moment`, which may lie a little back.
    std::vector<ListedMachine> list(Instant moment) const;

    bool is_out() const { return stage_.now() < out_until_; }
    void begin_outage(Duration length);
    Duration outage_so_far() const;

    Rental* find(ContractId id);
    std::map<ContractId, Rental>& rentals() { return rentals_; }
    const std::map<ContractId, Rental>& rentals() const { return rentals_; }
    const PhysicalMachine* machine(std::int64_t id) const;

  private:
    void walk_prices();
    void disturb(Rental& rental);
    void boot(ContractId id);
    void stop(Rental& rental, const char* why);
    void go_offline(Rental& rental);
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
    Instant out_until_;
    Instant out_since_;
    Duration out_total_;
};

}  // namespace herder::sim
