#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kEnded[] = R"({"id":"j1","status":"failed","attempts":1})";

TEST(LogCommands, PrintsOutputAndErrorsUntouchedWhenPiped) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.answer("GET /jobs/j1/logs", "one\n\x1b[1mtwo\n");
    server.answer("GET /jobs/j1/logs", "");  // the end of out
    server.answer("GET /jobs/j1/logs", "oops\n");
    server.answer("GET /jobs/j1/logs", "");
    const Ran ran = server.run({"logs", "j1"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "one\n\x1b[1mtwo\noops\n");
    EXPECT_EQ(server.seen().at(2), "GET /jobs/j1/logs?stream=out&attempt=1&offset=12");
}

TEST(LogCommands, ATerminalIsNotSteeredByALog) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.answer("GET /jobs/j1/logs", "\x1b[2Jx\n");
    server.answer("GET /jobs/j1/logs", "");
    EXPECT_EQ(server.run({"logs", "j1", "--stream", "out"}, "", true).out, "\\x1b[2Jx\n");
}

TEST(LogCommands, BeginsWithTheTail) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.answer("GET /jobs/j1/logs", "1\n2\n3\n");
    server.answer("GET /jobs/j1/logs", "");
    EXPECT_EQ(server.run({"logs", "j1", "--stream", "out", "--tail", "2"}).out, "2\n3\n");
}

TEST(LogCommands, FollowsUntilTheEndAndTellsTheOutcome) {
    FakeServer server;
    server.answer("GET /jobs/j1", R"({"id":"j1","status":"running","attempts":1})");
    server.answer("GET /jobs/j1", kEnded);
    server.answer("GET /jobs/j1/logs", "a\n");
    server.answer("GET /jobs/j1/logs", "");
    server.answer("GET /jobs/j1/logs", "b\n");
    server.answer("GET /jobs/j1/logs", "");
    const Ran ran = server.run({"logs", "j1", "-f", "--stream", "out", "--exit-status"});
    EXPECT_EQ(ran.out, "a\nb\n");
    EXPECT_EQ(ran.code, 5);
}

TEST(LogCommands, RefusesWhatIsNoAttempt) {
    const FakeServer server;
    EXPECT_EQ(server.run({"logs", "j1", "--attempt", "last"}).code, 2);
    EXPECT_EQ(server.run({"logs", "j1", "--stream", "both"}).code, 2);
}

TEST(LogCommands, TellsEventsAsSentences) {
    FakeServer server;
    server.answer("GET /jobs/j1/events",
                  R"({"items":[{"seq":4,"at":"2026-11-23T20:48:00Z","kind":"job.failed",)"
                  R"("subject":"j1","fields":{"reason":"user_error"}}],"next_cursor":null})");
    EXPECT_EQ(server.run({"events", "j1"}).out,
              "at\tkind\tsubject\ttext\n2026-11-23T20:48:00Z\tjob.failed\tj1\t"
              "failed: the job's command failed\n");
    EXPECT_EQ(server.run({"events", "j1", "-o", "json"}).out.substr(0, 9), "{\"seq\":4,");
}

}  // namespace
}  // namespace herder::cli
