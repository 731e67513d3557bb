#include "api/api_fixture.h"
#include "base/gzip_text.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/report_json.h"
#include "protocol/tree_json.h"

namespace herder::api {
namespace {

using ::testing::ElementsAre;

class AgentDataTest : public ::testing::Test {
  protected:
    AgentDataTest() {
        tree_.entries = {{"a.txt", 6}};
        tree_.chunks = {{sha256_hex("one"), 3}, {sha256_hex("two"), 3}};
        const std::string text = protocol::to_json(tree_);
        key_ = protocol::tree_key(sha256_hex(text));
        rig_.objects.content[key_] = gzip_text(text);
        JobSpec spec = ApiRig::spec("digits");
        spec.workdir_object = key_;
        spec.inputs = {{.target = "/data", .object = "j1/model/w.bin"},
                       {.target = "/d", .object = "j999/w.bin"},
                       {.target = "/u", .url = "https://example.org/x"}};
        EXPECT_EQ(rig_.submit(spec).status, 201);
        create_ = rig_.rent();
        protocol::JoinRequest wish;
        wish.intent = create_.intent.id;
        wish.token = create_.join_token;
        session_ = protocol::parse_join_response(
                       rig_.agent("POST", protocol::kAgentJoin, "", protocol::to_json(wish)).body)
                       ->session_key;
    }
    Response ask(const protocol::ChunkWish& wish) {
        return rig_.agent("POST", protocol::kAgentChunks, session_, protocol::to_json(wish));
    }
    ApiRig rig_;
    protocol::Tree tree_;
    std::string key_;
    effect::CreateMachine create_;
    std::string session_;
};

TEST_F(AgentDataTest, PiecesOfItsOwnTreeAreSigned) {
    const auto urls = protocol::parse_sign_response(ask({key_, 0, 10}).body);
    ASSERT_TRUE(urls);
    EXPECT_THAT(urls->urls, ElementsAre("get:" + protocol::chunk_key(sha256_hex("one")),
                                        "get:" + protocol::chunk_key(sha256_hex("two"))));
    EXPECT_EQ(protocol::parse_sign_response(ask({key_, 1, 1}).body)->urls.size(), 1U);
    EXPECT_TRUE(protocol::parse_sign_response(ask({key_, 7, 1}).body)->urls.empty());
}

TEST_F(AgentDataTest, ASpecNamesOnlyWhatAMachineMayFetch) {
    const auto refused = [&](const JobSpec& spec) { return rig_.submit(spec).status == 400; };
    JobSpec spec = ApiRig::spec("other");
    spec.workdir_object = "v1/default/j1/ckpt/k1/o/0000";
    EXPECT_TRUE(refused(spec));
    spec.workdir_object = "workdirs/" + sha256_hex("x") + ".tar.gz";
    rig_.objects.content[spec.workdir_object] = "x";
    for (const DataInput& wrong : {DataInput{.target = "/d", .tree = "v1/default/j1/secret"},
                                   DataInput{.target = "/d", .object = "j1/../j2/outcome.json"},
                                   DataInput{.target = "/d"}, DataInput{.url = "https://x.org/"},
                                   DataInput{.target = "/d", .tree = key_, .url = "https://x"}}) {
        spec.inputs = {wrong};
        EXPECT_TRUE(refused(spec)) << wrong.target;
    }
    spec.inputs = {{.target = "/d", .tree = key_}};
    EXPECT_FALSE(refused(spec));
}

TEST_F(AgentDataTest, AnotherTreeIsNot) {
    const std::string other = protocol::tree_key(sha256_hex("other"));
    EXPECT_EQ(ask({other, 0, 10}).status, 403);
    EXPECT_EQ(rig_.agent("POST", protocol::kAgentChunks, "stranger",
                         protocol::to_json(protocol::ChunkWish{key_, 0, 1}))
                  .status,
              401);
    EXPECT_EQ(rig_.agent("POST", protocol::kAgentChunks, session_, "{}").status, 400);
}

TEST_F(AgentDataTest, TheAssignmentComesWithUrlsForTreesAndOutputsOfTheTeam) {
    AgentReport report;
    report.intent = create_.intent.id;
    report.fence = Fence{1};
    report.sequence = 1;
    report.admission = AdmissionFacts{};
    const auto orders = protocol::parse_sync_response(
        rig_.agent("POST", protocol::kAgentSync, session_, protocol::to_json(report)).body);
    ASSERT_TRUE(orders);
    EXPECT_EQ(orders->workdir_url, "get:" + key_);
    EXPECT_THAT(orders->input_urls, ElementsAre("get:v1/default/j1/outputs/model/w.bin", "", ""));
}

}  // namespace
}  // namespace herder::api
