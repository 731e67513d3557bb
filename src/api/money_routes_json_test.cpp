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
    EXPECT_THAT(response.body, HasSubstr("by 'planet' is not known; use job, project"));
}

TEST(MoneyRoutes, ReportsByDayCutAtMidnight) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    (void)rig.rent();
    const auto report = [&](const char* by) {
        return rig.get("/api/v1/cost/report", {{"by", by}}).body;
    };
    // The clock of the tests stands at 2026-09-21T14:13:20Z.
    rig.advance(hours(12));
    const std::string days = report("day");
    EXPECT_THAT(days, HasSubstr(R"({"key":"2026-09-21","cost":)"));
    EXPECT_THAT(days, HasSubstr(R"({"key":"2026-09-22","cost":)"));
    const auto total = [](const std::string& body) { return body.substr(body.find("total_cost")); };
    EXPECT_EQ(total(days), total(report("job")));
}

TEST(MoneyRoutes, BudgetsAreReplacedAndShownWithAllThatTheyLimit) {
    ApiRig rig;
    const std::string body = R"({"budgets":[
        {"name":"all","limit":"100","parent":null},
        {"name":"vision","project":"vision","limit":"12.50","window":"month","parent":"all",
         "labels":{"kind":"sweep"},"burn_rate_max":"2.00","job_cost_max":"5"}]})";
    EXPECT_EQ(rig.call(ApiRig::request("PUT", "/api/v1/budgets", {}, body)).status, 200);
    const Response response = rig.get("/api/v1/budgets");
    for (const char* part :
         {R"("name":"vision")", R"("window":"month")", R"("parent":"all")",
          R"("labels":{"kind":"sweep"})", R"("burn_rate_max":"2")", R"("job_cost_max":"5)"})
        EXPECT_THAT(response.body, HasSubstr(part));
    const Response first = rig.get("/api/v1/budgets", {{"limit", "1"}});
    EXPECT_THAT(first.body, HasSubstr(R"("next_cursor":"all")"));
    EXPECT_THAT(rig.get("/api/v1/budgets", {{"cursor", "all"}}).body,
                HasSubstr(R"("items":[{"name":"vision")"));
}

TEST(MoneyRoutes, RefusesBudgetsThatItWouldHaveToGuessAt) {
    ApiRig rig;
    const std::map<std::string, const char*> wrong = {
        {"", "not JSON"},
        {R"({"budgets":7})", "/budgets"},
        {R"({"budgets":[7]})", "/budgets/0"},
        {R"({"budgets":[{"limit":"1"}]})", "/budgets/0/name"},
        {R"({"budgets":[{"name":"x"}]})", "/budgets/0/limit"},
        {R"({"budgets":[{"name":"x","limit":"much"}]})", "/budgets/0/limit"},
        {R"({"budgets":[{"name":"x","limit":5}]})", "/budgets/0/limit"},
        {R"({"budgets":[{"name":"x","limit":"1","window":"year"}]})", "/budgets/0/window"},
        {R"({"budgets":[{"name":"x","limit":"1","parent":"y"}]})", "/budgets/0/parent"},
        {R"({"budgets":[{"name":"x","limit":"1","labels":[]}]})", "/budgets/0/labels"},
        {R"({"budgets":[{"name":"x","limit":"1","job_cost":"1"}]})", "/budgets/0/job_cost"},
        {R"({"budgets":[{"name":"x","limit":"1"},{"name":"x","limit":"2"}]})", "/budgets/1/name"}};
    for (const auto& [body, part] : wrong) {
        const Response response = rig.call(ApiRig::request("PUT", "/api/v1/budgets", {}, body));
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_THAT(response.body, HasSubstr(part));
    }
    EXPECT_THAT(rig.get("/api/v1/budgets").body, HasSubstr(R"("items":[])"));
}

}  // namespace
}  // namespace herder::api
