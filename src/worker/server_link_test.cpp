#include "worker/server_link.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

TEST(ServerLink, JoinsAtTheUrlThatAnswersAndCarriesItsSession) {
    FakeServer server;
    // Nobody listens on the first.
    ServerLink link({"http://127.0.0.1:1", server.url()}, "");
    protocol::JoinRequest request;
    request.token = "a-one-time-token";
    EXPECT_FALSE(link.join(request));
    const auto joined = link.join(request);
    ASSERT_TRUE(joined) << joined.error().message;
    EXPECT_EQ(joined->fence, Fence{3});
    EXPECT_EQ(link.send_log("stdout", 0, "hello", ""), 5U);
    EXPECT_EQ(link.send_log("stdout", 9, "gap", ""), 5U) << "the offset that is wanted";
}

TEST(ServerLink, RefusedJoinIsNotTriedAgain) {
    FakeServer server;
    ServerLink link({server.url()}, "");
    const auto joined = link.join({});
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().code, ErrorCode::kForbidden);
}

TEST(ServerLink, MovesFilesAndNamesNoSignature) {
    FakeServer server;
    TemporaryFolder folder;
    ServerLink link({server.url()}, "");
    const std::string path = folder.path() + "/a";
    std::ofstream(path) << std::string(300'000, 'x');
    ASSERT_TRUE(link.upload_file("/artifacts/a?signature=secret", path, {}));
    std::size_t seen = 0;
    const auto count = [&seen](std::string_view piece) { seen += piece.size(); };
    ASSERT_TRUE(
        link.download({server.url() + "/artifacts/a", folder.path() + "/b", nullptr, count}));
    EXPECT_EQ(seen, 300'000U);
    EXPECT_EQ(std::filesystem::file_size(folder.path() + "/b"), 300'000U);
    const Status missing =
        link.download({"/artifacts/none?signature=secret", folder.path() + "/c", nullptr, {}});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(missing.error().message.find("secret"), std::string::npos);
}

// Another machine with as large a disk would do no better.
TEST(ServerLink, AFullDiskIsNoPassingFault) {
    FakeServer server;
    server.put("/artifacts/a", "content");
    ServerLink link({server.url()}, "");
    const Status done = link.download({"/artifacts/a", "/dev/full", nullptr, {}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kNoCapacity) << done.error().message;
}

// A link that is slow for a moment: the part is to be sent again.
TEST(ServerLink, ABodyThatCameTooSlowlyForTheStoreMayPass) {
    FakeServer server;
    TemporaryFolder folder;
    ServerLink link({server.url()}, "");
    protocol::JoinRequest request;
    request.token = "a-one-time-token";
    ASSERT_TRUE(link.join(request));
    const std::string path = folder.path() + "/file";
    std::ofstream(path) << "content";
    const auto code_of = [&](const std::string& code, int status = 400) {
        server.answer_next("/artifacts/x", 1, status, "<Error><Code>" + code + "</Code></Error>");
        return link.upload_file(server.url() + "/artifacts/x", path, {}).error().code;
    };
    EXPECT_EQ(code_of("RequestTimeout"), ErrorCode::kUnavailable);
    EXPECT_EQ(code_of("OperationAborted", 409), ErrorCode::kUnavailable);
    EXPECT_EQ(code_of("BlobImmutableDueToPolicy", 409), ErrorCode::kConflict);
    EXPECT_EQ(code_of("BadDigest"), ErrorCode::kCorrupt);
    EXPECT_EQ(code_of("ExpiredToken"), ErrorCode::kForbidden) << "a URL signed anew may do better";
    EXPECT_EQ(code_of("EntityTooLarge"), ErrorCode::kInvalid);
}

TEST(ServerLink, UploadsWaitForTheirTurnUnderALimit) {
    FakeServer server;
    TemporaryFolder folder;
    ServerLink link({server.url()}, "");
    const std::string path = folder.path() + "/a";
    std::ofstream(path) << std::string(600'000, 'x');
    link.limit_uploads(Bytes{1});  // the first piece goes, the second would wait for days
    http::CancelToken cancel;
    // Would be over long before, if nothing held it back.
    std::thread breaker([&] {
        ServerLink other({server.url()}, "");
        for (int i = 0; i < 300; ++i)
            EXPECT_TRUE(other.upload_text("/artifacts/small", "x"));
        cancel.cancel();
    });
    EXPECT_EQ(link.upload_file("/artifacts/a", path, {&cancel}).error().code,
              ErrorCode::kCancelled);
    breaker.join();
    link.limit_uploads(Bytes{});
    int sent = 0;
    http::CancelToken never;
    ServerLink::UploadWay way{&never};
    way.on_sent = [&sent] { ++sent; };
    EXPECT_TRUE(link.upload_file("/artifacts/a", path, way));
    EXPECT_GE(sent, 2) << "before the file is there";
    EXPECT_EQ(server.get("/artifacts/a").size(), 600'000U);
}

}  // namespace
}  // namespace herder
