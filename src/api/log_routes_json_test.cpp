#include <boost/json.hpp>

#include "api/api_fixture.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct LogRoutes : ::testing::Test {
    LogRoutes() {
        EXPECT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
        (void)rig.rent();
    }
    void write(const std::string& text, Duration ago = {}) {
        const std::int64_t offset = rig.logs.size(out);
        const WallTime at = rig.clock.wall() + ago * -1;
        ASSERT_TRUE(rig.logs.append(out, {offset, text, {{offset, at, at}}}));
    }
    ApiRig rig;
    const LogName out{{JobId{1}, Fence{1}}, "out"};
};

TEST_F(LogRoutes, LogsAreReadByAttemptAndOffsetAndFollowedToTheEnd) {
    write("step 1\n");
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs").body, "step 1\n");
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"attempt", "1"}, {"offset", "5"}}).body, "1\n");
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"offset", "2"}, {"limit", "3"}}).body, "ep ");
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"attempt", "2"}}).status, 404);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"stream", "no"}}).status, 400);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"attempt", "first"}}).status, 400);
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"offset", "-1"}}).status, 400);
    const RecordedPtr stream =
        rig.send(ApiRig::request("GET", "/api/v1/jobs/j1/logs", {{"follow", "true"}}));
    ASSERT_TRUE(stream->wait([&] { return stream->text == "step 1\n"; }));
    write("step 2\n");
    rig.feed.ring(JobId{1});
    ASSERT_TRUE(stream->wait([&] { return stream->text == "step 1\nstep 2\n"; }));
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    ASSERT_TRUE(stream->wait([&] { return stream->closed; }));
}

TEST_F(LogRoutes, AFollowerGetsWhatIsOnlyInTheStore) {
    write("an old line\n");
    ASSERT_TRUE(rig.logs.move_out("j1/1.out"));
    write("a new one\n");
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    const RecordedPtr stream =
        rig.send(ApiRig::request("GET", "/api/v1/jobs/j1/logs", {{"follow", "true"}}));
    ASSERT_TRUE(stream->wait([&] { return stream->closed; }));
    EXPECT_EQ(stream->text, "an old line\na new one\n");
}

TEST_F(LogRoutes, WhatIsLostIsToldAndTheRestIsThere) {
    write("an old line\n");
    ASSERT_TRUE(rig.logs.move_out("j1/1.out"));
    write("a new one\n");
    std::erase_if(rig.objects.content,
                  [](const auto& one) { return one.first.find("/logs/") != std::string::npos; });
    const Response lost = rig.get("/api/v1/jobs/j1/logs");
    EXPECT_EQ(lost.status, 500);
    EXPECT_THAT(lost.body, HasSubstr(R"("code":"CORRUPT")"));
    EXPECT_THAT(lost.body, HasSubstr(R"("suggestion":"12")"));
    EXPECT_EQ(rig.get("/api/v1/jobs/j1/logs", {{"offset", "12"}}).body, "a new one\n");
    const RecordedPtr stream =
        rig.send(ApiRig::request("GET", "/api/v1/jobs/j1/logs", {{"follow", "true"}}));
    ASSERT_TRUE(stream->wait([&] { return stream->text.ends_with("a new one\n"); }));
    EXPECT_THAT(stream->text, HasSubstr("[herder: attempt 1 of j1, out: bytes 0 to 12"));
}

TEST_F(LogRoutes, WhatWasDeletedOnPurposeSaysWhenAndByWhichRule) {
    write("an old line\n");
    const LogDeletion deletion{WallTime{1'795'466'880'000'000}, "30d", false};
    std::size_t pieces = 50;
    ASSERT_TRUE(rig.logs.delete_attempt(out, deletion,
                                        rig.logs.held("default", JobId{1})->attempts[1], pieces));
    const std::string said =
        "this log was deleted on 2026-11-23T20:48:00Z by the rule logs_keep: 30d";
    const Response one = rig.get("/api/v1/jobs/j1/logs", {{"attempt", "1"}});
    EXPECT_EQ(one.status, 404);
    EXPECT_THAT(one.body, HasSubstr("attempt 1 of j1, out: " + said));
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/logs", {{"attempt", "all"}}).body, HasSubstr(said));
    const std::string ranges = rig.get("/api/v1/jobs/j1/logs/ranges", {{"since", "1h"}}).body;
    EXPECT_THAT(ranges, HasSubstr(R"("stream":"out","begin":0,"end":0,"size_bytes":0)"));
    EXPECT_THAT(ranges, HasSubstr(R"("deleted_at":"2026-11-23T20:48:00Z","logs_keep":"30d")"));
    EXPECT_THAT(ranges, Not(HasSubstr(R"("stream":"err")"))) << "nothing was printed there";
    ASSERT_EQ(rig.post("/api/v1/jobs/j1/cancel").status, 200);
    const RecordedPtr stream =
        rig.send(ApiRig::request("GET", "/api/v1/jobs/j1/logs", {{"follow", "true"}}));
    ASSERT_TRUE(stream->wait([&] { return stream->closed; }));
    EXPECT_THAT(stream->text, HasSubstr(said));
}

TEST_F(LogRoutes, AFollowerGoesOnWithWhatIsHereWhenTheStoreIsAway) {
    write("an old line\n");
    ASSERT_TRUE(rig.logs.move_out("j1/1.out"));
    write("a new one\n");
    rig.objects.is_away = true;
    const RecordedPtr stream =
        rig.send(ApiRig::request("GET", "/api/v1/jobs/j1/logs", {{"follow", "true"}}));
    ASSERT_TRUE(stream->wait([&] { return stream->text.ends_with("a new one\n"); }));
    EXPECT_THAT(stream->text, HasSubstr("are in the artifact store, which does not give them"));
    write("and another\n");
    rig.feed.ring(JobId{1});
    ASSERT_TRUE(stream->wait([&] { return stream->text.ends_with("and another\n"); }));
}

TEST_F(LogRoutes, RangesTellWhichBytesAreOfWhichTime) {
    write("old\n", hours(2));
    write("new\n", minutes(2));
    const std::string path = "/api/v1/jobs/j1/logs/ranges";
    EXPECT_THAT(rig.get(path).body,
                HasSubstr(R"("attempt":1,"stream":"out","begin":0,"end":8,"size_bytes":8)"));
    EXPECT_THAT(rig.get(path, {{"since", "1h"}}).body, HasSubstr(R"("begin":4,"end":8)"));
    EXPECT_THAT(rig.get(path, {{"until", "1h"}}).body, HasSubstr(R"("begin":0,"end":4)"));
    EXPECT_THAT(rig.get(path, {{"tail", "1"}}).body, HasSubstr(R"("begin":4,"end":8)"));
    EXPECT_THAT(rig.get(path, {{"stream", "err"}}).body, HasSubstr(R"("items":[])"));
    ASSERT_TRUE(rig.logs.move_out("j1/1.out"));
    EXPECT_THAT(
        rig.get(path, {{"attempt", "1"}}).body,
        HasSubstr(R"("key":"v1/default/j1/attempts/1/logs/out/000000000000-000000000008-)"));
    EXPECT_EQ(rig.get(path, {{"attempt", "4"}}).status, 404);
    const Response wrong =
        rig.get(path, {{"since", "yesterday"}, {"until", "tomorrow"}, {"tail", "0"}});
    EXPECT_EQ(wrong.status, 400);
    EXPECT_THAT(wrong.body, HasSubstr("since 'yesterday' is neither a time such as"));
    EXPECT_THAT(rig.get(path, {{"since", "1h"}, {"until", "2h"}}).body,
                HasSubstr("'until' lies before 'since'"));
}

}  // namespace
}  // namespace herder::api
