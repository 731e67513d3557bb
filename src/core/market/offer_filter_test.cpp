#include "core/market/offer_filter.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

Offer offer(std::int64_t ask, const std::string& gpu, std::int64_t cents, int reliability_percent) {
    Offer out;
    out.ask = ask;
    out.gpu_name = gpu;
    out.gpu_price = usd_per_hour_micros(cents * 10'000);
    out.reliability_ppm = reliability_percent * 10'000;
    out.disk_free = gigabytes(100);
    out.location = "DE";
    return out;
}

OfferWish wish() {
    OfferWish out;
    out.gpu_name = "RTX_4090";
    out.price_max = usd_per_hour_micros(300'000);
    out.reliability_min_ppm = 950'000;
    return out;
}

const ConditionEffect& effect_of(const OfferExplanation& all, OfferCondition condition) {
    for (const ConditionEffect& one : all.effects) {
        if (one.condition == condition) return one;
    }
    ADD_FAILURE() << to_string(condition) << " is not told";
    return all.effects.front();
}

TEST(OfferFilter, CountsWhatEachConditionRemovesInTurn) {
    const OfferExplanation all = explain_offers(
        {offer(1, "RTX_4090", 25, 99), offer(2, "RTX_4090", 40, 99), offer(3, "RTX_3090", 10, 99),
         offer(4, "RTX_4090", 20, 90), offer(5, "RTX_3090", 90, 50)},
        wish());
    EXPECT_EQ(all.seen, 5);
    EXPECT_EQ(all.matching, 1);
    EXPECT_EQ(effect_of(all, OfferCondition::kGpu).removed, 2);
    EXPECT_EQ(effect_of(all, OfferCondition::kReliability).removed, 1);
    EXPECT_EQ(effect_of(all, OfferCondition::kPrice).removed, 1);
    int sum = all.matching;
    for (const ConditionEffect& one : all.effects)
        sum += one.removed;
    EXPECT_EQ(sum, all.seen);
}

TEST(OfferFilter, NamesTheNextLooserConditionAndWhatItBrings) {
    const OfferExplanation all = explain_offers(
        {offer(1, "RTX_4090", 35, 99), offer(2, "RTX_4090", 45, 99), offer(3, "RTX_3090", 10, 99),
         offer(4, "RTX_4090", 20, 90), offer(5, "RTX_4090", 21, 92)},
        wish());
    const ConditionEffect& price = effect_of(all, OfferCondition::kPrice);
    EXPECT_EQ(price.looser, "0.35");
    EXPECT_EQ(price.gained, 1);
    EXPECT_EQ(*price.cheapest, usd_per_hour_micros(350'000));
    EXPECT_EQ(effect_of(all, OfferCondition::kReliability).looser, "0.92");
    EXPECT_EQ(effect_of(all, OfferCondition::kGpu).looser, "RTX_3090");
    EXPECT_EQ(effect_of(all, OfferCondition::kCount).looser, "");
}

TEST(OfferFilter, APriceIsRoundedUpSoThatItHolds) {
    Offer odd = offer(1, "RTX_4090", 31, 99);
    odd.gpu_price = usd_per_hour_micros(312'345);
    const OfferExplanation all = explain_offers({odd}, wish());
    EXPECT_EQ(effect_of(all, OfferCondition::kPrice).looser, "0.32");
    EXPECT_EQ(effect_of(all, OfferCondition::kPrice).gained, 1);
}

// Whatever is proposed, asking for it brings as many offers as was said.
TEST(OfferFilter, EveryProposalHoldsWhenItIsFollowed) {
    std::vector<Offer> offers;
    for (int i = 0; i < 60; ++i) {
        Offer one = offer(i + 1, i % 3 == 0 ? "RTX_3090" : "RTX_4090", 15 + i % 29, 85 + i % 15);
        one.gpu_count = 1 + i % 2;
        one.interruptible = i % 5 < 2;
        one.location = i % 7 == 0 ? "US" : "DE";
        one.disk_free = gigabytes(20 + i % 50);
        offers.push_back(one);
    }
    OfferWish narrow = wish();
    narrow.disk = gigabytes(40);
    narrow.market = Market::kSpot;
    narrow.countries = {"DE"};
    const OfferExplanation before = explain_offers(offers, narrow);
    ASSERT_EQ(before.effects.size(), kOfferConditions);
    for (const ConditionEffect& effect : before.effects) {
        if (effect.looser.empty()) continue;
        OfferWish wider = narrow;
        switch (effect.condition) {
            case OfferCondition::kGpu:
                // Another GPU instead of this one: what is gained is all that there is.
                wider.gpu_name = effect.looser;
                EXPECT_EQ(explain_offers(offers, wider).matching, effect.gained);
                continue;
            case OfferCondition::kCount:
                wider.gpu_count = std::stoi(effect.looser);
                EXPECT_EQ(explain_offers(offers, wider).matching, effect.gained);
                continue;
            case OfferCondition::kDisk:
                wider.disk = gigabytes(std::stoi(effect.looser));
                break;
            case OfferCondition::kMarket:
                wider.market = Market::kAuto;
                break;
            case OfferCondition::kCountry:
                wider.countries.push_back(effect.looser);
                break;
            case OfferCondition::kReliability:
                wider.reliability_min_ppm = static_cast<int>(parse_usd(effect.looser)->micros);
                break;
            case OfferCondition::kPrice:
                wider.price_max = UsdPerHour{parse_usd(effect.looser)->micros};
                break;
        }
        EXPECT_EQ(explain_offers(offers, wider).matching, before.matching + effect.gained)
            << to_string(effect.condition);
    }
}

TEST(OfferFilter, AnEmptyMarketIsToldAsSuch) {
    const OfferExplanation all = explain_offers({}, wish());
    EXPECT_EQ(all.seen, 0);
    EXPECT_EQ(all.matching, 0);
    for (const ConditionEffect& one : all.effects)
        EXPECT_EQ(one.looser, "");
}

}  // namespace
}  // namespace herder
