#include "api/api_fixture.h"
#include "protocol/join_json.h"

namespace herder::api {
namespace {

// The session of a machine that has joined.
std::string join(ApiRig& rig) {
    EXPECT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    const effect::CreateMachine create = rig.rent();
    protocol::JoinRequest wish;
    wish.intent = create.intent.id;
    wish.token = create.join_token;
    wish.contract = ContractId{501};
    const auto joined = protocol::parse_join_response(
        rig.agent("POST", "/agent/v1/join", "", protocol::to_json(wish)).body);
    EXPECT_TRUE(joined);
    return joined ? joined->session_key : "";
}

TEST(AgentLogs, TellsHowLongAgoALineWasWritten) {
    ApiRig rig;
    const std::string session = join(rig);
    const auto send = [&](const std::string& text, const std::string& offset,
                          const std::string& ages) {
        std::map<std::string, std::string> query{{"stream", "stdout"}, {"offset", offset}};
        if (!ages.empty()) query["ages"] = ages;
        return rig.agent("POST", "/agent/v1/logs", session, text, query);
    };
    EXPECT_EQ(send("old\nnewer\n", "0", "0:3600000,4:60000").body, R"({"next":10})");
    EXPECT_EQ(send("now\n", "10", "").body, R"({"next":14})");
    EXPECT_EQ(send("gap\n", "99", "").status, 409);
    EXPECT_EQ(send("now\n", "14", "0:yesterday").status, 400);
    const std::string path = "/api/v1/jobs/j1/logs/ranges";
    EXPECT_THAT(rig.get(path, {{"since", "30m"}}).body, ::testing::HasSubstr(R"("begin":4,)"));
    EXPECT_THAT(rig.get(path, {{"since", "30s"}}).body, ::testing::HasSubstr(R"("begin":10,)"));
}

TEST(AgentLogs, WhatTheDiskLostIsLookedForInTheStoreBeforeTheAgentIsSentBack) {
    ApiRig rig;
    const std::string session = join(rig);
    const auto send = [&](const std::string& text, const std::string& offset) {
        return rig.agent("POST", "/agent/v1/logs", session, text,
                         {{"stream", "stdout"}, {"offset", offset}});
    };
    ASSERT_EQ(send("in the store\n", "0").status, 200);
    ASSERT_TRUE(rig.logs.store_next("j1/1.out", true));
    ASSERT_EQ(send("lost\n", "13").status, 200);
    std::filesystem::remove_all(rig.folder + "/j1");
    rig.objects.is_away = true;
    EXPECT_EQ(send("after\n", "18").status, 503) << "it may be there";
    rig.objects.is_away = false;
    const Response gap = send("after\n", "18");
    EXPECT_EQ(gap.status, 409);
    EXPECT_EQ(gap.body, R"({"next":13})");
    EXPECT_EQ(send("lost\nafter\n", "13").status, 200);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs").body, "in the store\nlost\nafter\n");
}

}  // namespace
}  // namespace herder::api
