#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

TEST(MarketCommands, AsksForTheOffersThatAreWanted) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"ask":7,"price_per_hour":"0.2"}]})");
    const Ran ran =
        server.run({"offers", "--gpu", "RTX_4090", "--market", "spot", "--max-price", "0.5"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("\n7\t"), std::string::npos);
    EXPECT_EQ(server.seen().back(),
              "GET /offers?gpu=RTX_4090&count=1&disk_gb=10&market=spot&max_price=0.5&limit=20");
    EXPECT_EQ(server.run({"offers", "--market", "grey"}).code, 2);
}

TEST(MarketCommands, SaysWhenTheListWasCut) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"ask":7},{"ask":8}],"next_cursor":null})");
    const Ran ran = server.run({"offers", "--limit", "1", "-q"});
    EXPECT_EQ(ran.out, "7\n");
    EXPECT_NE(server.run({"offers", "--limit", "1"}).err.find("cheapest 1"), std::string::npos);
}

TEST(MarketCommands, MarksMachinesThatAreNotOurs) {
    FakeServer server;
    server.answer("GET /instances", R"({"items":[{"contract":12,"owner":"foreign"}]})");
    EXPECT_NE(server.run({"instances"}, "", true).out.find("! foreign"), std::string::npos);
}

}  // namespace
}  // namespace herder::cli
