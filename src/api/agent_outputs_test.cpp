#include "api/api_fixture.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

struct AgentOutputs : ::testing::Test {
    AgentOutputs() {
        EXPECT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
        create = rig.rent();
        protocol::JoinRequest wish;
        wish.intent = create.intent.id;
        wish.token = create.join_token;
        wish.contract = ContractId{501};
        const auto joined = protocol::parse_join_response(
            rig.agent("POST", protocol::kAgentJoin, "", protocol::to_json(wish)).body);
        EXPECT_TRUE(joined);
        session = joined ? joined->session_key : "";
    }
    Response tell(const std::string& text) {
        return rig.agent("POST", protocol::kAgentOutputs, session, text);
    }
    // The machine is outbid and another one rented.
    void move_job() {
        rig.advance(seconds(40));
        rig.feed_input(input::TimerFired{});
        rig.feed_input(rig.listing(
            {{ContractId{501}, create.intent.label, MachineState::kStopped, "", {}, {}}}));
        input::OutcomeFound nothing;
        nothing.attempt = {JobId{1}, Fence{1}};
        rig.feed_input(nothing);
        rig.advance(minutes(2));
        rig.feed_input(input::TimerFired{});
        input::OffersFound offers = make_offers();
        offers.offers[0].ask = 102;
        offers.offers[0].machine = 8;  // the one that was taken away is avoided
        rig.feed_input(offers);
        const auto fence = rig.engine.fetch<std::uint64_t>(
            [](const State& state, Instant) { return state.jobs.at(JobId{1}).fence.value; });
        ASSERT_EQ(fence, 2U);
    }
    ApiRig rig;
    effect::CreateMachine create;
    std::string session;
    const std::string key = "v1/default/j1/outputs.sha256";
    const std::string one = std::string(64, 'a') + "  outputs/a\n";
    const std::string two = std::string(64, 'b') + "  outputs/b\n";
};

TEST_F(AgentOutputs, HashesLieBesideTheFiles) {
    EXPECT_EQ(tell(one).status, 200);
    EXPECT_EQ(rig.objects.content[key], one);
    EXPECT_EQ(tell(two).status, 200);
    EXPECT_EQ(rig.objects.content[key], one + two) << "those of an earlier attempt stay";
    EXPECT_EQ(tell(std::string(64, 'c') + "  outputs/a\n").status, 200);
    EXPECT_EQ(rig.objects.content[key], std::string(64, 'c') + "  outputs/a\n" + two);
    rig.objects.content[key] = "damaged";
    EXPECT_EQ(tell(one).status, 200);
    EXPECT_EQ(rig.objects.content[key], one);
}

// The machine may be lost, or fail to hash, between the two.
TEST_F(AgentOutputs, AFileThatMayBeRewrittenHasNoHashUntilItIsTold) {
    const auto sign = [&](std::vector<std::string> names) {
        protocol::SignRequest wish;
        wish.outputs = std::move(names);
        return rig.agent("POST", protocol::kAgentSign, session, protocol::to_json(wish));
    };
    EXPECT_EQ(sign({"a", "b"}).status, 200);
    EXPECT_TRUE(rig.objects.content.empty()) << "nothing to forget";
    EXPECT_EQ(tell(one + two).status, 200);
    EXPECT_EQ(sign({"a", "new"}).status, 200);
    EXPECT_EQ(rig.objects.content[key], two) << "what nobody writes keeps its hash";
    rig.objects.is_away = true;
    EXPECT_EQ(sign({"b"}).status, 503) << "or else the old hash would stay";
    rig.objects.is_away = false;
    EXPECT_EQ(rig.objects.content[key], two);
    EXPECT_EQ(tell(one).status, 200);
    EXPECT_EQ(rig.objects.content[key], one + two);
}

TEST_F(AgentOutputs, NonsenseIsRefused) {
    EXPECT_EQ(tell("x").status, 400);
    EXPECT_EQ(tell(std::string(64, 'a') + "  outputs/../../j2/outputs/x\n").status, 400);
    EXPECT_EQ(rig.agent("POST", protocol::kAgentOutputs, "stranger", one).status, 401);
    EXPECT_TRUE(rig.objects.content.empty());
}

TEST_F(AgentOutputs, AnAttemptThatWasGivenUpWritesOverNothing) {
    move_job();
    protocol::SignRequest wish;
    wish.outputs = {"a"};
    const Response signing =
        rig.agent("POST", protocol::kAgentSign, session, protocol::to_json(wish));
    EXPECT_EQ(signing.status, 409) << signing.body;
    EXPECT_THAT(signing.body, HasSubstr("a later attempt of this job has begun"));
    EXPECT_EQ(tell(one).status, 409);
}

}  // namespace
}  // namespace herder::api
