#include "engine/engine_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/log.h"
#include "engine/engine_rig.h"

namespace herder {
namespace {

struct EngineThreadTest : testing::Test {
    FakeStore::Content content;
    FakeStore store{content};
    FakeClock clock;
    FakeEntropy entropy;
    FakeRunner runner;
    Core core{ClusterIdentity{"test", std::string(32, 'k')}, Settings{}};
    std::atomic<int> commits{0};
    EngineThread thread{
        core, store, clock, entropy, runner, EngineOptions{}, [this](const Output&) { ++commits; }};

    void SetUp() override {
        set_log_sink([](const LogEvent&) {});
    }
    // Waits for the answer, however long the thread takes.
    Result<ReplyBody> ask(input::SubmitJob submit) {
        std::promise<Result<ReplyBody>> answered;
        thread.ask(std::move(submit), [&](Result<ReplyBody> body) { answered.set_value(body); });
        return answered.get_future().get();
    }
};

TEST_F(EngineThreadTest, AnswersOnceTheCommitIsThere) {
    ASSERT_TRUE(thread.start());
    const Result<ReplyBody> answer = ask(make_submit(0));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(std::get<reply::Submitted>(*answer).job, JobId{1});
    thread.stop();
    EXPECT_TRUE(content.rows.contains({Table::kJob, "j1"}));
    EXPECT_GT(commits, 0);
}

TEST_F(EngineThreadTest, ReadersSeeTheStateBetweenBatches) {
    ASSERT_TRUE(thread.start());
    ASSERT_TRUE(ask(make_submit(0)));
    const auto count = [](const State& state, Instant) { return state.jobs.size(); };
    EXPECT_EQ(thread.fetch<std::size_t>(count), 1U);
    thread.stop();
    EXPECT_EQ(thread.fetch<std::size_t>(count), 1U) << "a stopped one is read where it stands";
}

TEST_F(EngineThreadTest, BeforeTheStartAndAfterTheStopRequestsAreRefusedAtOnce) {
    EXPECT_EQ(ask(make_submit(0)).error().code, ErrorCode::kUnavailable);
    ASSERT_TRUE(thread.start());
    thread.stop();
    bool is_answered = false;
    thread.ask(make_submit(0), [&](const Result<ReplyBody>&) { is_answered = true; });
    thread.stop();
    EXPECT_TRUE(is_answered) << "nobody waits for ever";
}

TEST_F(EngineThreadTest, LostLeadIsToldOnceAndEndsWhoWaits) {
    std::promise<void> lost;
    thread.on_lead_lost([&] { lost.set_value(); });
    store.faults = {FakeStore::Fault::kFence};
    ASSERT_TRUE(thread.start());
    const Result<ReplyBody> answer = ask(make_submit(0));
    lost.get_future().wait();
    EXPECT_FALSE(thread.is_leading());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_F(EngineThreadTest, StoreThatRefusesTheLeadFailsTheStart) {
    struct Refusing : FakeStore {
        using FakeStore::FakeStore;
        Result<Term> lead() override { return Error{ErrorCode::kConflict, "held by pid 7"}; }
    } refusing{content};
    EngineThread other(core, refusing, clock, entropy, runner, EngineOptions{}, {});
    const Status started = other.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace herder
