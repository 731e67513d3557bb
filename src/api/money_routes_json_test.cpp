#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

TEST(MoneyRoutes, ReportsTheCostOfAMachineByWhatIsAskedFor) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    (void)rig.rent();
    const std::map<std::string, std::string> keys = {{"job", "j1 digits"},
                                                     {"project", "default"},
                                                     {"team", "default"},
                                                     {"user", "local"},
                                                     {"gpu", "1x RTX_4090"}};
    for (const auto& [by, key] : keys) {
        const Response response = rig.get("/api/v1/cost/report", {{"by", by}});
        EXPECT_EQ(response.status, 200);
        EXPECT_THAT(response.body, HasSubstr(R"({"key":")" + key + R"(","cost":)"));
    }
}

TEST(MoneyRoutes, RefusesAnUnknownGroupingEvenWhenThereIsNothingToReport) {
    ApiRig rig;
    const Response response = rig.get("/api/v1/cost/report", {{"by", "planet"}});
    EXPECT_EQ(response.status, 400);
    EXPECT_THAT(response.body, HasSubstr("cannot report by 'planet'"));
}

TEST(MoneyRoutes, BudgetsAreReplacedAndShownWithWhatIsLeft) {
    ApiRig rig;
    const std::string body =
        R"({"budgets":[{"name":"vision","project":"vision","limit":"12.50","window":"month"}]})";
    EXPECT_EQ(rig.call(ApiRig::request("PUT", "/api/v1/budgets", {}, body)).status, 200);
    const Response response = rig.get("/api/v1/budgets");
    EXPECT_THAT(response.body, HasSubstr(R"("name":"vision")"));
    EXPECT_THAT(response.body, HasSubstr(R"("window":"month")"));
    for (const char* wrong : {"", R"({"budgets":7})", R"({"budgets":[{"limit":"1"}]})",
                              R"({"budgets":[{"name":"x","limit":"much"}]})",
                              R"({"budgets":[{"name":"x","limit":"1","window":"year"}]})"}) {
        EXPECT_EQ(rig.call(ApiRig::request("PUT", "/api/v1/budgets", {}, wrong)).status, 400);
    }
    EXPECT_THAT(rig.get("/api/v1/budgets").body, HasSubstr(R"("name":"vision")"));
}

}  // namespace
}  // namespace herder::api
