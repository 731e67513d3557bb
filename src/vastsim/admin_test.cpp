#include "vastsim/admin.h"

#include "vastsim/api_fixture.h"
#include "vastsim/scripted_runner.h"

namespace herder::vastsim {
namespace {

class AdminTest : public ApiTest {
  protected:
    AdminTest()
        : admin_(market_, calls_, runner_,
                 [this](Duration d) { market_.advance(market_.now() + d); }) {}
    ApiReply ask(const std::string& method, const std::string& path, const std::string& body = "") {
        ApiRequest request;
        request.method = method;
        request.path = path;
        request.body = body;
        return admin_.handle(request);
    }
    ScriptedRunner runner_;
    Admin admin_;
};

TEST_F(AdminTest, MachinesAndBillTellTheTruthToTheMicroDollar) {
    const ContractNumber id = rent_one();
    ASSERT_EQ(ask("POST", "/admin/clock/advance", R"({"seconds":7200})").status, 200);
    const Json machines = json(ask("GET", "/admin/machines"));
    const Json& row = machines.find("machines")->if_array()->front();
    EXPECT_EQ(text(row, "state"), "running");
    const Json* cost = row.find("cost_micros");
    const auto total = cost->find("total")->to_integer().value();
    EXPECT_EQ(total,
              cost->find("gpu")->to_integer().value() + cost->find("disk")->to_integer().value());
    EXPECT_EQ(total, market_.cost_of(id).micros);
    const Json bill = json(ask("GET", "/admin/bill"));
    EXPECT_EQ(bill.find("total_micros")->to_integer().value(), total);
    EXPECT_EQ(bill.find("charged_total_micros")->to_integer().value() % 1000, 0);
}

TEST_F(AdminTest, LeversActOnTheContract) {
    const ContractNumber id = rent_one();
    const std::string number = std::to_string(id);
    market_.advance(market_.now() + minutes(2));
    EXPECT_EQ(ask("POST", "/admin/offline/" + number, R"({"container":"dies"})").status, 200);
    EXPECT_EQ(ask("POST", "/admin/online/" + number).status, 200);
    EXPECT_EQ(ask("POST", "/admin/exit/" + number, R"({"code":3})").status, 200);
    EXPECT_EQ(ask("POST", "/admin/exit/" + number).status, 409);
    EXPECT_EQ(ask("POST", "/admin/outbid/" + number, R"({"hold_s":60})").status, 200);
    EXPECT_EQ(ask("POST", "/admin/outbid/" + number).status, 409);
    EXPECT_EQ(ask("POST", "/admin/outbid/12").status, 404);
    EXPECT_EQ(ask("POST", "/admin/explode/12").status, 404);
}

TEST_F(AdminTest, FaultsAreSetListedAndCleared) {
    EXPECT_EQ(ask("POST", "/admin/faults", R"({"name":"create_500","next":2})").status, 200);
    EXPECT_EQ(ask("POST", "/admin/faults", R"({"name":"create_900"})").status, 400);
    EXPECT_EQ(market_.faults().settings().at("create_500").next_calls, 2);
    EXPECT_NE(ask("GET", "/admin/faults").body.find("create_reply_lost"), std::string::npos);
    EXPECT_EQ(ask("POST", "/admin/faults", R"({"clear":true})").status, 200);
    EXPECT_TRUE(market_.faults().settings().empty());
    EXPECT_EQ(ask("GET", "/admin/health").status, 200);
    EXPECT_EQ(ask("GET", "/admin/nothing").status, 404);
}

}  // namespace
}  // namespace herder::vastsim
