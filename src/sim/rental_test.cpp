#include "sim/rental.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(Rental, BillsByDayAndKind) {
    Rental rental;
    rental.id = ContractId{7};
    start_billing(rental, ChargeKind::kGpu, UsdPerHour{1'000'000}, Instant{} + hours(23));
    stop_billing(rental, ChargeKind::kGpu, Instant{} + hours(25));
    const auto amounts = bill(rental, Instant{} + hours(48));
    ASSERT_EQ(amounts.size(), 2U);
    for (const auto& [key, amount] : amounts)
        EXPECT_EQ(amount, usd_micros(1'000'000));
    EXPECT_EQ(total_bill(rental, Instant{} + hours(48)), usd_micros(2'000'000));
}

TEST(Rental, KnowsItsBillAtAnEarlierMoment) {
    Rental rental;
    start_billing(rental, ChargeKind::kDisk, UsdPerHour{3'600'000}, Instant{});
    EXPECT_EQ(total_bill(rental, Instant{} + seconds(10)), usd_micros(10'000));
    EXPECT_EQ(total_bill(rental, Instant{}), Usd{});
}

}  // namespace herder::sim
