#include "core/market/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"

namespace herder {
namespace {

Offer offer_of(std::int64_t ask, std::int64_t price_micros, bool interruptible = false) {
    Offer offer;
    offer.provider = "vast";
    offer.ask = ask;
    offer.machine = ask * 10;
    offer.gpu_name = "RTX_4090";
    offer.gpu_ram_mb = 24'564;
    offer.interruptible = interruptible;
    offer.gpu_price = {price_micros};
    offer.reliability_ppm = 990'000;
    offer.upload_mbps = 500;
    offer.disk_free = gigabytes(100);
    offer.remaining = days(30);
    return offer;
}

ResourceRequest request_of(std::int64_t price_max_micros = 0) {
    ResourceRequest request;
    request.gpu_name = "RTX_4090";
    request.price_max = {price_max_micros};
    return request;
}

Ranking rank(const std::vector<Offer>& offers, const std::vector<ResourceRequest>& any_of,
             const Avoidance& avoid = {}, Duration work = hours(2)) {
    JobSpec spec;
    spec.any_of = any_of;
    return rank_offers(offers, spec, avoid, work, Instant{1'000}, SimpleExpectedPrice());
}

TEST(Reject, AcceptsAnOfferThatFits) {
    EXPECT_EQ(reject(offer_of(1, 200'000), request_of(250'000)), std::nullopt);
    EXPECT_EQ(reject(offer_of(1, 200'000), ResourceRequest{}), std::nullopt);
}

TEST(Reject, NamesTheReason) {
    const auto reason = [](auto change) {
        Offer offer = offer_of(1, 200'000);
        ResourceRequest request = request_of(250'000);
        change(offer, request);
        return reject(offer, request);
    };
    EXPECT_EQ(reason([](Offer& o, auto&) { o.gpu_name = "RTX_3090"; }), Rejection::kWrongGpu);
    EXPECT_EQ(reason([](Offer& o, auto&) { o.gpu_count = 2; }), Rejection::kTooFewGpus);
    EXPECT_EQ(reason([](auto&, ResourceRequest& r) { r.gpu_count = 2; }), Rejection::kTooFewGpus);
    EXPECT_EQ(reason([](auto&, ResourceRequest& r) { r.gpu_ram_mb_min = 24'565; }),
              Rejection::kTooLittleVram);
    EXPECT_EQ(reason([](auto&, ResourceRequest& r) { r.disk = gigabytes(101); }),
              Rejection::kTooLittleDisk);
    EXPECT_EQ(reason([](Offer& o, auto&) { o.gpu_price = {}; }), Rejection::kUnknownPrice);
    EXPECT_EQ(reason([](Offer& o, auto&) { o.gpu_price = {250'001}; }), Rejection::kTooDear);
    EXPECT_EQ(reason([](Offer& o, auto&) { o.disk_price_per_gb = {5'001}; }), Rejection::kTooDear)
        << "disk counts towards the limit";
    EXPECT_EQ(reason([](auto&, ResourceRequest& r) { r.reliability_min_ppm = 990'001; }),
              Rejection::kUnreliable);
    EXPECT_EQ(reason([](auto&, ResourceRequest& r) { r.market = Market::kSpot; }),
              Rejection::kWrongMarket);
    EXPECT_EQ(reason([](Offer& o, ResourceRequest& r) {
                  o.interruptible = true;
                  r.market = Market::kOnDemand;
              }),
              Rejection::kWrongMarket);
}

TEST(Reject, AFamilyTakesAllItsCards) {
    Offer offer = offer_of(1, 200'000);
    offer.gpu_name = "A100_SXM4";
    ResourceRequest request;
    request.gpu_name = "A100";
    EXPECT_EQ(reject(offer, request), std::nullopt);
}

TEST(Rank, PrefersTheLowerExpectedCostAndSaysWhy) {
    const Ranking ranking = rank({offer_of(1, 400'000), offer_of(2, 200'000)}, {request_of()});
    ASSERT_EQ(ranking.candidates.size(), 2U);
    EXPECT_EQ(ranking.candidates[0].offer.ask, 2);
    EXPECT_EQ(ranking.candidates[0].why, "lowest expected cost");
    EXPECT_EQ(ranking.candidates[1].why, "100 % dearer");
    EXPECT_EQ(ranking.offers_seen, 2);
}

TEST(Rank, InterruptionsMayMakeTheCheaperHourTheDearerJob) {
    Offer spot = offer_of(1, 260'000, true);  // bid 0.299
    const Offer on_demand = offer_of(2, 300'000);
    EXPECT_EQ(rank({spot, on_demand}, {request_of()}).candidates[0].offer.ask, 2);
    spot.gpu_price = {150'000};
    EXPECT_EQ(rank({spot, on_demand}, {request_of()}).candidates[0].offer.ask, 1);
}

TEST(Rank, BidsABitAboveTheFloorRoundedUpAndNeverAboveTheLimit) {
    Offer offer = offer_of(1, 170'001, true);
    offer.disk_price_per_gb = {208};  // 0.15 $/GB/month
    Candidate candidate = rank({offer}, {request_of()}).candidates.at(0);
    EXPECT_EQ(candidate.bid, UsdPerHour{195'502}) << "195,501.15 rounded up";
    EXPECT_EQ(candidate.price, UsdPerHour{195'502 + 2'080});
    candidate = rank({offer}, {request_of(180'000)}).candidates.at(0);
    EXPECT_EQ(candidate.bid, UsdPerHour{180'000 - 2'080});
    EXPECT_EQ(candidate.price, UsdPerHour{180'000});
    EXPECT_EQ(rank({offer}, {request_of(172'080)}).rejected[Rejection::kTooDear], 1);
}

TEST(Rank, OnDemandHasNoBid) {
    const Candidate candidate = rank({offer_of(1, 300'000)}, {request_of()}).candidates.at(0);
    EXPECT_EQ(candidate.bid, UsdPerHour{});
    EXPECT_EQ(candidate.price, UsdPerHour{300'000});
}

TEST(Rank, AnyOfTakesTheCheapestRequestAndCountsTheNearestMiss) {
    ResourceRequest wrong = request_of();
    wrong.gpu_name = "H100_SXM";
    const Ranking ranking = rank({offer_of(1, 300'000)}, {wrong, request_of(200'000)});
    EXPECT_TRUE(ranking.candidates.empty());
    EXPECT_EQ(ranking.rejected, (std::map<Rejection, int>{{Rejection::kTooDear, 1}}));

    Offer disk_costs = offer_of(1, 300'000);
    disk_costs.disk_price_per_gb = {1'000};
    ResourceRequest large = request_of();
    large.disk = gigabytes(80);
    EXPECT_EQ(rank({disk_costs}, {large, request_of()}).candidates.at(0).request.disk,
              gigabytes(10));
}

TEST(Rank, LeavesAvoidedMachinesAndAsksInUseAlone) {
    Avoidance avoid;
    avoid.machines = {{10, Instant{1'001}}, {20, Instant{1'000}}};
    avoid.asks = {3};
    const Ranking ranking =
        rank({offer_of(1, 1'000), offer_of(2, 1'000), offer_of(3, 1'000)}, {request_of()}, avoid);
    ASSERT_EQ(ranking.candidates.size(), 1U);
    EXPECT_EQ(ranking.candidates[0].offer.ask, 2) << "its avoidance has just ended";
    EXPECT_EQ(ranking.rejected.at(Rejection::kAvoided), 1);
    EXPECT_EQ(ranking.rejected.at(Rejection::kInUse), 1);
}

TEST(Rank, OffersThatEndTooSoonAreRefusedAndShortOnesPayForTheMoves) {
    Offer offer = offer_of(1, 300'000);
    offer.remaining = minutes(74);
    EXPECT_EQ(rank({offer}, {request_of()}, {}, hours(5)).rejected[Rejection::kEndsTooSoon], 1);
    EXPECT_EQ(rank({offer}, {request_of()}, {}, minutes(59)).candidates.size(), 1U);
    offer.remaining = minutes(76);
    const Ranking short_stay = rank({offer, offer_of(2, 301'000)}, {request_of()}, {}, hours(5));
    ASSERT_EQ(short_stay.candidates.size(), 2U);
    EXPECT_EQ(short_stay.candidates[0].offer.ask, 2) << "a little dearer, but stays";
    EXPECT_EQ(short_stay.candidates[1].why.substr(short_stay.candidates[1].why.find(", ")),
              ", ends in 1h 16m");
}

TEST(Rank, TellsOfASlowUpload) {
    Offer offer = offer_of(1, 300'000);
    offer.upload_mbps = 12;
    EXPECT_EQ(rank({offer}, {request_of()}).candidates.at(0).why,
              "lowest expected cost, slow upload: 12 Mb/s");
}

TEST(Rank, DoesNotDependOnTheOrderOfOffers) {
    RandomStream random(3, "ranking");
    std::vector<Offer> offers;
    for (int i = 0; i < 60; ++i) {
        offers.push_back(
            offer_of(1 + i, 100'000 + 50'000 * random.between(0, 5), random.below(2) == 0));
    }
    const Ranking first = rank(offers, {request_of()});
    for (int round = 0; round < 20; ++round) {
        for (std::size_t i = offers.size() - 1; i > 0; --i)
            std::swap(offers[i], offers[random.below(i + 1)]);
        const Ranking again = rank(offers, {request_of()});
        ASSERT_EQ(again.candidates.size(), first.candidates.size());
        for (std::size_t i = 0; i < first.candidates.size(); ++i)
            ASSERT_EQ(again.candidates[i].offer, first.candidates[i].offer);
    }
}

TEST(SimpleExpectedPrice, StretchesTimeByExpectedLosses) {
    const SimpleExpectedPrice pricing;
    Offer offer = offer_of(1, 0);
    offer.reliability_ppm = 1'000'000;
    const UsdPerHour price{600'000};
    EXPECT_EQ(pricing.cost_to_finish(offer, {}, price, hours(10)), usd_micros(6'000'000));
    offer.interruptible = true;  // 3 interruptions of 10 minutes
    EXPECT_EQ(pricing.cost_to_finish(offer, {}, price, hours(10)), usd_micros(6'300'000));
    offer.download_price_per_gb_micros = 10'000;  // 4 downloads of 5 GB
    EXPECT_EQ(pricing.cost_to_finish(offer, {}, price, hours(10)), usd_micros(6'500'000));
}

TEST(SimpleExpectedPrice, HoldsForExtremeTimes) {
    const SimpleExpectedPrice pricing;
    const Offer offer = offer_of(1, 1, true);
    EXPECT_GE(pricing.cost_to_finish(offer, {}, {1'000'000'000}, kForever), Usd{});
    EXPECT_EQ(pricing.cost_to_finish(offer, {}, {1'000'000}, Duration{-5}), Usd{});
}

TEST(Rejection, EveryReasonHasItsOwnWords) {
    std::set<std::string> words;
    for (int i = 0; i <= static_cast<int>(Rejection::kUnknownPrice); ++i)
        words.insert(to_string(static_cast<Rejection>(i)));
    EXPECT_EQ(words.size(), 11U);
    EXPECT_FALSE(words.contains("unknown"));
}

}  // namespace
}  // namespace herder
