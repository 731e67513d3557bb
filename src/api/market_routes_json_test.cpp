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

TEST(MarketRoutes, ListsOurMachinesAndTellsTheAccount) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    (void)rig.rent();
    const Response machines = rig.get("/api/v1/instances");
    EXPECT_THAT(machines.body, HasSubstr(R"("contract":501)"));
    EXPECT_THAT(machines.body, HasSubstr(R"("owner":"ours")"));
    EXPECT_THAT(rig.get("/api/v1/account").body, HasSubstr(R"("user":"mara")"));
}

TEST(MarketRoutes, ListsMachinesOfOthersAsForeign) {
    ApiRig rig;
    ListedMachine foreign;
    foreign.contract = ContractId{77};
    foreign.label = "somebody else's";
    foreign.state = MachineState::kRunning;
    rig.feed_input(rig.listing({foreign}));
    const std::string machines = rig.get("/api/v1/instances").body;
    EXPECT_THAT(machines, HasSubstr(R"("intent":null,"contract":77,)"));
    EXPECT_THAT(machines, HasSubstr(R"("owner":"foreign")"));
}

}  // namespace
}  // namespace herder::api
