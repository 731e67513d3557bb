#include "api/api_fixture.h"
#include "protocol/join_json.h"

namespace herder::api {
namespace {

TEST(AgentLogs, TellsHowLongAgoALineWasWritten) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    const effect::CreateMachine create = rig.rent();
    protocol::JoinRequest wish;
    wish.intent = create.intent.id;
    wish.token = create.join_token;
    wish.contract = ContractId{501};
    const auto joined = protocol::parse_join_response(
        rig.agent("POST", "/agent/v1/join", "", protocol::to_json(wish)).body);
    ASSERT_TRUE(joined);
    const std::string session = joined->session_key;
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

}  // namespace
}  // namespace herder::api
