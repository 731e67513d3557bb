#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StreamRoutes, EventsAreReadFromWhereTheReaderStands) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    const std::string all = rig.get("/api/v1/jobs/j1/events").body;
    EXPECT_THAT(all, HasSubstr(R"("kind":"job.submitted")"));
    EXPECT_THAT(all, HasSubstr(R"("kind":"job.cancelled")"));
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/events", {{"after", "999999"}}).body,
                HasSubstr(R"("items":[])"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j9/events").status, 404);
}

TEST(StreamRoutes, EventsAreReadPageByPage) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    const auto events = [&](std::map<std::string, std::string> query) {
        return rig.get("/api/v1/jobs/j1/events", std::move(query));
    };
    const std::string first = events({{"limit", "1"}}).body;
    EXPECT_THAT(first, HasSubstr(R"("kind":"job.submitted")"));
    const std::string mark = R"("next_cursor":")";
    const std::size_t at = first.find(mark) + mark.size();
    const std::string cursor = first.substr(at, first.find('"', at) - at);
    EXPECT_THAT(events({{"cursor", cursor}}).body, Not(HasSubstr("job.submitted")));
    EXPECT_EQ(events({{"cursor", cursor}}).body, events({{"after", cursor}}).body);
    EXPECT_EQ(events({{"cursor", cursor}, {"after", cursor}}).status, 400);
    EXPECT_EQ(events({{"cursor", "next"}}).status, 400);
    EXPECT_EQ(events({{"until", "end"}}).status, 400) << "not an event stream";
}

TEST(StreamRoutes, AnEventStreamEndsWithTheJobIfAsked) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    Request wish = ApiRig::request("GET", "/api/v1/jobs/j1/events", {{"until", "end"}});
    wish.accept = "text/event-stream";
    const RecordedPtr stream = rig.send(wish);
    ASSERT_TRUE(
        stream->wait([&] { return stream->text.find("job.submitted") != std::string::npos; }));
    EXPECT_FALSE(stream->closed);
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    ASSERT_TRUE(stream->wait([&] { return stream->closed; }));
    EXPECT_THAT(stream->text, HasSubstr("event: job.cancelled\ndata: {"));
}

TEST(StreamRoutes, AnEventStreamGoesOnFromTheLastEventAndEndsWithTheServerAtTheLatest) {
    RecordedPtr stream;
    {
        ApiRig rig;
        ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
        Request wish = ApiRig::request("GET", "/api/v1/jobs/j1/events");
        wish.accept = "text/event-stream";
        const std::string events = rig.get("/api/v1/jobs/j1/events").body;
        const std::string mark = R"("items":[{"seq":)";
        const std::size_t at = events.find(mark) + mark.size();
        wish.last_event_id = events.substr(at, events.find(',', at) - at);
        stream = rig.send(wish);
        ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
        ASSERT_TRUE(
            stream->wait([&] { return stream->text.find("job.cancelled") != std::string::npos; }));
        rig.settle();
        EXPECT_FALSE(stream->closed);
        EXPECT_THAT(stream->text, Not(HasSubstr("event: job.submitted")));
    }
    EXPECT_TRUE(stream->closed);
}

TEST(StreamRoutes, WhoLeavesIsNotFollowedAnyMore) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    const RecordedPtr stream =
        rig.send(ApiRig::request("GET", "/api/v1/jobs/j1/logs", {{"follow", "true"}}));
    rig.settle();
    {
        const std::lock_guard lock(stream->mutex);
        stream->open = false;
    }
    rig.feed.ring(JobId{1});
    EXPECT_TRUE(stream->wait([&] { return stream->closed; }));
}

TEST(StreamRoutes, ListsCheckpoints) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/checkpoints").body, HasSubstr(R"("items":[])"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/checkpoints", {{"cursor", "k9"}}).status, 400);
}

}  // namespace
}  // namespace herder::api
