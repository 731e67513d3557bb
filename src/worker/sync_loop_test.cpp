#include "worker/sync_loop.h"

#include <gtest/gtest.h>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

TEST(SyncLoop, KeepsWhatCameWithTheOrdersAndTellsFailures) {
    auto server = std::make_unique<FakeServer>();
    ServerLink link({server->url()}, "");
    protocol::JoinRequest request;
    request.token = "a-one-time-token";
    ASSERT_TRUE(link.join(request));
    server->on_sync([](const AgentReport&) {
        protocol::SyncResponse response;
        response.outcome_url = "/artifacts/outcome";
        response.orders.settled_local_seq = 4;
        return response;
    });
    const MachineClock clock;
    InputBox box;
    SyncLoop loop(link, clock, [&box](WorkerInput input) { box.post(std::move(input)); });
    AgentReport report;
    report.sequence = 9;
    const Instant before = clock.monotonic();
    loop.send(report);
    const auto orders = box.wait_for<worker_input::OrdersReceived>();
    EXPECT_EQ(orders.sequence, 9U);
    EXPECT_GE(orders.request_sent_at, before);
    EXPECT_EQ(orders.orders.settled_local_seq, 4U);
    EXPECT_EQ(loop.newest().outcome_url, "/artifacts/outcome");
    server.reset();
    report.sequence = 10;
    loop.send(report);
    EXPECT_EQ(box.wait_for<worker_input::SyncFailed>().sequence, 10U);
}

}  // namespace
}  // namespace herder
