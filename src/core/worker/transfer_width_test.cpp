#include "core/worker/transfer_width.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

// A link on which each connection brings 10 MB/s, up to what all share.
struct Link {
    TransferWidth width{64};
    Instant now{};
    std::int64_t shared = 0;  // bytes a second

    explicit Link(std::int64_t bytes_per_second) : shared(bytes_per_second) { width.begin(now); }
    void send(int parts) {
        constexpr std::int64_t kPart = 16 << 20;
        for (int i = 0; i < parts; ++i) {
            const std::int64_t rate = std::min<std::int64_t>(shared, width.width() * 10'000'000LL);
            now = now + microseconds(kPart * 1'000'000 / rate);
            width.arrived(Bytes{kPart}, now);
        }
    }
};

TEST(TransferWidth, ClimbsWhileItGetsFaster) {
    Link wide(10'000'000'000);
    wide.send(1000);
    EXPECT_GE(wide.width.width(), 60);  // the last step is too small to be felt
    EXPECT_LE(wide.width.width(), 64);
}

TEST(TransferWidth, StaysWhereMoreBringsNothing) {
    Link narrow(100'000'000);  // ten connections fill it
    narrow.send(3000);
    EXPECT_GE(narrow.width.width(), 8);
    EXPECT_LE(narrow.width.width(), 15);
}

TEST(TransferWidth, HalvesOnceForOneOverload) {
    Link link(10'000'000'000);
    link.send(100);
    const int before = link.width.width();
    for (int i = 0; i < 5; ++i)  // all that were under way are refused
        link.width.pushed_back(link.now);
    EXPECT_EQ(link.width.width(), before / 2);
    link.send(before);
    link.width.pushed_back(link.now);
    EXPECT_EQ(link.width.width(), before / 4);
    for (int i = 0; i < 20; ++i) {
        link.send(20);
        link.width.pushed_back(link.now);
    }
    EXPECT_EQ(link.width.width(), 1);
}

TEST(TransferWidth, TriesAgainAfterARest) {
    Link link(80'000'000);
    link.send(200);
    EXPECT_LE(link.width.width(), 10);
    link.shared = 10'000'000'000;  // somebody else has left the link
    link.send(1500);
    EXPECT_GT(link.width.width(), 20);
}

}  // namespace
}  // namespace herder
