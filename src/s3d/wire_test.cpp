#include "s3d/wire.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace herder::s3d {
namespace {

struct WireTest : ::testing::Test {
    int ends[2] = {-1, -1};
    int stop = ::eventfd(0, EFD_CLOEXEC);
    ServerClock clock;
    std::unique_ptr<Wire> wire;

    void SetUp() override {
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        wire = std::make_unique<Wire>(ends[0], stop, Shape{}, clock);
    }
    ~WireTest() override {
        ::close(ends[1]);
        ::close(stop);
    }
    void arrives(std::string_view text) const {
        ASSERT_EQ(::send(ends[1], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    }
};

TEST_F(WireTest, SplitsHeadLinesAndBody) {
    arrives("GET / HTTP/1.1\r\nA: b\r\n\r\nline\r\nrest");
    EXPECT_EQ(*wire->read_head(), "GET / HTTP/1.1\r\nA: b");
    EXPECT_EQ(*wire->read_line(), "line");
    char out[10];
    EXPECT_EQ(*wire->read_some(out, sizeof out), 4U);
    EXPECT_EQ(std::string(out, 4), "rest");
}

TEST_F(WireTest, TellsAnOrderlyEndFromABrokenHead) {
    ::shutdown(ends[1], SHUT_WR);
    EXPECT_EQ(wire->read_head().error().code, ErrorCode::kNotFound);
}

TEST_F(WireTest, AHeadThatBreaksOffIsAnError) {
    arrives("GET / HT");
    ::shutdown(ends[1], SHUT_WR);
    const auto head = wire->read_head();
    EXPECT_EQ(head.error().code, ErrorCode::kUnavailable);
}

TEST_F(WireTest, TheTrapCountsBodyBytes) {
    arrives("0123456789");
    wire->arm(5, false);
    char out[4];
    EXPECT_TRUE(wire->read_some(out, 4));
    EXPECT_FALSE(wire->read_some(out, 4));
}

TEST(TlsIdentity, RefusesWhatIsNoCertificate) {
    EXPECT_FALSE(TlsIdentity::make({"no", "no"}));
    EXPECT_TRUE(TlsIdentity::make(*http::make_self_signed_certificate()));
}

}  // namespace
}  // namespace herder::s3d
