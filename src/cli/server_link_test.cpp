#include "cli/server_link.h"

#include <gtest/gtest.h>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

using protocol::Json;

GlobalOptions options_for(const FakeServer& server) {
    return {.server_url = server.url(), .data_dir = server.folder()};
}

TEST(ServerLink, FindsWhatARunningServerLeftInItsFolder) {
    const TestFolder folder;
    folder.write("server.json", R"({"url":"http://127.0.0.1:4711"})");
    folder.write("token", "abc\n");
    const ServerAddress address = find_server({.data_dir = folder.path});
    EXPECT_EQ(address.url, "http://127.0.0.1:4711");
    EXPECT_EQ(address.token, "abc");
    EXPECT_EQ(find_server({.server_url = "http://x", .data_dir = folder.path}).url, "http://x");
    EXPECT_EQ(find_server({.data_dir = "/nonexistent"}).url, "http://127.0.0.1:8750");
}

TEST(ServerLink, SaysHowToStartAServerWhereNoneRuns) {
    std::string url;
    {
        const FakeServer gone;
        url = gone.url();
    }
    Result<ServerLink> link = ServerLink::open({.server_url = url});
    ASSERT_TRUE(link);
    const Result<Json> answer = link->get("/jobs");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(answer.error().message.find("no server answers at " + url), std::string::npos);
    EXPECT_NE(answer.error().message.find("herder up"), std::string::npos);
}

TEST(ServerLink, TurnsProblemsIntoErrorsWithTheirCode) {
    FakeServer server;
    server.refuse("POST /jobs", 409, "BUDGET_EXCEEDED", "over the limit");
    server.answer("GET /odd", "<html>", 503);
    Result<ServerLink> link = ServerLink::open(options_for(server));
    const Result<Json> posted = link->send("POST", "/jobs", Json(Json::Object{}), "key");
    EXPECT_EQ(posted.error().code, ErrorCode::kBudgetExceeded);
    EXPECT_EQ(posted.error().message, "over the limit");
    EXPECT_EQ(server.last("POST /jobs").headers.get("Idempotency-Key"), "key");
    EXPECT_EQ(link->get("/odd").error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(link->get("/none").error().code, ErrorCode::kNotFound);
}

TEST(ServerLink, ShowsEveryComplaintOfAProblem) {
    http::Response response;
    response.status = 400;
    response.body = R"({"code":"INVALID","detail":"no","errors":[{"pointer":"/spec/run",)"
                    R"("message":"is empty","suggestion":"x"}],"help":["read on"]})";
    EXPECT_EQ(to_error(response).message,
              "no\n  /spec/run: is empty; did you mean 'x'?\n  hint: read on");
    response.body = R"({"code":"INVALID","detail":"no","errors":[{"pointer":"?since",)"
                    R"("message":"no","suggestion":null}]})";
    EXPECT_EQ(to_error(response).message, "no") << "it is said once";
}

TEST(ServerLink, WhyTheTakerFailedIsNoWordOfTheServer) {
    FakeServer server;
    server.answer("GET /file", "text");
    Result<ServerLink> link = ServerLink::open(options_for(server));
    const Status got = link->download(
        "/file", [](std::string_view) { return Status(unavailable("the disk is full")); });
    EXPECT_EQ(got.error().message, "the disk is full");
}

TEST(ServerLink, ReadsAllPagesUpToTheLimit) {
    FakeServer server;
    server.answer("GET /jobs", R"({"items":[{"id":"j3"},{"id":"j2"}],"next_cursor":"j2"})");
    server.answer("GET /jobs", R"({"items":[{"id":"j1"}],"next_cursor":null})");
    Result<ServerLink> link = ServerLink::open(options_for(server));
    bool is_cut = true;
    EXPECT_EQ(link->list("/jobs", 100, &is_cut)->size(), 3U);
    EXPECT_FALSE(is_cut);
    EXPECT_EQ(server.seen().back(), "GET /jobs?limit=98&cursor=j2");
}

TEST(ServerLink, ADashIsTheNewestJob) {
    FakeServer server;
    server.answer("GET /jobs", R"({"items":[{"id":"j9"}],"next_cursor":null})");
    Result<ServerLink> link = ServerLink::open(options_for(server));
    EXPECT_EQ(*job_path(*link, "-", "/events"), "/jobs/j9/events");
    EXPECT_EQ(*job_path(*link, "a b"), "/jobs/a%20b");
}

TEST(ServerLink, FollowsASignedUrlWithoutItsToken) {
    FakeServer server;
    FakeServer store;
    store.answer("GET /sign", "");
    http::Headers headers;
    headers.set("Location", store.url() + "/api/v1/signed");
    server.answer("GET /jobs/j1/outputs/a", "", 307, headers);
    Result<ServerLink> link = ServerLink::open(options_for(server));
    std::string body;
    const Status got = link->download("/jobs/j1/outputs/a", [&](std::string_view piece) {
        body += piece;
        return ok();
    });
    EXPECT_FALSE(got);  // the fake store wants a token, and must not have got ours
    EXPECT_FALSE(store.last("GET /signed").headers.has("Authorization"));
}

TEST(ServerLink, ABusyStoreIsAskedAgain) {
    FakeServer server;
    FakeServer store;
    http::Headers headers;
    headers.set("Location", store.url() + "/api/v1/signed");
    server.answer("GET /jobs/j1/outputs/a", "", 307, headers);
    // Without a token the fake refuses; busy it is before it looks.
    store.be_busy(2);
    Result<ServerLink> link = ServerLink::open(options_for(server));
    const Status got = link->download("/jobs/j1/outputs/a", [](std::string_view) { return ok(); });
    EXPECT_EQ(got.error().code, ErrorCode::kUnauthenticated) << got.error().message;
    EXPECT_EQ(store.seen().size(), 3U);
}

TEST(ServerLink, KeysAreFresh) {
    EXPECT_EQ(fresh_key()->size(), 32U);
    EXPECT_NE(*fresh_key(), *fresh_key());
}

}  // namespace
}  // namespace herder::cli
