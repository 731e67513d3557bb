#include "core/provisioner/price_increase.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

Intent rented(std::int64_t cap_micros) {
    Intent intent;
    intent.gpu_rate = {190'000};
    intent.disk_rate = {10'000};
    intent.price_cap = {cap_micros};
    return intent;
}

bool accepts(const Intent& intent, std::int64_t gpu_micros) {
    PriceIncrease increase;
    increase.gpu_price = {gpu_micros};
    const IncreaseAnswer answer = answer_increase(intent, increase);
    EXPECT_NE(answer.why, "");
    return answer.accept;
}

TEST(PriceIncrease, TheJobsLimitDecides) {
    EXPECT_TRUE(accepts(rented(300'000), 290'000));
    EXPECT_FALSE(accepts(rented(300'000), 290'001));
}

TEST(PriceIncrease, WithoutALimitAQuarterMoreIsBorne) {
    EXPECT_TRUE(accepts(rented(0), 240'000));
    EXPECT_FALSE(accepts(rented(0), 240'001));
}

TEST(PriceIncrease, APriceThatIsNotSaidIsNotAccepted) {
    EXPECT_FALSE(accepts(rented(300'000), 0));
    EXPECT_FALSE(accepts(rented(0), 0));
}

TEST(PriceIncrease, SaysWhy) {
    PriceIncrease increase;
    increase.gpu_price = {400'000};
    EXPECT_EQ(answer_increase(rented(300'000), increase).why,
              "$0.20/h to $0.41/h, above the job's limit of $0.30/h");
}

}  // namespace
}  // namespace herder
