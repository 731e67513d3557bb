#include "vastsim/catalog.h"

#include <gtest/gtest.h>

#include <set>

namespace herder::vastsim {
namespace {

constexpr WallTime kStart{1'790'000'000'000'000};

TEST(Catalog, SameSeedGivesTheSameMachines) {
    const auto a = make_machines(calm_scenario(), RandomStream(5, "catalog"), kStart);
    const auto b = make_machines(calm_scenario(), RandomStream(5, "catalog"), kStart);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].on_demand_per_gpu, b[i].on_demand_per_gpu);
        EXPECT_EQ(a[i].geolocation, b[i].geolocation);
    }
}

TEST(Catalog, ManyRtx4090BidsLieBelowAQuarterDollar) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        int cheap = 0;
        std::set<std::string> cards;
        for (const Machine& m :
             make_machines(calm_scenario(), RandomStream(seed, "catalog"), kStart)) {
            cards.insert(m.gpu.name);
            if (m.gpu.name == "RTX 4090" && m.floor_per_gpu.micros < 250'000) ++cheap;
        }
        EXPECT_GE(cheap, 5) << "seed " << seed;
        EXPECT_TRUE(cards.contains("A100 SXM4") && cards.contains("H100 SXM"));
    }
}

TEST(Catalog, EightGpusGiveOverlappingSlicesOfPowersOfTwo) {
    Machine machine;
    machine.gpu_ids = {1, 2, 3, 4, 5, 6, 7, 8};
    ContractNumber next = 100;
    const auto asks = make_asks(machine, next);
    ASSERT_EQ(asks.size(), 8U + 4U + 2U + 1U);
    EXPECT_EQ(asks.front().id, 100);
    EXPECT_EQ(next, 115);
    EXPECT_EQ(asks.back().gpu_count, 8U);
}

}  // namespace
}  // namespace herder::vastsim
