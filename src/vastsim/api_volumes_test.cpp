#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, AVolumeBillsUntilItIsDeletedAndIsReleasedAfterItsMachine) {
    const Json found = json(call("POST", "/api/v0/volumes/search/", R"({"disk_space":{"gte":1}})"));
    const Json& ask = found.find("offers")->if_array()->front();
    EXPECT_EQ(call("PUT", "/api/v0/volumes/", R"({"id":5,"size":15})").status, 404);
    EXPECT_EQ(call("PUT", "/api/v0/volumes/",
                   R"({"id":)" + ask.find("id")->to_text() + R"(,"size":15,"name":"a b"})")
                  .status,
              422);
    const Json made = json(call("PUT", "/api/v0/volumes/",
                                R"({"id":)" + ask.find("id")->to_text() + R"(,"size":15})"));
    EXPECT_TRUE(text(made, "volume_name").starts_with("V."));
    const ContractNumber volume = market_.volumes().begin()->first;
    const std::int64_t machine = market_.volumes().begin()->second.machine_id;
    std::vector<Offer> offers = market_.offers(false, 10'000);
    std::erase_if(offers, [&](const Offer& o) { return o.machine->id != machine; });
    Json body = parse_json(create_body(offers.front())).value();
    body.set("volume_info", parse_json(R"({"create_new":false,"volume_id":)" +
                                       std::to_string(volume) + R"(,"mount_path":"/data"})")
                                .value());
    const Json rented = json(call("PUT", ask_path(offers.front()), body.to_text()));
    const ContractNumber id = rented.find("new_contract")->to_integer().value();
    const Json listed = json(call("GET", "/api/v0/volumes/"));
    EXPECT_EQ(text(listed.find("volumes")->if_array()->front(), "status"), "in-use");
    const Json shown = json(call("GET", "/api/v1/instances/"));
    EXPECT_NE(shown.to_text().find(R"("mount_path":"/data")"), std::string::npos);
    query_ = {{"id", std::to_string(volume)}};
    EXPECT_EQ(text(json(call("DELETE", "/api/v0/volumes/")), "error"), "volume_in_use");
    market_.destroy(id);
    EXPECT_EQ(call("DELETE", "/api/v0/volumes/").status, 400) << "still held for a while";
    market_.advance(market_.now() + seconds(30));
    EXPECT_EQ(call("DELETE", "/api/v0/volumes/").status, 200);
    const Usd total = market_.spent();
    market_.advance(market_.now() + hours(10));
    EXPECT_EQ(market_.spent(), total);
}

TEST_F(ApiTest, VolumesWithoutAKeyAreRefusedInTheirOwnWay) {
    const ApiReply reply = call("GET", "/api/v0/volumes/", "", "");
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.body, R"({"detail":"Authentication credentials were not provided."})");
}

}  // namespace
}  // namespace herder::vastsim
