#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MarketRoutes, OffersAreFilteredAndSortedByPrice) {
    ApiRig rig;
    Offer dear = rig.provider.offers.front();
    dear.ask = 102;
    dear.gpu_price = usd_per_hour_micros(900'000);
    Offer spot = dear;
    spot.ask = 103;
    spot.interruptible = true;
    spot.gpu_price = usd_per_hour_micros(100'000);
    rig.provider.offers = {dear, rig.provider.offers.front(), spot};
    const std::string all = rig.get("/api/v1/offers").body;
    EXPECT_LT(all.find(R"("ask":103)"), all.find(R"("ask":101)"));
    EXPECT_LT(all.find(R"("ask":101)"), all.find(R"("ask":102)"));
    const auto offers = [&](const char* key, const char* value) {
        return rig.get("/api/v1/offers", {{key, value}}).body;
    };
    EXPECT_THAT(offers("market", "on-demand"), Not(HasSubstr(R"("ask":103)")));
    EXPECT_THAT(offers("market", "spot"), Not(HasSubstr(R"("ask":101)")));
    EXPECT_THAT(offers("max_price", "0.50"), Not(HasSubstr(R"("ask":102)")));
    EXPECT_THAT(offers("gpu", "H100"), HasSubstr(R"("items":[])"));
    EXPECT_EQ(rig.get("/api/v1/offers", {{"market", "flea"}}).status, 400);
    EXPECT_EQ(rig.get("/api/v1/offers", {{"max_price", "cheap"}}).status, 400);
    rig.provider.broken = true;
    EXPECT_EQ(rig.get("/api/v1/offers").status, 503);
}

TEST(MarketRoutes, OffersAreSortedAndNarrowedByWhatPeopleAskFor) {
    ApiRig rig;
    Offer base = rig.provider.offers.front();
    base.location = "US";
    base.sheet.dl_performance_tenths = 100;
    Offer quick = base;
    quick.ask = 102;
    quick.gpu_price = base.gpu_price * 2;
    quick.sheet.dl_performance_tenths = 150;
    quick.download_mbps = 9000;
    Offer steady = quick;
    steady.ask = 103;
    steady.location = "DE";
    steady.reliability_ppm = 999'000;
    steady.sheet.dl_performance_tenths = 0;
    steady.download_mbps = 1;
    rig.provider.offers = {base, quick, steady};
    const auto first = [&](std::map<std::string, std::string> query) {
        const std::string body = rig.get("/api/v1/offers", std::move(query)).body;
        return body.substr(body.find("\"ask\":") + 6, 3);
    };
    EXPECT_EQ(first({}), "101");
    EXPECT_EQ(first({{"sort", "reliability"}}), "103");
    EXPECT_EQ(first({{"sort", "performance"}}), "102");
    EXPECT_EQ(first({{"sort", "value"}}), "101");
    EXPECT_EQ(first({{"sort", "download"}}), "102");
    EXPECT_EQ(first({{"region", "de,FR"}}), "103");
    EXPECT_EQ(first({{"reliability_min", "0.995"}}), "103");
    EXPECT_EQ(first({{"gpu", "rtx 4090"}}), "101");
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"sort", "size"}, {"region", "Europe"}, {"reliability_min", "good"}, {"explain", "1"}})
        EXPECT_EQ(rig.get("/api/v1/offers", {{name, value}}).status, 400) << name;
}

TEST(MarketRoutes, TellsWhatTheHostSaysOfItselfAndNothingThatItDoesNot) {
    ApiRig rig;
    Offer& offer = rig.provider.offers.front();
    offer.sheet = {.cuda_hundredths = 1280,
                   .pcie_mb_per_second = 23'100,
                   .cpu_mhz = 2650,
                   .cpu_threads_tenths = 60,
                   .ram_mb = 258'048,
                   .dl_performance_tenths = 1013,
                   .status = "verified"};
    const std::string full = rig.get("/api/v1/offers").body;
    EXPECT_THAT(full, HasSubstr(R"("disk_free_gb":500,"available_seconds":null,)"));
    EXPECT_THAT(full, HasSubstr(R"("cuda_max":"12.8","pcie_gb_per_second":"23.1","cpu_ghz":"2.65",)"
                                R"("cpu_threads":"6","ram_gb":"258","dl_performance":"101.3")"));
    offer.sheet = {};
    const std::string bare = rig.get("/api/v1/offers").body;
    EXPECT_THAT(bare, HasSubstr(R"("cuda_max":null)"));
    EXPECT_THAT(bare, HasSubstr(R"("dl_performance_per_dollar":null)"));
}

TEST(MarketRoutes, ExplainsWhatEachConditionRemoves) {
    ApiRig rig;
    Offer dear = rig.provider.offers.front();
    dear.ask = 102;
    dear.gpu_price = usd_per_hour_micros(900'000);
    rig.provider.offers.push_back(dear);
    const std::string body =
        rig.get("/api/v1/offers", {{"explain", "true"}, {"gpu", "RTX_4090"}, {"max_price", "0.1"}})
            .body;
    EXPECT_THAT(body, HasSubstr(R"("items":[],"next_cursor":null)"));
    EXPECT_THAT(body, HasSubstr(R"("offers_seen":2,"matching":0)"));
    EXPECT_THAT(body, HasSubstr(R"("condition":"max_price","removed":2,"looser":"0.21",)"));
}

TEST(MarketRoutes, TellsTheAccount) {
    ApiRig rig;
    const std::string account = rig.get("/api/v1/account").body;
    EXPECT_THAT(account, HasSubstr(R"("user":"mara")"));
    EXPECT_THAT(account, HasSubstr(R"("clock_ahead_seconds":null)"));
}

}  // namespace
}  // namespace herder::api
