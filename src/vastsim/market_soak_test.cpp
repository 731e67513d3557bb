// Random renting in the hostile world: what must hold at every moment, whatever happens.
#include <gtest/gtest.h>

#include <set>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

void expect_no_gpu_is_held_twice(const Market& market) {
    std::set<std::pair<std::int64_t, std::size_t>> held;
    for (const auto& [id, contract] : market.contracts()) {
        if (contract.destroyed) {
            ASSERT_FALSE(contract.has_gpus) << id;
        }
        for (std::size_t i = 0; contract.has_gpus && i < contract.gpu_count; ++i) {
            const bool first = held.emplace(contract.machine_id, contract.first_gpu + i).second;
            ASSERT_TRUE(first) << "contract " << id;
        }
    }
}

void act_at_random(Market& market, RandomStream& random) {
    std::vector<ContractNumber> live;
    for (const auto& [id, contract] : market.contracts()) {
        if (!contract.destroyed) live.push_back(id);
    }
    const std::uint64_t what = random.below(8);
    if (live.empty() || what < 3) {
        const auto offers = market.offers(random.below(2) == 0, 10'000);
        CreateRequest request = request_for(offers[random.below(offers.size())]);
        request.cancel_unavail = random.below(2) == 0;
        (void)market.create(
            request, {.stopped_contract = random.below(20) == 0, .phantom = random.below(20) == 0});
        return;
    }
    const ContractNumber id = live[random.below(live.size())];
    if (what == 3) market.destroy(id);
    if (what == 4) market.stop(id);
    if (what == 5) (void)market.start(id);
    if (what == 6) (void)market.outbid(id, minutes(random.between(1, 300)));
    if (what == 7) (void)(random.below(2) ? market.go_offline(id, true) : market.go_online(id));
}

TEST(MarketSoak, GpusAreExclusiveAndEveryCentIsOnOneContract) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Market market(hostile_scenario(), seed, kStart);
        market.set_credit(usd_cents(100'000'000));
        RandomStream random(seed, "soak");
        for (int step = 0; step < 400; ++step) {
            market.advance(market.now() + seconds(random.between(1, 900)));
            act_at_random(market, random);
            (void)market.listed_now();
            (void)market.take_commands();
            expect_no_gpu_is_held_twice(market);
        }
        Usd sum;
        for (const auto& [id, contract] : market.contracts())
            sum += market.cost_of(id);
        EXPECT_EQ(sum, market.spent()) << "seed " << seed;
        for (const auto& [id, contract] : market.contracts())
            market.destroy(id);
        const Usd total = market.spent();
        market.advance(market.now() + hours(100));
        EXPECT_EQ(market.spent(), total) << "nothing bills after it was destroyed";
    }
}

}  // namespace
}  // namespace herder::vastsim
