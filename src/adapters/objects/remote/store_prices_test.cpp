#include "adapters/objects/remote/store_prices.h"

#include <gtest/gtest.h>

namespace herder::remote {
namespace {

TEST(StorePrices, AreKnownForSome) {
    for (const char* provider : {"aws", "gcs", "azure", "r2", "b2"}) {
        const auto known = prices_of(provider);
        ASSERT_TRUE(known) << provider;
        EXPECT_GT(known->prices.gigabyte_month, Usd{});
    }
    EXPECT_EQ(prices_of("r2")->prices.gigabyte_out, Usd{});
}

TEST(StorePrices, AreNotMadeUpForOthers) {
    EXPECT_FALSE(prices_of("other"));
    EXPECT_FALSE(prices_of("wasabi"));
}

}  // namespace
}  // namespace herder::remote
