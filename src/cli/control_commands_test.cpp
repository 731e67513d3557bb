#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kRunning[] = R"({"id":"j1","name":"a","status":"running"})";

TEST(ControlCommands, CancelsSeveralJobs) {
    FakeServer server;
    server.answer("POST /jobs/j1/cancel", kRunning);
    server.answer("POST /jobs/b/cancel", R"({"id":"j2","name":"b","status":"cancelled"})");
    const Ran ran = server.run({"cancel", "j1", "b"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, "j1 a will be cancelled\nj2 b is cancelled\n");
}

TEST(ControlCommands, GoesOnAfterAJobThatIsNotThere) {
    FakeServer server;
    server.answer("POST /jobs/j1/cancel", kRunning);
    const Ran ran = server.run({"cancel", "j9", "j1"});
    EXPECT_EQ(ran.code, 3);
    EXPECT_EQ(server.seen().size(), 2U);
}

TEST(ControlCommands, PauseSaysHowToGoOn) {
    FakeServer server;
    server.answer("POST /jobs/j1/pause", kRunning);
    EXPECT_EQ(server.run({"pause", "j1"}).err,
              "j1 a will be paused; go on with: herder resume j1\n");
}

TEST(ControlCommands, WaitEndsWithTheJob) {
    FakeServer server;
    server.answer("GET /jobs/j1", kRunning);
    server.answer("GET /jobs/j1", kRunning);
    server.answer("GET /jobs/j1", R"({"id":"j1","name":"a","status":"succeeded"})");
    server.answer("GET /jobs/j2", R"({"id":"j2","name":"b","status":"failed"})");
    EXPECT_EQ(server.run({"wait", "j1"}).code, 0);
    EXPECT_EQ(server.run({"wait", "j1", "j2"}).code, 5);
}

TEST(ControlCommands, WaitGivesUpAfterItsTimeout) {
    FakeServer server;
    server.answer("GET /jobs/j1", kRunning);
    EXPECT_EQ(server.run({"wait", "j1", "--timeout", "0s"}).code, 8);
    EXPECT_EQ(server.run({"wait", "j1", "--timeout", "soon"}).code, 2);
}

}  // namespace
}  // namespace herder::cli
