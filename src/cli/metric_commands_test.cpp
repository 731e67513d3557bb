#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kJob[] = R"({"id":"j1","status":"running","attempts":2})";
constexpr char kMetrics[] =
    R"({"items":[{"name":"loss","count":3,"last":0.179812,"min":0.15,"max":2.5,"first_step":1,)"
    R"("last_step":9,"last_at":"2026-11-23T20:48:00Z","thinned":false,"points":[)"
    R"({"step":1,"value":2.5},{"step":5,"value":"NaN"},{"step":9,"value":0.179812}]},)"
    R"({"name":"lr","count":1,"last":"Infinity","min":null,"max":null,"first_step":9,)"
    R"("last_step":9,"last_at":null,"thinned":false,"points":[{"step":9,"value":1}]}],)"
    R"("bad_lines":0,"bad_line":"","too_many_names":false,"older_left_out":false,"lost":[]})";

TEST(MetricCommands, DrawsTheTrendForPeople) {
    FakeServer server;
    server.answer("GET /jobs/j1/metrics", kMetrics);
    setenv("LC_ALL", "C", 1);
    const Ran ran = server.run({"metrics", "j1"}, "", true);
    unsetenv("LC_ALL");
    EXPECT_EQ(ran.out,
              "NAME    LAST   MIN  MAX  STEPS  TREND\n"
              "loss  0.1798  0.15  2.5  1-9    #!_\n"
              "lr       inf             9      _\n");
    EXPECT_EQ(server.seen().back(), "GET /jobs/j1/metrics?points=40&attempt=all");
}

TEST(MetricCommands, GivesProgramsWholeFields) {
    FakeServer server;
    server.answer("GET /jobs/j1/metrics", kMetrics);
    EXPECT_EQ(server.run({"metrics", "j1", "loss"}).out,
              "name\tlast\tmin\tmax\tcount\tfirst_step\tlast_step\tlast_at\n"
              "loss\t0.179812\t0.15\t2.5\t3\t1\t9\t2026-11-23T20:48:00Z\n");
    const std::string json = server.run({"metrics", "j1", "lr", "--json"}).out;
    EXPECT_TRUE(json.starts_with(R"({"items":[{"name":"lr","count":1,)")) << json;
    EXPECT_EQ(json, server.run({"metrics", "j1", "lr", "-o", "json"}).out);
    EXPECT_EQ(server.run({"metrics", "j1", "-q"}).out, "loss\nlr\n");
}

TEST(MetricCommands, AsksForATimeAndAnAttempt) {
    FakeServer server;
    server.answer("GET /jobs/j1/metrics", kMetrics);
    EXPECT_EQ(server.run({"metrics", "j1", "--since", "1h", "--attempt", "2"}).code, 0);
    EXPECT_EQ(server.seen().back(), "GET /jobs/j1/metrics?points=40&attempt=2&since=1h");
    EXPECT_EQ(server.run({"metrics", "j1", "--attempt", "first"}).code, 2);
    EXPECT_EQ(server.run({"metrics", "j1", "--csv", "--json"}).code, 2);
    const Ran wrong = server.run({"metrics", "j1", "los"});
    EXPECT_EQ(wrong.code, 3);
    EXPECT_NE(wrong.err.find("there is no metric 'los'; did you mean 'loss'?"), std::string::npos)
        << wrong.err;
}

TEST(MetricCommands, SaysWhatWasDeletedOnPurpose) {
    FakeServer server;
    server.answer("GET /jobs/j1/metrics",
                  R"({"items":[],"deleted":[{"attempt":1,"deleted_at":"2026-11-23T20:48:00Z",)"
                  R"("logs_keep":"30d"}],"lost":[]})");
    const Ran ran = server.run({"metrics", "j1"}, "", true);
    EXPECT_EQ(ran.code, 0);
    const std::string text = ran.out + ran.err;
    EXPECT_NE(text.find("attempt 1: its metrics were deleted on 2026-11-23T20:48:00Z by the rule "
                        "logs_keep: 30d"),
              std::string::npos)
        << text;
    server.answer("GET /jobs/j1", R"({"id":"j1","status":"failed","attempts":1})");
    server.refuse("GET /jobs/j1/logs", 404, "NOT_FOUND", "this log was deleted");
    server.answer("GET /jobs/j1/logs/ranges",
                  R"({"items":[{"begin":0,"end":0,"deleted_at":"2026-11-23T20:48:00Z",)"
                  R"("logs_keep":"30d","segments":[]}]})");
    const Ran csv = server.run({"metrics", "j1", "--csv"});
    EXPECT_EQ(csv.code, 0) << csv.err;
    EXPECT_NE(csv.err.find("attempt 1, metrics: the log was deleted"), std::string::npos)
        << csv.err;
}

TEST(MetricCommands, SaysWhatIsMissing) {
    FakeServer server;
    server.answer("GET /jobs/j1/metrics",
                  R"({"items":[],"bad_lines":3,"bad_line":"the line has no 'step'",)"
                  R"("too_many_names":true,"older_left_out":true,)"
                  R"("lost":[{"attempt":1,"begin":0,"end":9,"detail":"bytes 0 to 9 are lost"}]})");
    const Ran ran = server.run({"metrics", "j1"}, "", true);
    EXPECT_EQ(ran.code, 1);
    for (const char* part : {"no metrics; training code reports them", "3 lines", "more than 1000",
                             "the oldest are left out", "attempt 1: bytes 0 to 9 are lost"})
        EXPECT_NE(ran.err.find(part), std::string::npos) << part << "\n" << ran.err;
}

TEST(MetricCommands, NoTextOfAMachineSteersTheTerminal) {
    FakeServer server;
    server.answer("GET /jobs/j1/metrics",
                  R"({"items":[],"bad_lines":1,"bad_line":"a\u001b[2Jb","too_many_names":false,)"
                  R"("older_left_out":false,)"
                  R"("lost":[{"attempt":1,"begin":0,"end":9,"detail":"c\u001b]0;d\u0007"}]})");
    const Ran shown = server.run({"metrics", "j1"}, "", true);
    EXPECT_EQ(shown.err.find('\x1b'), std::string::npos) << shown.err;
    EXPECT_NE(shown.err.find("(a\\x1b[2Jb)"), std::string::npos) << shown.err;
    EXPECT_NE(shown.err.find("c\\x1b]0;d\\x07"), std::string::npos) << shown.err;
    server.answer("GET /jobs/j1", R"({"id":"j1","attempts":1})");
    for (int reading = 0; reading < 2; ++reading) {
        server.answer("GET /jobs/j1/logs", "{\"step\":1,\"e\\u001b[2J\":3}\n");
        server.answer("GET /jobs/j1/logs", "");
    }
    EXPECT_EQ(server.run({"metrics", "j1", "--csv"}).out, "step,time,attempt,e\\x1b[2J\n1,,1,3\n");
}

TEST(MetricCommands, WritesEveryValueAsCsv) {
    FakeServer server;
    server.answer("GET /jobs/j1", kJob);
    // The newest attempt first, to know what it undid; then both, oldest first.
    for (const char* text :
         {"{\"step\":2,\"loss\":1}\n", "", "{\"step\":1,\"loss\":3}\n{\"step\":2,\"loss\":2}\n", "",
          "{\"step\":1,\"loss\":3}\n{\"step\":2,\"loss\":2}\n", "", "{\"step\":2,\"loss\":1}\n",
          ""})
        server.answer("GET /jobs/j1/logs", text);
    const Ran ran = server.run({"metrics", "j1", "--csv"});
    EXPECT_EQ(ran.out, "step,time,attempt,loss\n1,,1,3\n2,,2,1\n");
    EXPECT_EQ(server.seen().at(1), "GET /jobs/j1/logs?stream=metrics&attempt=2&offset=0");
    EXPECT_EQ(server.run({"metrics", "j1", "--csv", "--attempt", "7"}).code, 3);
}

}  // namespace
}  // namespace herder::cli
