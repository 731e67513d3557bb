#include "api/follower.h"

#include "api/api_fixture.h"

namespace herder::api {
namespace {

struct FollowerTest : ::testing::Test {
    FollowerTest() { EXPECT_EQ(rig.submit(ApiRig::spec("digits")).status, 201); }
    RecordedPtr follow(bool ends_with_job) {
        auto recorded = std::make_shared<Recorded>();
        Source source;
        source.next = [this](const State&, JobId) { return News{news, is_pending}; };
        source.accept = [this] { news.clear(); };
        source.ends_with_job = ends_with_job;
        followers.follow(std::make_shared<RecordingExchange>(recorded), "text/plain", JobId{1},
                         std::move(source));
        rig.settle();
        return recorded;
    }
    ApiRig rig;
    Followers followers{
        {rig.engine, rig.store, rig.objects, rig.provider_runner, rig.logs, rig.feed, rig.secrets}};
    std::string news;         // read on the engine's thread, set while it is idle
    bool is_pending = false;  // likewise
};

TEST_F(FollowerTest, SendsAgainWhatASlowClientDidNotTake) {
    const RecordedPtr stream = follow(true);
    stream->takes = false;
    news = "hello";
    rig.feed.ring(JobId{1});
    rig.settle();
    EXPECT_EQ(stream->text, "");
    stream->takes = true;
    stream->drained();
    rig.settle();
    EXPECT_EQ(stream->text, "hello");
    EXPECT_EQ(followers.count(), 1U);
}

TEST_F(FollowerTest, IsForgottenWhenItsJobHasEnded) {
    const RecordedPtr ends = follow(true);
    const RecordedPtr stays = follow(false);
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    rig.settle();
    EXPECT_TRUE(ends->closed);
    EXPECT_FALSE(stays->closed);
    EXPECT_EQ(followers.count(), 1U);
}

TEST_F(FollowerTest, WaitsForWhatIsPendingAlthoughItsJobHasEnded) {
    is_pending = true;
    const RecordedPtr stream = follow(true);
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    rig.settle();
    EXPECT_FALSE(stream->closed);
    is_pending = false;
    news = "the old part";
    rig.feed.ring(JobId{1});
    rig.settle();
    EXPECT_EQ(stream->text, "the old part");
    EXPECT_TRUE(stream->closed);
}

TEST_F(FollowerTest, EndsWithItsOwnerWhateverIsStillQueued) {
    const RecordedPtr stream = follow(true);
    rig.feed.ring(JobId{1});
    followers.stop();
    EXPECT_TRUE(stream->closed);
    EXPECT_EQ(followers.count(), 0U);
    rig.feed.ring(JobId{1});
    rig.settle();
    EXPECT_FALSE(follow(true)->answered) << "nothing begins any more";
}

}  // namespace
}  // namespace herder::api
