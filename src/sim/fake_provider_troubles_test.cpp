// Only the classes of faults that a test names strike, as often as they can.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/fake_provider.h"

namespace herder::sim {

namespace {

std::set<Fault> all_but(const std::set<Fault>& some) {
    std::set<Fault> off;
    for (int i = 0; i < kFaultCount; ++i) {
        if (!some.contains(static_cast<Fault>(i))) off.insert(static_cast<Fault>(i));
    }
    return off;
}

// A seed in which these classes are on and strong.
std::uint64_t seed_for(const std::set<Fault>& faults) {
    for (std::uint64_t seed = 1;; ++seed) {
        const FaultPlan plan(seed, {});
        if (std::all_of(faults.begin(), faults.end(),
                        [&](Fault fault) { return plan.intensity(fault) > 0.8; })) {
            return seed;
        }
    }
}

struct Market {
    explicit Market(Fault fault) : Market(std::set<Fault>{fault}) {}
    explicit Market(const std::set<Fault>& faults)
        : stage(seed_for(faults), all_but(faults), false), provider(stage, 12) {
        provider.on_boot = [this](Rental&) { ++boots; };
        provider.on_kill = [this](Rental&) { ++kills; };
    }
    ContractId rent(bool interruptible) {
        for (const Offer& offer : provider.offers("", 1)) {
            if (offer.interruptible != interruptible) continue;
            CreateCall call;
            call.intent = IntentId{++intents};
            call.ask = offer.ask;
            call.label = "label";
            call.disk = gigabytes(10);
            if (interruptible) call.bid = offer.gpu_price;
            return provider.create(call, false);
        }
        return {};
    }
    // Runs until `is_seen`, ticking as the world does; false after ten days.
    bool run_until(const std::function<bool()>& is_seen) {
        for (int i = 0; i < 1'440 && !is_seen(); ++i) {
            const Instant end = stage.now() + minutes(10);
            while (stage.schedule.run_next(end)) {
            }
            provider.tick();
        }
        return is_seen();
    }
    Stage stage;
    FakeProvider provider;
    std::uint64_t intents = 0;
    int boots = 0;
    int kills = 0;
};

TEST(FakeProviderTroubles, BeatenMachineIsPausedAndMayWakeByItself) {
    Market market(Fault::kWakesAlone);
    for (int i = 0; i < 6; ++i)
        market.rent(true);
    EXPECT_TRUE(market.run_until([&] { return market.stage.marks.hits(Mark::kWokeAlone) > 0; }));
    EXPECT_GT(market.kills, 0) << "nothing runs while it is paused";
    const int before = market.boots;
    EXPECT_TRUE(market.run_until([&] { return market.boots > before; })) << "a new container";
}

TEST(FakeProviderTroubles, QueuedStartIsListedAsSuchAndFiresLater) {
    Market market(Fault::kStartQueued);
    const auto is_queued = [&] {
        for (const ListedMachine& row : market.provider.list(market.stage.now())) {
            if (row.state == MachineState::kQueued) return true;
        }
        return false;
    };
    for (int i = 0; i < 8; ++i)
        market.rent(false);
    while (market.stage.schedule.run_next(Instant{} + seconds(5))) {
    }
    EXPECT_TRUE(is_queued());
    EXPECT_TRUE(
        market.run_until([&] { return market.stage.marks.hits(Mark::kQueuedStartFired) > 0; }));
}

// Rents on demand from a host whose offer ends; 0 if none is left.
ContractId rent_until_its_end(Market& market) {
    for (const Offer& offer : market.provider.offers("", 1)) {
        if (offer.interruptible || offer.remaining >= kForever) continue;
        CreateCall call;
        call.intent = IntentId{++market.intents};
        call.ask = offer.ask;
        call.label = "label";
        call.disk = gigabytes(10);
        return market.provider.create(call, false);
    }
    return {};
}

TEST(FakeProviderTroubles, ContractEndsAsItsOfferSaidAndItsMachineIsGoneTwoDaysLater) {
    Market market(Fault::kContractEnds);
    const ContractId id = rent_until_its_end(market);
    ASSERT_TRUE(id);
    const Rental& rental = *market.provider.find(id);
    EXPECT_EQ(market.provider.list(market.stage.now() + seconds(1)).front().lasts,
              rental.ends - rental.created);
    ASSERT_TRUE(market.run_until([&] { return market.stage.now() > rental.ends; }));
    EXPECT_EQ(rental.state, RentalState::kStopped);
    EXPECT_EQ(market.kills, 1);
    ASSERT_TRUE(market.run_until([&] { return rental.state == RentalState::kGone; }));
    EXPECT_EQ(*rental.gone_at, rental.ends + days(2));
}

TEST(FakeProviderTroubles, AcceptedIncreaseProlongsTheContractAndIsBilledFromItsOldEndOn) {
    Market market({Fault::kContractEnds, Fault::kPriceIncrease});
    const ContractId id = rent_until_its_end(market);
    ASSERT_TRUE(id);
    const Rental& rental = *market.provider.find(id);
    const Instant end = rental.ends;
    const UsdPerHour before = rental.gpu_rate;
    ASSERT_TRUE(market.run_until([&] { return !market.provider.increases().empty(); }));
    const PriceIncrease increase = market.provider.increases().front();
    EXPECT_EQ(increase.contract, id);
    EXPECT_GT(increase.gpu_price, before);
    EXPECT_TRUE(market.provider.answer_increase(increase.id, true));
    EXPECT_FALSE(market.provider.answer_increase(increase.id, true)) << "it waits no longer";
    EXPECT_EQ(rental.ends, end + days(1));
    EXPECT_EQ(rental.gpu_rate, before) << "a running contract keeps its price";
    ASSERT_TRUE(market.run_until([&] { return market.stage.now() > end + hours(1); }));
    EXPECT_EQ(rental.gpu_rate, increase.gpu_price);
    EXPECT_EQ(rental.spans.back().rate, increase.gpu_price);
    EXPECT_EQ(rental.spans.back().from, end);
}

TEST(FakeProviderTroubles, MaintenanceIsAnnouncedBeforeItTakesTheMachineDown) {
    Market market(Fault::kMaintenance);
    const ContractId id = market.rent(false);
    const std::int64_t machine = market.provider.rentals().at(id).machine;
    const auto announced = [&] { return market.provider.maintenances({machine}); };
    ASSERT_TRUE(market.run_until([&] { return !announced().empty(); }));
    EXPECT_GE(announced().front().begins_in, minutes(30));
    EXPECT_TRUE(market.provider.maintenances({machine + 1'000}).empty());
    const Rental& rental = market.provider.rentals().at(id);
    ASSERT_TRUE(market.run_until([&] { return rental.is_offline; }));
    EXPECT_LE(announced().front().begins_in, Duration{}) << "it goes on";
    EXPECT_EQ(market.kills, 1) << "whatever ran there is gone";
    for (const Offer& offer : market.provider.offers("", 0))
        EXPECT_NE(offer.machine, machine);
    ASSERT_TRUE(market.run_until([&] { return !rental.is_offline; }));
    EXPECT_TRUE(announced().empty() || announced().front().begins_in > Duration{});
}

TEST(FakeProviderTroubles, RejectedIncreaseLetsTheContractEnd) {
    Market market({Fault::kContractEnds, Fault::kPriceIncrease});
    const Rental& rental = *market.provider.find(rent_until_its_end(market));
    const Instant end = rental.ends;
    ASSERT_TRUE(market.run_until([&] { return !market.provider.increases().empty(); }));
    market.provider.answer_increase(market.provider.increases().front().id, false);
    ASSERT_TRUE(market.run_until([&] { return market.stage.now() > end; }));
    EXPECT_EQ(rental.state, RentalState::kStopped);
}

TEST(FakeProviderTroubles, WithoutCreditEverythingStopsAndItsDiskBillsOn) {
    Market market(Fault::kCreditOut);
    const ContractId id = market.rent(false);
    ASSERT_TRUE(market.run_until([&] { return !market.provider.has_credit(); }));
    EXPECT_EQ(market.provider.find(id)->state, RentalState::kStopped);
    const Usd then = total_bill(*market.provider.find(id), market.stage.now());
    while (market.stage.schedule.run_next(market.stage.now() + minutes(5))) {
    }
    EXPECT_GT(total_bill(*market.provider.find(id), market.stage.now() + hours(1)), then);
    EXPECT_TRUE(market.run_until([&] { return market.provider.has_credit(); }));
}

TEST(FakeProviderTroubles, HostsGoAwayUnbilledAndComeBack) {
    Market market(Fault::kHostOffline);
    const ContractId id = market.rent(false);
    ASSERT_TRUE(market.run_until([&] { return market.provider.find(id)->is_offline; }));
    EXPECT_FALSE(market.provider.destroy(id));
    const Usd then = total_bill(*market.provider.find(id), market.stage.now());
    EXPECT_EQ(total_bill(*market.provider.find(id), market.stage.now() + hours(1)), then);
    EXPECT_TRUE(market.run_until([&] { return !market.provider.find(id)->is_offline; }));
}

}  // namespace

}  // namespace herder::sim
