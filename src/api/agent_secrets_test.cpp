#include "api/api_fixture.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/secrets_json.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

class AgentSecretsTest : public ::testing::Test {
  protected:
    AgentSecretsTest() {
        EXPECT_TRUE(rig_.secrets.set("hf", "hf_canary-value", WallTime{1}));
        EXPECT_TRUE(rig_.secrets.set("OTHER", "not-for-this-job", WallTime{1}));
        JobSpec spec = ApiRig::spec("digits");
        spec.secrets = {{"HF_TOKEN", "hf", true}};
        EXPECT_EQ(rig_.submit(spec).status, 201);
        create_ = rig_.rent();
        protocol::JoinRequest wish;
        wish.intent = create_.intent.id;
        wish.token = create_.join_token;
        const auto joined = protocol::parse_join_response(
            rig_.agent("POST", protocol::kAgentJoin, "", protocol::to_json(wish)).body);
        EXPECT_TRUE(joined);
        if (joined) key_ = joined->session_key;
    }
    Response ask(const std::string& key) {
        return rig_.agent("POST", protocol::kAgentSecrets, key);
    }
    ApiRig rig_;
    effect::CreateMachine create_;
    std::string key_;
};

TEST_F(AgentSecretsTest, AMachineGetsWhatItsJobNamesAndNothingElse) {
    const Response answer = ask(key_);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto given = protocol::parse_secrets_response(answer.body);
    ASSERT_TRUE(given);
    ASSERT_EQ(given->secrets.size(), 1U);
    EXPECT_EQ(given->secrets[0], (protocol::GivenSecret{"HF_TOKEN", "hf_canary-value", true}));
}

TEST_F(AgentSecretsTest, AStrangerGetsNothing) {
    EXPECT_EQ(ask("stranger").status, 401);
    EXPECT_EQ(rig_.agent("GET", protocol::kAgentSecrets, key_).status, 404);
}

TEST_F(AgentSecretsTest, AnAttemptThatIsOverGetsNothing) {
    ASSERT_EQ(ask(key_).status, 200);
    rig_.feed_input(rig_.listing({}));
    rig_.feed_input(rig_.listing({}));
    rig_.advance(minutes(10));
    EXPECT_EQ(rig_.post("/api/v1/jobs/digits/cancel").status, 200);
    for (int i = 0; i < 4; ++i) {
        rig_.advance(minutes(10));
        rig_.feed_input(rig_.listing({}));
    }
    const Response answer = ask(key_);
    EXPECT_EQ(answer.status, 403) << answer.body;
    EXPECT_EQ(answer.body.find("canary"), std::string::npos);
}

TEST_F(AgentSecretsTest, ASecretThatIsGoneIsNamed) {
    ASSERT_TRUE(rig_.secrets.remove("hf"));
    const Response answer = ask(key_);
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, HasSubstr("there is no secret 'hf'"));
}

}  // namespace
}  // namespace herder::api
