#include <future>

#include "api/agent_api.h"
#include "api/api_fixture.h"
#include "ports/fake_uploads_fixture.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/output_parts_json.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

struct AgentOutputs : ::testing::Test {
    AgentOutputs() {
        EXPECT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
        create = rig.rent();
        session = join(create, ContractId{501});
    }
    std::string join(const effect::CreateMachine& machine, ContractId contract) {
        protocol::JoinRequest wish;
        wish.intent = machine.intent.id;
        wish.token = machine.join_token;
        wish.contract = contract;
        const auto joined = protocol::parse_join_response(
            rig.agent("POST", protocol::kAgentJoin, "", protocol::to_json(wish)).body);
        EXPECT_TRUE(joined);
        return joined ? joined->session_key : "";
    }
    // Of another job with this number, on a machine of its own.
    std::string join_job(std::uint64_t number) {
        for (std::uint64_t job = 2; job <= number; ++job) {
            EXPECT_EQ(rig.submit(ApiRig::spec("digits" + std::to_string(job))).status, 201);
            if (job == number) break;
            rig.post("/api/v1/jobs/j" + std::to_string(job) + "/cancel");
        }
        rig.settle();
        input::OffersFound offers = make_offers();
        offers.offers[0].ask = 102;
        offers.offers[0].machine = 8;
        rig.feed_input(offers);
        for (int i = 0; i < 10 && rig.runner.created()->intent.id == create.intent.id; ++i) {
            rig.advance(seconds(10));
            rig.feed_input(input::TimerFired{});
        }
        const effect::CreateMachine machine = *rig.runner.created();
        EXPECT_EQ(machine.intent.attempt.job, JobId{number});
        rig.feed_input(input::CreateStarted{machine.intent.id});
        input::CreateEnded created;
        created.intent = machine.intent.id;
        created.outcome = input::CallOutcome::kDone;
        created.contract = ContractId{502};
        rig.feed_input(created);
        return join(machine, ContractId{502});
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

// The list stays one that can be read.
TEST_F(AgentOutputs, HashesOfEarlierAttemptsGoWhereAllWouldBeTooMany) {
    protocol::OutputHashes before;
    for (int i = 0; i < 21'000; ++i)
        before[std::string(295, 'x') + std::to_string(10'000 + i)] = sha256_hex("1");
    rig.objects.content[key] = protocol::to_text(before);
    ASSERT_LT(rig.objects.content[key].size(), protocol::kOutputHashesSizeMax);
    EXPECT_EQ(tell(one).status, 200);
    EXPECT_EQ(rig.objects.content[key].size(), protocol::to_text(before).size() + one.size());
    protocol::OutputHashes more;
    for (int i = 0; i < 10'000; ++i)
        more[std::string(295, 'y') + std::to_string(10'000 + i)] = sha256_hex("2");
    EXPECT_EQ(tell(protocol::to_text(more)).status, 200);
    EXPECT_EQ(rig.objects.content[key], protocol::to_text(more));
}

struct LargeOutputs : AgentOutputs {
    LargeOutputs() { rig.objects.parts = &uploads; }
    ~LargeOutputs() override { rig.objects.parts = nullptr; }

    // The rig's objects with parts: what is completed there is put here.
    struct Uploads : FakeUploadStore {
        explicit Uploads(FakeObjects& kept) : kept_(kept) {}
        Status complete(const PendingUpload& upload,
                        const std::vector<UploadPart>& parts) override {
            if (on_complete) std::exchange(on_complete, nullptr)();
            hashes_then = kept_.content[kHashes];
            const Status done = FakeUploadStore::complete(upload, parts);
            if (done) kept_.content[upload.key] = objects[upload.key];
            return done;
        }
        Result<std::vector<PendingUpload>> pending(const std::string& prefix,
                                                   std::size_t limit) override {
            if (on_pending) std::exchange(on_pending, nullptr)();
            return FakeUploadStore::pending(prefix, limit);
        }
        std::string hashes_then;  // when the object was made
        std::function<void()> on_complete;
        std::function<void()> on_pending;

      private:
        static constexpr char kHashes[] = "v1/default/j1/outputs.sha256";
        FakeObjects& kept_;
    };
    Response ask(int from = 1) {
        return rig.agent("POST", protocol::kAgentOutputParts, session,
                         protocol::to_json(protocol::OutputPartsRequest{model, from}));
    }
    Response finish() {
        return rig.agent("POST", protocol::kAgentOutputSent, session, protocol::to_json(model));
    }
    Request finish_request() const {
        Request wish =
            ApiRig::request("POST", protocol::kAgentOutputSent, {}, protocol::to_json(model));
        wish.bearer = session;
        return wish;
    }
    // Whoever comes to a hook of the store waits there until the test lets it go on.
    struct Pause {
        std::function<void()> hook() {
            return [this] {
                reached_.set_value();
                goes_on_.get_future().wait();
            };
        }
        void wait_reached() { reached_.get_future().wait(); }
        void go_on() { goes_on_.set_value(); }

      private:
        std::promise<void> reached_;
        std::promise<void> goes_on_;
    };
    void send_parts() {
        for (int number = 1; number <= 5; ++number)
            uploads.receive("u1", number, Bytes{16 << 20});
    }
    Uploads uploads{rig.objects};
    const protocol::SentOutput model{"a", Bytes{80 << 20}, 7};
    const std::string object = "v1/default/j1/outputs/a";
};

TEST_F(LargeOutputs, HaveNoUrlButThoseOfTheirParts) {
    protocol::SignRequest wish{{"a", "small"}, {80 << 20, 3}};
    const auto sign = [&] {
        return rig.agent("POST", protocol::kAgentSign, session, protocol::to_json(wish)).body;
    };
    EXPECT_EQ(sign(), R"({"urls":["","put:v1/default/j1/outputs/small"]})");
    wish.sizes.clear();
    EXPECT_THAT(sign(), HasSubstr("put:v1/default/j1/outputs/a")) << "an agent that knows no parts";
    rig.objects.parts = nullptr;
    wish.sizes = {80 << 20, 3};
    EXPECT_THAT(sign(), HasSubstr("put:v1/default/j1/outputs/a")) << "a store that takes none";
}

TEST_F(LargeOutputs, AreMadeOfTheirPartsOnceAllAreThere) {
    const auto parts = protocol::parse_parts_response(ask().body);
    ASSERT_TRUE(parts) << parts.error().message;
    EXPECT_EQ(parts->parts.size(), 5U);
    EXPECT_THAT(parts->parts[0].url, HasSubstr("/outputs/a?upload=u1&part=1"));
    EXPECT_EQ(finish().status, 404);
    EXPECT_FALSE(rig.objects.content.contains(object));
    send_parts();
    EXPECT_EQ(finish().status, 200);
    EXPECT_EQ(rig.objects.content[object].size(), 80U << 20);
    EXPECT_EQ(finish().status, 200);
    EXPECT_EQ(
        rig.agent("POST", protocol::kAgentOutputSent, "stranger", protocol::to_json(model)).status,
        401);
    EXPECT_EQ(rig.agent("POST", protocol::kAgentOutputParts, session, "{}").status, 400);
}

// Until its object is made, the file is the one that an earlier attempt stored.
TEST_F(LargeOutputs, KeepTheirOldHashUntilTheObjectChanges) {
    EXPECT_EQ(tell(one + two).status, 200);
    protocol::SignRequest wish{{"a"}, {80 << 20}};
    EXPECT_EQ(rig.agent("POST", protocol::kAgentSign, session, protocol::to_json(wish)).status,
              200);
    EXPECT_EQ(ask().status, 200);
    send_parts();
    EXPECT_EQ(rig.objects.content[key], one + two);
    rig.objects.is_away = true;
    EXPECT_EQ(finish().status, 503) << "or else the old hash would stay";
    rig.objects.is_away = false;
    EXPECT_EQ(rig.objects.content[key], one + two);
    EXPECT_EQ(finish().status, 200);
    EXPECT_EQ(uploads.hashes_then, two);
    EXPECT_EQ(tell(one).status, 200);
    EXPECT_EQ(finish().status, 200) << "asked again";
    EXPECT_EQ(rig.objects.content[key], one + two);
}

TEST_F(LargeOutputs, OfAnAttemptThatWasGivenUpAreNeitherSignedNorMade) {
    EXPECT_EQ(ask().status, 200);
    send_parts();
    move_job();
    EXPECT_EQ(ask().status, 409);
    EXPECT_EQ(finish().status, 409);
    EXPECT_FALSE(rig.objects.content.contains(object));
}

// A large one may take minutes, and an agent that is to end has half a minute for an answer.
TEST_F(LargeOutputs, HoldUpNothingElseWhileTheyAreMade) {
    EXPECT_EQ(ask().status, 200);
    send_parts();
    Pause pause;
    uploads.on_complete = pause.hook();
    const RecordedPtr first = rig.send_agent(finish_request());
    pause.wait_reached();
    const protocol::SignRequest small{{"small"}, {3}};
    EXPECT_EQ(rig.agent("POST", protocol::kAgentSign, session, protocol::to_json(small)).status,
              200);
    EXPECT_EQ(tell(two).status, 200);
    const Response again = finish();
    EXPECT_EQ(again.status, 503);
    EXPECT_THAT(again.body, HasSubstr("is being put together"));
    EXPECT_EQ(ask().status, 503);
    pause.go_on();
    EXPECT_EQ(ApiRig::answer_of(*first).status, 200);
    EXPECT_EQ(rig.objects.content[object].size(), 80U << 20);
    EXPECT_EQ(finish().status, 200);
    EXPECT_EQ(tell(one).status, 200);
    EXPECT_EQ(rig.objects.content[key], one + two);
}

// A thread for each number, of four, would have this one wait for its neighbour.
TEST_F(LargeOutputs, WaitForNoOtherJobsWhateverTheirNumber) {
    const std::string other = join_job(5);
    EXPECT_EQ(ask().status, 200);
    send_parts();
    Pause pause;
    uploads.on_complete = pause.hook();
    const RecordedPtr first = rig.send_agent(finish_request());
    pause.wait_reached();
    const auto parts = protocol::to_json(protocol::OutputPartsRequest{model, 1});
    EXPECT_EQ(rig.agent("POST", protocol::kAgentOutputParts, other, parts).status, 200);
    for (int number = 1; number <= 5 && uploads.uploads.contains("u2"); ++number)
        uploads.receive("u2", number, Bytes{16 << 20});
    const auto sent = protocol::to_json(model);
    EXPECT_EQ(rig.agent("POST", protocol::kAgentOutputSent, other, sent).status, 200);
    pause.go_on();
    EXPECT_EQ(ApiRig::answer_of(*first).status, 200);
}

// The request was taken while the attempt was still the newest, and waited for its turn.
TEST_F(LargeOutputs, TheFenceIsLookedAtOnceItIsTheirTurn) {
    EXPECT_EQ(ask().status, 200);
    send_parts();
    struct Gate : FakeUploadStore {
        std::function<void()> on_list;
        Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override {
            if (on_list) std::exchange(on_list, nullptr)();
            return FakeUploadStore::parts(upload);
        }
    } gate;
    rig.objects.parts = &gate;
    (void)*gate.create("v1/default/j1/outputs/b");
    const protocol::SentOutput other{"b", Bytes{80 << 20}, 7};
    Pause pause;
    gate.on_list = pause.hook();
    Request wish = ApiRig::request("POST", protocol::kAgentOutputParts, {},
                                   protocol::to_json(protocol::OutputPartsRequest{other, 1}));
    wish.bearer = session;
    const RecordedPtr first = rig.send_agent(std::move(wish));
    pause.wait_reached();
    rig.objects.parts = &uploads;
    const RecordedPtr second = rig.send_agent(finish_request());
    rig.settle();
    move_job();
    pause.go_on();
    EXPECT_EQ(ApiRig::answer_of(*first).status, 200);
    EXPECT_EQ(ApiRig::answer_of(*second).status, 409);
    EXPECT_FALSE(rig.objects.content.contains(object));
}

// The server was started anew, and reads what was begun of the uploads before it makes any.
TEST_F(LargeOutputs, AnAttemptThatIsReplacedBehindThatLookMakesNothing) {
    EXPECT_EQ(ask().status, 200);
    send_parts();
    AgentApi later{{rig.engine, rig.objects, rig.logs, rig.feed, rig.clock, rig.secrets},
                   {"server-secret", "vast"}};
    Pause pause;
    uploads.on_pending = pause.hook();
    Request wish = finish_request();
    const auto recorded = std::make_shared<Recorded>(wish);
    later.handle(std::move(wish), std::make_shared<RecordingExchange>(recorded));
    pause.wait_reached();
    move_job();
    pause.go_on();
    EXPECT_EQ(ApiRig::answer_of(*recorded).status, 409);
    EXPECT_FALSE(rig.objects.content.contains(object));
    EXPECT_TRUE(uploads.uploads.contains("u1")) << "nothing was made or given up";
    later.stop();
}

TEST(OutputInUse, WhileAnAttemptOfItsJobGoesOn) {
    State state;
    const auto is_used = [&](const std::string& name, JobPhase phase) {
        state.jobs[JobId{1}].phase = std::move(phase);
        return is_output_in_use(state, name);
    };
    EXPECT_TRUE(is_used("v1/t/j1/outputs/a", phase::Running{}));
    EXPECT_FALSE(is_used("v1/t/j1/outputs/a", phase::Succeeded{}));
    EXPECT_FALSE(is_used("v1/t/j1/outputs/a", phase::Paused{})) << "perhaps for good";
    EXPECT_FALSE(is_used("v1/t/j1/ckpt/c/o/0000", phase::Running{}));
    EXPECT_FALSE(is_used("v1/t/j2/outputs/a", phase::Running{}));
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
