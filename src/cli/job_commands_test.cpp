#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kJobs[] = R"({"items":[{"id":"j2","name":"b","status":"running","cost":"0.5"},
    {"id":"j1","name":"a","status":"queued","cost":"0"}],"next_cursor":null})";

TEST(JobCommands, PipedJobsAreTabSeparatedWithAllFields) {
    FakeServer server;
    server.answer("GET /jobs", kJobs);
    const Ran ran = server.run({"jobs"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out,
              "id\tname\tproject\tstatus\tgpu\tstep\tran_seconds\tprice_per_hour\tcost\t"
              "submitted_at\nj2\tb\t\trunning\t\t\t\t\t0.5\t\nj1\ta\t\tqueued\t\t\t\t\t0\t\n");
    EXPECT_EQ(server.seen().back(), "GET /jobs?all=false&limit=1000");
}

TEST(JobCommands, QuietPrintsIdsOnly) {
    FakeServer server;
    server.answer("GET /jobs", kJobs);
    EXPECT_EQ(server.run({"jobs", "-a", "-q"}).out, "j2\nj1\n");
    EXPECT_EQ(server.run({"jobs", "--status", "failed", "--limit", "7"}).code, 0);
    EXPECT_EQ(server.seen().back(), "GET /jobs?all=true&status=failed&limit=7");
}

TEST(JobCommands, AnEmptyListSaysSoToPeopleOnly) {
    FakeServer server;
    server.answer("GET /jobs", R"({"items":[],"next_cursor":null})");
    const Ran ran = server.run({"jobs"}, "", true);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("no jobs"), std::string::npos);
    EXPECT_EQ(server.run({"jobs", "-o", "json"}).out, "[]\n");
}

TEST(JobCommands, ShowsOneJob) {
    FakeServer server;
    server.answer("GET /jobs/j1", R"({"id":"j1","name":"a","status":"queued"})");
    EXPECT_EQ(server.run({"show", "j1", "-o", "json"}).out,
              "{\"id\":\"j1\",\"name\":\"a\",\"status\":\"queued\"}\n");
    const Ran ran = server.run({"show", "j1"}, "", true);
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("j1 a\nstatus"), std::string::npos);
}

TEST(JobCommands, ExitCodesTellNotFoundFromNoLogin) {
    FakeServer server;
    EXPECT_EQ(server.run({"show", "j9"}).code, 3);
    const TestFolder elsewhere;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    EXPECT_EQ(run_cli({"jobs", "--server", server.url(), "--data-dir", elsewhere.path}, streams),
              4);
    EXPECT_NE(err.str().find("HERDER_TOKEN"), std::string::npos);
    EXPECT_EQ(run_cli({"jobs", "--server", "http://127.0.0.1:1"}, streams), 1);
}

}  // namespace
}  // namespace herder::cli
