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
    server.answer("GET /jobs/j1/logs/ranges", R"({"items":[{"begin":2,"end":6}]})");
    server.answer("GET /jobs/j1/logs", "2\n3\n");
    server.answer("GET /jobs/j1/logs", "");
    EXPECT_EQ(server.run({"logs", "j1", "--stream", "out", "--tail", "2"}).out, "2\n3\n");
    EXPECT_EQ(server.seen().at(1), "GET /jobs/j1/logs/ranges?stream=out&attempt=1&tail=2");
    EXPECT_EQ(server.seen().at(2), "GET /jobs/j1/logs?stream=out&attempt=1&offset=2");
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

TEST(LogCommands, AsksForTheLinesOfATime) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.answer("GET /jobs/j1/logs/ranges", R"({"items":[{"begin":4,"end":10}]})");
    server.answer("GET /jobs/j1/logs", "step 2");
    const Ran ran = server.run(
        {"logs", "j1", "--stream", "out", "--since", "1h", "--until", "2026-11-23T20:48:00Z"});
    EXPECT_EQ(ran.out, "step 2");
    EXPECT_EQ(server.seen().at(1),
              "GET /jobs/j1/logs/ranges?stream=out&attempt=1&since=1h&until="
              "2026-11-23T20%3A48%3A00Z");
    EXPECT_EQ(server.seen().at(2), "GET /jobs/j1/logs?stream=out&attempt=1&offset=4&limit=6");
    EXPECT_EQ(server.seen().size(), 3U) << "nothing beyond its end is asked for";
}

TEST(LogCommands, SearchesLineByLine) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.answer("GET /jobs/j1/logs", "loss 2\nslow\nloss 1");
    server.answer("GET /jobs/j1/logs", "");
    EXPECT_EQ(server.run({"logs", "j1", "--stream", "out", "--search", "^loss"}).out,
              "loss 2\nloss 1\n");
}

TEST(LogCommands, AnEmptyAnswerSaysWhy) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.answer("GET /jobs/j1/logs", "x\n");
    server.answer("GET /jobs/j1/logs", "");
    server.answer("GET /jobs/j1/logs/ranges", R"({"items":[]})");
    const auto told = [&server](std::vector<std::string> more) {
        std::vector<std::string> words{"logs", "j1", "--stream", "out"};
        words.insert(words.end(), more.begin(), more.end());
        const Ran ran = server.run(words);
        EXPECT_EQ(ran.code, 0);
        EXPECT_EQ(ran.out, "");
        return ran.err;
    };
    EXPECT_NE(told({"--search", "loss"}).find("no line matches"), std::string::npos);
    EXPECT_NE(told({"--since", "1h"}).find("nothing was printed in that time"), std::string::npos);
    EXPECT_NE(told({}).find("nothing was printed"), std::string::npos);
}

TEST(LogCommands, WhatIsLostIsSaidAndTheRestIsPrinted) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.refuse("GET /jobs/j1/logs", 500, "CORRUPT", "bytes 0 to 40 of this log are lost");
    server.answer(
        "GET /jobs/j1/logs/ranges",
        R"({"items":[{"begin":0,"end":50,"segments":[{"begin":0,"end":40,"key":"k"}]}]})");
    server.answer("GET /jobs/j1/logs", "the rest\n");
    server.answer("GET /jobs/j1/logs", "");
    const Ran ran = server.run({"logs", "j1", "--stream", "out"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.out, "the rest\n");
    EXPECT_NE(ran.err.find("bytes 0 to 40 of this log are lost"), std::string::npos) << ran.err;
    EXPECT_EQ(server.seen().at(3), "GET /jobs/j1/logs?stream=out&attempt=1&offset=40");
}

TEST(LogCommands, WhatWasDeletedOnPurposeIsSaidAndIsNoFault) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.refuse("GET /jobs/j1/logs", 404, "NOT_FOUND", "this log was deleted");
    server.answer("GET /jobs/j1/logs/ranges",
                  R"({"items":[{"begin":0,"end":0,"deleted_at":"2026-11-23T20:48:00Z",)"
                  R"("logs_keep":"30d","segments":[]}]})");
    const std::string said =
        "attempt 1, out: the log was deleted on 2026-11-23T20:48:00Z by the rule logs_keep: 30d";
    for (const char* more : {"", "--since", "--search"}) {
        std::vector<std::string> words{"logs", "j1", "--stream", "out"};
        if (*more != '\0') words.insert(words.end(), {more, "1h"});
        const Ran ran = server.run(words);
        EXPECT_EQ(ran.code, 0) << ran.err;
        EXPECT_EQ(ran.out, "");
        EXPECT_NE(ran.err.find(said), std::string::npos) << more << ran.err;
        EXPECT_EQ(ran.err.find("nothing was printed"), std::string::npos) << more << ran.err;
    }
}

TEST(LogCommands, AStoreThatIsAwayIsAnErrorAndNoShortLog) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    server.refuse("GET /jobs/j1/logs", 503, "UNAVAILABLE", "the store does not answer");
    const Ran ran = server.run({"logs", "j1"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("the store does not answer"), std::string::npos) << ran.err;
}

TEST(LogCommands, RefusesWhatMakesNoSense) {
    FakeServer server;
    server.answer("GET /jobs/j1", kEnded);
    EXPECT_EQ(server.run({"logs", "j1", "--search", "[0-9"}).code, 2);
    EXPECT_EQ(server.run({"logs", "j1", "--until", "1h", "-f"}).code, 2);
    EXPECT_EQ(server.run({"logs", "j1", "--tail", "0"}).code, 2);
    const Ran none = server.run({"logs", "j1", "--attempt", "4"});
    EXPECT_EQ(none.code, 3);
    EXPECT_NE(none.err.find("job j1 has no attempt 4; it has 1"), std::string::npos) << none.err;
    server.refuse("GET /jobs/j1/logs/ranges", 400, "INVALID", "since 'x' is neither");
    EXPECT_EQ(server.run({"logs", "j1", "--since", "x"}).code, 2);
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
