#include "base/money.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(Money, RateTimesDurationRoundsHalfUp) {
    EXPECT_EQ(usd_per_hour_micros(620'000) * hours(2), usd_micros(1'240'000));
    EXPECT_EQ(usd_per_hour_micros(1) * minutes(30), usd_micros(1));
    EXPECT_EQ(usd_per_hour_micros(1) * minutes(29), usd_micros(0));
}

TEST(Money, DoesNotOverflowOverTenYearsAtAThousandDollars) {
    EXPECT_EQ(usd_per_hour_micros(1'000'000'000) * days(3650),
              usd_micros(1'000'000'000LL * 24 * 3650));
}

TEST(Money, PrintsForMachinesInFullAndForPeopleInFourDigits) {
    EXPECT_EQ(to_decimal(usd_micros(12'403'100)), "12.4031");
    EXPECT_EQ(to_decimal(usd_micros(1)), "0.000001");
    EXPECT_EQ(to_decimal(usd_micros(-3'000'000)), "-3");
    EXPECT_EQ(to_text(usd_micros(12'400'000)), "$12.40");
    EXPECT_EQ(to_text(usd_micros(3'149)), "$0.0031");
    EXPECT_EQ(to_text(usd_micros(-1'500'000)), "-$1.50");
    EXPECT_EQ(to_text(usd_per_hour_micros(620'000)), "$0.62/h");
}

TEST(Money, ParsesWhatItPrintsAndRefusesTheRest) {
    EXPECT_EQ(parse_usd("$4.00").value(), usd_cents(400));
    EXPECT_EQ(parse_usd("0.000001").value(), usd_micros(1));
    for (const char* bad : {"", "$", "-1", "1.2345678", "1e3", "4 USD", "."}) {
        EXPECT_FALSE(parse_usd(bad)) << bad;
    }
}

}  // namespace
}  // namespace herder
