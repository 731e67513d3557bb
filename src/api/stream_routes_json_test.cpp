#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;

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

TEST(StreamRoutes, AnEventStreamEndsWithTheJob) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    Request wish = ApiRig::request("GET", "/api/v1/jobs/j1/events");
    wish.accept = "text/event-stream";
    const RecordedPtr stream = rig.send(wish);
    ASSERT_TRUE(
        stream->wait([&] { return stream->text.find("job.submitted") != std::string::npos; }));
    EXPECT_FALSE(stream->closed);
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    ASSERT_TRUE(stream->wait([&] { return stream->closed; }));
    EXPECT_THAT(stream->text, HasSubstr("event: job.cancelled\ndata: {"));
}

TEST(StreamRoutes, LogsAreReadByAttemptAndOffsetAndFollowedToTheEnd) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    (void)rig.rent();
    ASSERT_TRUE(rig.logs.append({JobId{1}, Fence{1}}, "out", 0, "step 1\n"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs").body, "step 1\n");
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"attempt", "1"}, {"offset", "5"}}).body, "1\n");
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"attempt", "2"}}).status, 404);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"stream", "no"}}).status, 400);
    const RecordedPtr stream =
        rig.send(ApiRig::request("GET", "/api/v1/jobs/j1/logs", {{"follow", "true"}}));
    ASSERT_TRUE(stream->wait([&] { return stream->text == "step 1\n"; }));
    ASSERT_TRUE(rig.logs.append({JobId{1}, Fence{1}}, "out", 7, "step 2\n"));
    rig.feed.ring(JobId{1});
    ASSERT_TRUE(stream->wait([&] { return stream->text == "step 1\nstep 2\n"; }));
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    ASSERT_TRUE(stream->wait([&] { return stream->closed; }));
}

TEST(StreamRoutes, ListsCheckpointsAndOutputsAndSendsAnOutput) {
    ApiRig rig;
    ASSERT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/checkpoints").body, HasSubstr(R"("items":[])"));
    rig.objects.content["v1/default/j1/outputs/a/model.bin"] = "12345";
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/outputs").body,
                HasSubstr(R"({"path":"a/model.bin","size_bytes":5})"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/outputs/a/model.bin").status, 307);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/outputs/b").status, 404);
}

}  // namespace
}  // namespace herder::api
