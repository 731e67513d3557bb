#include "cli/attach.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <csignal>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

Ran attached(const FakeServer& server) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    const GlobalOptions options{.server_url = server.url(), .data_dir = server.folder()};
    Output output(out, err, {});
    Context context{options, streams, output};
    Result<ServerLink> link = ServerLink::open(options);
    const ExitCode code = attach(context, *link, "j1");
    return {static_cast<int>(code), out.str(), err.str()};
}

TEST(Attach, ShowsEventsAndOutputUntilTheEnd) {
    FakeServer server;
    server.answer("GET /jobs/j1", R"({"id":"j1","name":"a","status":"running","attempts":1})");
    server.answer("GET /jobs/j1", R"({"id":"j1","name":"a","status":"failed","attempts":1})");
    server.answer("GET /jobs/j1/events",
                  R"({"items":[{"seq":1,"at":"2026-11-23T20:48:00Z","kind":"attempt.running",)"
                  R"("subject":"j1","fields":{"resumed_from":"nothing"}}]})");
    server.answer("GET /jobs/j1/events", R"({"items":[]})");
    server.answer("GET /jobs/j1/logs", "epoch 1\n");
    server.answer("GET /jobs/j1/logs", "");
    const Ran ran = attached(server);
    EXPECT_EQ(ran.code, 5);
    EXPECT_EQ(ran.out, "epoch 1\n");
    EXPECT_NE(ran.err.find("  running\n"), std::string::npos);
    EXPECT_NE(ran.err.find("j1 a failed"), std::string::npos);
}

TEST(Attach, BearsAServerThatIsRestarted) {
    FakeServer server;
    server.refuse("GET /jobs/j1", 503, "UNAVAILABLE", "starting");
    server.answer("GET /jobs/j1", R"({"id":"j1","name":"a","status":"succeeded","attempts":0})");
    server.answer("GET /jobs/j1/events", R"({"items":[]})");
    const Ran ran = attached(server);
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.err.find("still trying"), std::string::npos);
}

TEST(Attach, CtrlCLeavesTheJobRunning) {
    FakeServer server;
    server.answer("GET /jobs/j1", R"({"id":"j1","name":"a","status":"running","attempts":0})");
    server.answer("GET /jobs/j1/events", R"({"items":[]})");
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &interrupt, &before);
    pthread_kill(pthread_self(), SIGINT);  // as if pressed while the first answer was awaited
    const Ran ran = attached(server);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(ran.code, 130);
    EXPECT_NE(ran.err.find("herder cancel j1"), std::string::npos);
}

}  // namespace
}  // namespace herder::cli
