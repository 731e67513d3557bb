#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kReport[] =
    R"({"by":"job","rows":[{"key":"j1 a","cost":"0.5","charged":"0.4975","gpu":"0.49",)"
    R"("disk":"0.0075","network":"0"}],"total_cost":"0.5","total_charged":"0.4975",)"
    R"("unowned":"0"})";

TEST(MoneyCommands, ReportsOurClockBesideTheCharges) {
    FakeServer server;
    server.answer("GET /cost/report", kReport);
    const Ran ran = server.run({"cost", "report"}, "", true);
    EXPECT_EQ(ran.out,
              "FOR    COST  CHARGED    GPU     DISK  NETWORK\n"
              "j1 a  $0.50  $0.4975  $0.49  $0.0075    $0.00\n");
    EXPECT_EQ(ran.err, "total $0.50 by our clock, $0.4975 charged by the provider\n");
    EXPECT_EQ(server.seen().back(), "GET /cost/report?by=job");
    EXPECT_EQ(server.run({"cost", "report", "--by", "weather"}).code, 2);
}

TEST(MoneyCommands, JsonKeepsTheTotals) {
    FakeServer server;
    server.answer("GET /cost/report", kReport);
    EXPECT_NE(server.run({"cost", "report", "-o", "json"}).out.find("\"total_charged\":\"0.4975\""),
              std::string::npos);
}

TEST(MoneyCommands, SetsBudgetsFromAFile) {
    FakeServer server;
    const TestFolder here;
    here.write("budgets.yaml",
               "budgets:\n  nlp: {scope: {project: nlp}, limit: 50, window: month}\n");
    server.answer("PUT /budgets", "{}");
    const Ran ran = server.run({"budget", "set", here.path + "/budgets.yaml"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(server.last("PUT /budgets").body.find(R"("name":"nlp")"), std::string::npos);
}

TEST(MoneyCommands, AWrongBudgetFileIsNotSent) {
    FakeServer server;
    const TestFolder here;
    here.write("budgets.yaml", "budgets: 3\n");
    EXPECT_EQ(server.run({"budget", "set", here.path + "/budgets.yaml"}).code, 2);
    EXPECT_EQ(server.run({"budget", "set", here.path + "/none.yaml"}).code, 3);
    EXPECT_TRUE(server.seen().empty());
}

TEST(MoneyCommands, ListsBudgets) {
    FakeServer server;
    server.answer("GET /budgets",
                  R"({"items":[{"name":"nlp","project":"nlp","limit":"50","window":"month",)"
                  R"("spent":"1.5","reserved":"2","left":"46.5"}]})");
    EXPECT_EQ(server.run({"budget", "ls"}, "", true).out,
              "BUDGET  COVERS       WINDOW   LIMIT  SPENT  RESERVED    LEFT\n"
              "nlp     project nlp  month   $50.00  $1.50     $2.00  $46.50\n");
}

}  // namespace
}  // namespace herder::cli
