#include "core/worker/transfer_order.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

constexpr Instant kReady{50'000'000};

Duration left(const TransferOrder& order, TransferClass what, Duration waited = Duration{}) {
    return order.wait_left(what, kReady, kReady + waited);
}

TEST(TransferOrder, NothingWaitsOnAnIdleLink) {
    const TransferOrder order;
    EXPECT_EQ(left(order, TransferClass::kCheckpoint), Duration{});
    EXPECT_EQ(left(order, TransferClass::kOutputs), Duration{});
    EXPECT_EQ(left(order, TransferClass::kLogs), Duration{});
}

TEST(TransferOrder, WhatIsLowerWaitsWhileACheckpointIsUnderWayAndNoLonger) {
    TransferOrder order;
    order.began(TransferClass::kCheckpoint);
    EXPECT_EQ(left(order, TransferClass::kCheckpoint), Duration{});
    EXPECT_GT(left(order, TransferClass::kOutputs), Duration{});
    EXPECT_GT(left(order, TransferClass::kLogs), Duration{});
    order.ended(TransferClass::kCheckpoint);
    EXPECT_EQ(left(order, TransferClass::kOutputs), Duration{});
    EXPECT_EQ(left(order, TransferClass::kLogs), Duration{});
}

TEST(TransferOrder, TwoOfAClassAreOverWhenBothAre) {
    TransferOrder order;
    order.began(TransferClass::kCheckpoint);
    order.began(TransferClass::kCheckpoint);
    order.ended(TransferClass::kCheckpoint);
    EXPECT_GT(left(order, TransferClass::kLogs), Duration{});
    order.ended(TransferClass::kCheckpoint);
    EXPECT_EQ(left(order, TransferClass::kLogs), Duration{});
}

TEST(TransferOrder, LogsWaitForOutputsAndNotTheOtherWayRound) {
    TransferOrder order;
    order.began(TransferClass::kOutputs);
    order.began(TransferClass::kLogs);
    EXPECT_GT(left(order, TransferClass::kLogs), Duration{});
    EXPECT_EQ(left(order, TransferClass::kOutputs), Duration{});
}

TEST(TransferOrder, NothingIsStarved) {
    for (const bool stops : {false, true}) {
        TransferOrder order;
        order.began(TransferClass::kCheckpoint);
        if (stops) order.stop();
        for (const auto what : {TransferClass::kOutputs, TransferClass::kLogs}) {
            const Duration limit = left(order, what);
            EXPECT_GT(left(order, what, limit - microseconds(1)), Duration{});
            EXPECT_EQ(left(order, what, limit), Duration{});
            EXPECT_EQ(left(order, what, limit * 2), Duration{});
        }
    }
}

TEST(TransferOrder, AStopLeavesLogsLessBesideACheckpointButLetsThemOvertakeOutputs) {
    TransferOrder order;
    order.began(TransferClass::kCheckpoint);
    const Duration before = left(order, TransferClass::kLogs);
    order.stop();
    EXPECT_GT(left(order, TransferClass::kLogs), before);
    EXPECT_LT(left(order, TransferClass::kLogs), seconds(10)) << "docker stop kills then";
    order.ended(TransferClass::kCheckpoint);
    order.began(TransferClass::kOutputs);
    EXPECT_EQ(left(order, TransferClass::kLogs), Duration{});
}

}  // namespace
}  // namespace herder
