#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

class LifecycleTest : public ApiTest {
  protected:
    std::string path(const char* verb) {
        return std::string("/api/v0/instances/") + verb + "/" + std::to_string(id_) + "/";
    }
    void boot() {
        id_ = rent_one();
        market_.advance(market_.now() + minutes(2));
        (void)market_.take_commands();
    }
    std::string status() { return market_.contracts().at(id_).reported.actual_status; }
    ContractNumber id_ = 0;
};

TEST_F(LifecycleTest, RebootKeepsTheDiskAndRecycleLosesIt) {
    boot();
    EXPECT_EQ(call("PUT", path("reboot"), "{}").body, R"({"success":true})");
    EXPECT_EQ(status(), "rebooting");
    EXPECT_EQ(market_.take_commands().at(0).kind, CommandKind::kKill);
    market_.advance(market_.now() + minutes(1));
    EXPECT_EQ(status(), "running");
    EXPECT_EQ(market_.take_commands().at(0).kind, CommandKind::kStart);
    EXPECT_EQ(call("PUT", path("recycle"), "{}").status, 200);
    EXPECT_EQ(status(), "recycling");
    const auto commands = market_.take_commands();
    EXPECT_EQ(commands.at(1).kind, CommandKind::kRecycle);
    market_.advance(market_.now() + minutes(1));
    EXPECT_EQ(status(), "running");
    EXPECT_EQ(call("PUT", "/api/v0/instances/reboot/7/", "{}").status, 404);
    EXPECT_EQ(call("PUT", "/api/v0/instances/reboot/x/", "{}").body,
              R"({"success":false,"error":"invalid_args","msg":"invalid instance_id"})");
}

TEST_F(LifecycleTest, UpdateRecreatesTheContainerFromAnotherImage) {
    boot();
    const Json reply =
        json(call("PUT", path("update_template"), R"({"id":1,"image":"other:2","onstart":"x"})"));
    EXPECT_EQ(text(*reply.find("updated_instance"), "image_uuid"), "other:2");
    market_.advance(market_.now() + minutes(1));
    EXPECT_EQ(market_.contracts().at(id_).request.onstart, "x");
    EXPECT_EQ(status(), "running");
}

TEST_F(LifecycleTest, ADepositLowersThePriceAndComesBackWithoutAFee) {
    const Offer offer = cheapest(market_, false);
    const Json made = json(call("PUT", ask_path(offer), create_body(offer)));
    id_ = made.find("new_contract")->to_integer().value();
    market_.advance(market_.now() + minutes(2));
    const Json paid = json(call("PUT", path("prepay"), R"({"amount":50})"));
    EXPECT_GT(paid.find("timescale")->to_number().value(), 0.05);
    EXPECT_GT(paid.find("discount_rate")->to_number().value(), 0.01);
    EXPECT_LT(market_.contracts().at(id_).gpu_rate, offer.on_demand);
    market_.advance(market_.now() + hours(1));
    const Json balance = json(call("GET", path("balance")));
    EXPECT_LT(balance.find("refundable_deposit")->to_number().value(), 50);
    const Usd before = market_.credit();
    EXPECT_LT(before, usd_cents(5'000));
    market_.destroy(id_);
    market_.advance(market_.now() + minutes(1));
    EXPECT_GT(market_.credit(), usd_cents(9'600)) << "all but five per cent and the discount";
    EXPECT_LT(market_.credit(), usd_cents(9'780));
    EXPECT_EQ(market_.invoices().back().type, "refund");
}

TEST_F(LifecycleTest, DepositsThatCannotBe) {
    boot();  // a bid
    EXPECT_EQ(call("PUT", path("prepay"), R"({"amount":5})").status, 400);
    const Offer offer = cheapest(market_, false);
    const Json made = json(call("PUT", ask_path(offer), create_body(offer)));
    id_ = made.find("new_contract")->to_integer().value();
    const ApiReply poor = call("PUT", path("prepay"), R"({"amount":5000})");
    EXPECT_EQ(poor.status, 411);
    EXPECT_EQ(poor.body, R"({"success":false,"msg":"Insufficient credit"})");
}

}  // namespace
}  // namespace herder::vastsim
