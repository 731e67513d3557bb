#include "api/agent_api.h"

#include "api/api_fixture.h"
#include "ports/fake_uploads_fixture.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/parts_json.h"
#include "protocol/report_json.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

// An agent on a rented machine, before it joined.
class AgentApiTest : public ::testing::Test {
  protected:
    AgentApiTest() {
        EXPECT_EQ(rig_.submit(ApiRig::spec("digits")).status, 201);
        create_ = rig_.rent();
    }
    Response join(const std::string& token) {
        protocol::JoinRequest wish;
        wish.intent = create_.intent.id;
        wish.token = token;
        wish.contract = ContractId{501};
        return rig_.agent("POST", protocol::kAgentJoin, "", protocol::to_json(wish));
    }
    std::string joined() {
        const auto answer = protocol::parse_join_response(join(create_.join_token).body);
        EXPECT_TRUE(answer.has_value());
        return answer ? answer->session_key : "";
    }
    // A report that offers a checkpoint of one file.
    Response offer(const std::string& key) {
        AgentReport report;
        report.intent = create_.intent.id;
        report.fence = Fence{1};
        report.sequence = 1;
        report.phase = AgentPhase::kRunning;
        report.step = 50;
        CheckpointOffer offer;
        offer.local_seq = 1;
        offer.step = 50;
        offer.files = {{"model.bin", Bytes{1000}, 7, 0644}};
        offer.metrics = {{"loss", "1.25"}};
        report.checkpoint = offer;
        return rig_.agent("POST", protocol::kAgentSync, key, protocol::to_json(report));
    }
    Response log(const std::string& key, const char* offset, const std::string& text) {
        return rig_.agent("POST", protocol::kAgentLogs, key, text,
                          {{"stream", "stdout"}, {"offset", offset}});
    }
    ApiRig rig_;
    effect::CreateMachine create_;
};

TEST_F(AgentApiTest, ARepeatedJoinGetsTheSameSession) {
    const Response first = join(create_.join_token);
    EXPECT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(join(create_.join_token).body, first.body);
}

TEST_F(AgentApiTest, AWrongTokenIsForbidden) {
    const Response response = join(std::string(43, 'x'));
    EXPECT_EQ(response.status, 403) << response.body;
    EXPECT_EQ(rig_.agent("POST", protocol::kAgentJoin, "", "{}").status, 403);
    EXPECT_EQ(rig_.agent("POST", protocol::kAgentJoin, "", "no document").status, 400);
}

TEST_F(AgentApiTest, SyncAnswersTheAssignmentWithSignedUrls) {
    const std::string key = joined();
    AgentReport report;
    report.intent = create_.intent.id;
    report.fence = Fence{1};
    report.sequence = 1;
    report.admission = AdmissionFacts{};
    const std::string body = protocol::to_json(report);
    const Response response = rig_.agent("POST", protocol::kAgentSync, key, body);
    ASSERT_EQ(response.status, 200) << response.body;
    const auto orders = protocol::parse_sync_response(response.body);
    ASSERT_TRUE(orders.has_value());
    EXPECT_TRUE(orders->orders.assignment.has_value());
    EXPECT_EQ(orders->outcome_url, "put:v1/default/j1/attempts/1/outcome.json");
    EXPECT_EQ(orders->job_env.at("HERDER_INSTANCE_ID"), "501");
    EXPECT_EQ(rig_.agent("POST", protocol::kAgentSync, "stranger", body).status, 401);
}

TEST_F(AgentApiTest, AnOfferedCheckpointIsGrantedAndListed) {
    const Response response = offer(joined());
    EXPECT_THAT(response.body, HasSubstr(R"("grant":{)"));
    EXPECT_THAT(response.body, HasSubstr("put:v1/default/j1/ckpt/"));
    EXPECT_THAT(
        rig_.get("/api/v1/jobs/j1/checkpoints").body,
        HasSubstr(
            R"("state":"uploading","attempt":1,"size_bytes":1000,"metrics":{"loss":"1.25"})"));
}

TEST_F(AgentApiTest, PartsOfItsOwnGrantAreSignedWhereTheStoreTakesParts) {
    FakeUploadStore parts;
    rig_.objects.parts = &parts;
    const std::string key = joined();
    const auto granted = protocol::parse_sync_response(offer(key).body);
    ASSERT_TRUE(granted && granted->orders.grant);
    EXPECT_TRUE(granted->upload_parts);
    EXPECT_TRUE(granted->upload_urls.empty());
    const auto ask = [&](const std::string& who, protocol::PartsRequest wish) {
        return rig_.agent("POST", protocol::kAgentParts, who, protocol::to_json(wish));
    };
    const CheckpointId own = granted->orders.grant->checkpoint;
    const auto signed_parts = protocol::parse_parts_response(ask(key, {own, 0, 1, {}}).body);
    ASSERT_TRUE(signed_parts) << signed_parts.error().message;
    ASSERT_EQ(signed_parts->parts.size(), 1U);
    EXPECT_EQ(signed_parts->parts[0].size, Bytes{1000});
    EXPECT_THAT(signed_parts->parts[0].url, HasSubstr("/o/0000?upload=u1&part=1"));
    EXPECT_EQ(ask(key, {own, 1, 1, {}}).status, 404);
    EXPECT_EQ(ask(key, {CheckpointId{own.value + 1}, 0, 1, {}}).status, 404);
    EXPECT_EQ(ask("stranger", {own, 0, 1, {}}).status, 401);
    rig_.objects.parts = nullptr;
}

TEST_F(AgentApiTest, LogsAreDenseAndAGapSaysWhereToGoOn) {
    const std::string key = joined();
    EXPECT_EQ(log(key, "0", "hello ").body, R"({"next":6})");
    const Response gap = log(key, "9", "world");
    EXPECT_EQ(gap.status, 409);
    EXPECT_EQ(gap.body, R"({"next":6})");
    EXPECT_EQ(log("stranger", "0", "x").status, 401);
    EXPECT_EQ(rig_.agent("POST", protocol::kAgentLogs, key, "x", {{"stream", "no"}}).status, 400);
    EXPECT_EQ(rig_.get("/api/v1/jobs/j1/logs").body, "hello ");
}

TEST_F(AgentApiTest, SignsOutputsOfItsOwnJobOnly) {
    const std::string key = joined();
    protocol::SignRequest wish;
    wish.outputs = {"model.bin"};
    const Response response =
        rig_.agent("POST", protocol::kAgentSign, key, protocol::to_json(wish));
    EXPECT_THAT(response.body, HasSubstr("put:v1/default/j1/outputs/model.bin"));
}

TEST_F(AgentApiTest, SendsFilesByHashOrNotAtAll) {
    EXPECT_EQ(rig_.agent("GET", "/agent/v1/files/abc").file, "/srv/agent.bin");
    EXPECT_EQ(rig_.agent("GET", "/agent/v1/files/def").status, 404);
    EXPECT_EQ(rig_.agent("GET", "/agent/v1/join").status, 404);
}

}  // namespace
}  // namespace herder::api
