// What only the bare wire shows; the rest of a connection is in server_test.cpp.
#include "s3d/connection.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace herder::s3d {
namespace {

struct ConnectionTest : ::testing::Test {
    ServerOptions options;
    ServerClock clock;
    Vault vault{Keeping::kMemory, "", {}};
    Api api{vault, clock, {}};
    FaultScript faults;
    std::vector<Record> records;
    Shop shop{options, clock, api, faults, [this](Record r) { records.push_back(std::move(r)); }};

    // All that is answered to these bytes, which are the whole connection.
    std::string serve(const std::string& bytes) {
        vault.create_bucket("b");
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        EXPECT_EQ(::send(ends[1], bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
        ::shutdown(ends[1], SHUT_WR);
        const int stop = ::eventfd(0, EFD_CLOEXEC);
        {
            Wire wire(ends[0], stop, {}, clock);
            Connection(wire, shop).serve();
        }
        std::string out;
        char piece[4096];
        for (ssize_t got = 0; (got = ::recv(ends[1], piece, sizeof piece, 0)) > 0;)
            out.append(piece, static_cast<std::size_t>(got));
        ::close(ends[1]);
        ::close(stop);
        return out;
    }
};

TEST_F(ConnectionTest, AnswersExpectBeforeTheBody) {
    const std::string out = serve(
        "PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"
        "GET /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(out.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"));
    EXPECT_TRUE(out.ends_with("\r\n\r\nhi"));
    EXPECT_EQ(records.size(), 2U);
}

TEST_F(ConnectionTest, ReadsTheTrailerOfAnUnsignedStream) {
    const std::string inner = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32c:4waSgw==\r\n\r\n";
    const std::string head =
        "PUT /b/k HTTP/1.1\r\nHost: h\r\nx-amz-content-sha256: "
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n"
        "x-amz-trailer: x-amz-checksum-crc32c\r\nx-amz-decoded-content-length: 9\r\n";
    EXPECT_NE(serve(head + "Content-Length: " + std::to_string(inner.size()) + "\r\n\r\n" + inner)
                  .find("HTTP/1.1 200"),
              std::string::npos);
    EXPECT_EQ(*read_all(*vault.get("b", "k")->blob), "123456789");
    std::string wrong = inner;
    wrong.replace(wrong.find("4waS"), 4, "AAAA");
    EXPECT_NE(serve(head + "Content-Length: " + std::to_string(wrong.size()) + "\r\n\r\n" + wrong)
                  .find("BadDigest"),
              std::string::npos);
}

TEST_F(ConnectionTest, TellsWhichPartOfWhichUploadCameAndWhenItBegan) {
    serve("PUT /b/k?partNumber=7&uploadId=gone HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].operation, "UploadPart");
    EXPECT_EQ(records[0].part, "7");
    EXPECT_EQ(records[0].upload, "gone");
    EXPECT_GT(records[0].began.us, 0);
    EXPECT_GE(records[0].at.us, records[0].began.us);
}

TEST_F(ConnectionTest, MalformedRequestsAreAnsweredAndEnded) {
    EXPECT_TRUE(serve("nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
}

}  // namespace
}  // namespace herder::s3d
