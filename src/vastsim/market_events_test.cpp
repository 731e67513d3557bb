// Each shipped scenario, in virtual time: its special event really happens.
#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

Market market_of(const std::string& name) {
    const Result<Scenario> scenario = load_scenario(name);
    EXPECT_TRUE(scenario) << scenario.error().message;
    return Market(*scenario, 5, kStart);
}

// As many different machines as asked for, at the lowest bids.
std::vector<ContractNumber> rent_many(Market& market, std::size_t count, bool bid) {
    std::vector<ContractNumber> ids;
    for (const Offer& offer : market.offers(bid, 10'000)) {
        if (ids.size() == count) break;
        if (!offer.rentable || offer.ask.gpu_count != 1) continue;
        CreateRequest request = request_for(offer);
        request.image = "image:" + std::to_string(ids.size());  // cached nowhere
        const CreateOutcome outcome = market.create(request);
        if (const Created* created = std::get_if<Created>(&outcome)) ids.push_back(created->id);
    }
    return ids;
}

bool happened(const Market& market, ContractNumber id, const std::string& what) {
    const auto& history = market.contracts().at(id).history;
    return std::any_of(history.begin(), history.end(),
                       [&](const HistoryEntry& e) { return e.what.starts_with(what); });
}

std::size_t count_of(const Market& market, const std::string& what) {
    std::size_t count = 0;
    for (const auto& [id, contract] : market.contracts())
        count += happened(market, id, what) ? 1 : 0;
    return count;
}

TEST(Scenarios, CalmIsCalm) {
    Market market = market_of("calm");
    const auto ids = rent_many(market, 5, true);
    market.advance(kStart + hours(12));
    for (const ContractNumber id : ids)
        EXPECT_EQ(market.contracts().at(id).reported.actual_status, "running");
}

TEST(Scenarios, BusyHasTenantsWhoOutbidAndPricesThatWalk) {
    Market market = market_of("busy");
    market.set_credit(usd_cents(10'000'000));
    rent_many(market, 40, true);
    const UsdPerHour before = market.machines().begin()->second.on_demand_per_gpu;
    market.advance(kStart + hours(12));
    EXPECT_GT(count_of(market, "outbid"), 0U);
    EXPECT_NE(market.machines().begin()->second.on_demand_per_gpu, before);
}

TEST(Scenarios, PriceSpikeTriplesPricesAndGoesBack) {
    Market market = market_of("price_spike");
    const UsdPerHour before = market.machines().begin()->second.on_demand_per_gpu;
    rent_many(market, 20, true);
    market.advance(kStart + seconds(601));
    const UsdPerHour high = market.machines().begin()->second.on_demand_per_gpu;
    EXPECT_GT(high.micros, before.micros * 28 / 10);
    market.advance(kStart + hours(2));
    EXPECT_GT(count_of(market, "outbid"), 0U);
    market.advance(kStart + hours(3));
    EXPECT_LT(market.machines().begin()->second.on_demand_per_gpu.micros, before.micros * 15 / 10);
}

TEST(Scenarios, EvictionStormTakesHalfOfTheBidsInBothPatterns) {
    Market market = market_of("eviction_storm");
    const auto ids = rent_many(market, 20, true);
    market.advance(kStart + minutes(21));
    const std::size_t outbid = count_of(market, "outbid");
    EXPECT_GE(outbid, 4U);
    EXPECT_LE(outbid, 16U);
    std::size_t kept = 0;
    for (const ContractNumber id : ids) {
        const Contract& contract = market.contracts().at(id);
        if (contract.outbid && contract.intended == ContractState::kRunning) ++kept;
    }
    EXPECT_GT(kept, 0U);
    EXPECT_LT(kept, outbid);
}

TEST(Scenarios, SlowPullsTakeHoursAndSomeFail) {
    Market market = market_of("slow_pulls");
    market.set_credit(usd_cents(10'000'000));
    const auto ids = rent_many(market, 60, false);
    market.advance(kStart + minutes(15));
    for (const ContractNumber id : ids)
        EXPECT_FALSE(market.contracts().at(id).first_running) << id;
    market.advance(kStart + hours(4));
    EXPECT_GT(count_of(market, "running"), 30U);
    EXPECT_GT(count_of(market, "container start failed") + count_of(market, "stuck"), 0U);
}

TEST(Scenarios, LyingHostsGiveHalfTheDisk) {
    Market market = market_of("lying_hosts");
    market.set_credit(usd_cents(10'000'000));
    std::size_t short_disks = 0;
    for (const ContractNumber id : rent_many(market, 40, false))
        short_disks += market.contracts().at(id).disk_gb < 10 ? 1 : 0;
    EXPECT_GT(short_disks, 5U);
    EXPECT_LT(short_disks, 30U);
    market.advance(kStart + hours(1));
    std::size_t dead = 0;
    for (const auto& [id, contract] : market.contracts()) {
        const bool reads_running = contract.reported.actual_status == "running";
        dead += reads_running && !contract.container_alive ? 1 : 0;
    }
    EXPECT_GT(dead, 0U) << "reads running, nothing runs";
}

TEST(Scenarios, CreditOutStopsEverythingUntilTheCardPays) {
    Market market = market_of("credit_out");
    const auto ids = rent_many(market, 4, false);
    ASSERT_FALSE(ids.empty());
    market.advance(kStart + hours(3));
    EXPECT_GT(count_of(market, "out of credit"), 0U);
    EXPECT_GE(market.invoices().size(), 2U);
    EXPECT_GT(market.credit(), usd_micros(0));
}

TEST(Scenarios, RegionOutageTakesOneCountryForAnHour) {
    Market market = market_of("region_outage");
    market.advance(kStart + minutes(31));
    for (const auto& [id, machine] : market.machines())
        EXPECT_EQ(machine.online, !machine.geolocation.ends_with("US")) << machine.geolocation;
    market.advance(kStart + minutes(91));
    for (const auto& [id, machine] : market.machines())
        EXPECT_TRUE(machine.online);
}

TEST(Scenarios, HostsVanishForGood) {
    Market market = market_of("hosts_vanish");
    market.advance(kStart + hours(6));
    std::size_t gone = 0;
    for (const auto& [id, machine] : market.machines())
        gone += machine.vanished && !machine.online ? 1 : 0;
    EXPECT_GT(gone, 50U);
    EXPECT_LT(gone, 200U);
}

TEST(Scenarios, RentalsEndAfterNoticesAndRaises) {
    Market market = market_of("rentals_end");
    market.set_credit(usd_cents(10'000'000));
    rent_many(market, 20, false);
    market.advance(kStart + minutes(16));
    EXPECT_FALSE(market.pending_increases().empty());
    std::set<std::string> told;
    for (const Notice& notice : market.take_notices())
        told.insert(notice.slug);
    EXPECT_TRUE(told.contains("upcoming_downtime"));
    market.advance(kStart + minutes(60));
    EXPECT_GT(count_of(market, "end of rental"), 0U);
    EXPECT_GT(count_of(market, "machine offline"), 0U);
}

TEST(Scenarios, ASeedDecidesEverything) {
    const auto story = [](std::uint64_t seed) {
        Market market(*load_scenario("busy"), seed, kStart);
        rent_many(market, 10, true);
        market.advance(kStart + hours(5));
        std::string text;
        for (const auto& [id, contract] : market.contracts()) {
            for (const HistoryEntry& entry : contract.history)
                text += std::to_string(id) + entry.what + std::to_string(entry.at.us) + ";";
        }
        return text;
    };
    EXPECT_EQ(story(4), story(4));
    EXPECT_NE(story(4), story(5));
}

TEST(Scenarios, AStepGoesFromEventToEvent) {
    Market market = market_of("busy");
    for (int i = 0; i < 100; ++i) {
        const auto next = market.next_event();
        ASSERT_TRUE(next);
        EXPECT_GE(*next, market.now());
        market.advance(*next);
    }
}

}  // namespace
}  // namespace herder::vastsim
