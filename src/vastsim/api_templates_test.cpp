#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

constexpr const char* kTemplates = "/api/v0/template/";

TEST_F(ApiTest, TemplatesAreTheBaseOfACreate) {
    const Json made = json(call(
        "POST", kTemplates,
        R"({"name":"train","image":"pytorch","tag":"2.4","env":"-e A=1 -p 80:80","onstart":"go"})"));
    const std::string hash = text(*made.find("template"), "hash_id");
    const std::string id = made.find("template")->find("id")->to_text();
    Offer offer = cheapest(market_, false);
    const Json reply =
        json(call("PUT", ask_path(offer),
                  R"({"template_hash_id":")" + hash + R"(","env":{"B":"2"},"disk":10})"));
    const Contract& contract =
        market_.contracts().at(reply.find("new_contract")->to_integer().value());
    EXPECT_EQ(contract.request.image, "pytorch:2.4");
    EXPECT_EQ(contract.request.onstart, "go");
    EXPECT_EQ(contract.request.env.size(), 3U);
    EXPECT_EQ(std::to_string(contract.request.template_id), id);
    const Json edited =
        json(call("PUT", kTemplates, R"({"hash_id":")" + hash + R"(","name":"train2"})"));
    EXPECT_EQ(edited.find("template")->find("id")->to_text(), id);
    EXPECT_NE(text(*edited.find("template"), "hash_id"), hash);
    query_ = {{"select_filters", R"({"name":{"eq":"train2"}})"}};
    const Json listed = json(call("GET", kTemplates));
    EXPECT_EQ(listed.find("templates_found")->to_integer().value(), 1);
    query_ = {};
    EXPECT_EQ(call("DELETE", kTemplates, R"({"hash_id":"x"})").status, 400);
    EXPECT_EQ(call("DELETE", kTemplates, R"({"template_id":)" + id + "}").status, 200);
    EXPECT_EQ(call("POST", kTemplates, R"({"name":"x"})").status, 400);
    EXPECT_EQ(call("PUT", ask_path(offer), R"({"template_hash_id":"gone"})").status, 400);
}

}  // namespace
}  // namespace herder::vastsim
