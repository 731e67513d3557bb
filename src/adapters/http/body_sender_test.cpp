#include "adapters/http/body_sender.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "adapters/http/file_window.h"
#include "adapters/http/server.h"
#include "base/digest.h"

namespace herder::http {
namespace {

namespace fs = std::filesystem;

// A server that keeps the checksum of what it was sent, and a file to send. The parameter: whether
// it speaks TLS.
class BodySenderTest : public ::testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        content_.resize(1'000'003);
        for (std::size_t i = 0; i < content_.size(); ++i)
            content_[i] = static_cast<char>(i * 2654435761U >> 11U);
        std::ofstream(path_, std::ios::binary) << "head" << content_ << "tail";
        ServerOptions options;
        options.body_limit = 64 << 20;
        ClientOptions trust;
        if (GetParam()) {
            options.tls = make_self_signed_certificate().value();
            trust.trust.pinned_spki_sha256 = spki_pin(options.tls->certificate_pem).value();
        }
        server_ = Server::start(std::move(options), [this](Request request, Responder responder) {
                      const std::lock_guard lock(mutex_);
                      ++requests_;
                      seen_ = std::move(request.body);
                      responder.respond(Response{});
                  }).value();
        client_ = Client::open(server_->url(), trust).value();
    }
    void TearDown() override {
        server_->stop();
        fs::remove(path_);
    }
    CallResult put(BodySource source) {
        CallOptions options;
        options.upload = std::move(source);
        Request request;
        request.method = "PUT";
        return client_->call(request, options);
    }
    BodySource source(std::uint64_t size) { return file_range_source(path_, 4, size).value(); }

    const std::string path_ =
        (fs::path(::testing::TempDir()) /
         ("body-sender-" + std::to_string(::getpid()) + (GetParam() ? "-tls" : "-plain")))
            .string();
    std::string content_;
    std::mutex mutex_;
    std::string seen_;  // guarded by mutex_
    int requests_ = 0;  // guarded by mutex_
    std::unique_ptr<Server> server_;
    std::unique_ptr<Client> client_;
};

TEST_P(BodySenderTest, SendsTheRangeOfAFile) {
    ASSERT_TRUE(put(source(content_.size())));
    EXPECT_EQ(seen_, content_);
}

TEST_P(BodySenderTest, SendsMoreThanAWindow) {
    const std::string path = path_ + "-large";
    const std::uint64_t size = 2 * FileWindow::kSize + 12'345;
    std::string content(size, '\0');
    for (std::size_t i = 0; i < content.size(); i += 997)
        content[i] = static_cast<char>(i >> 7U);
    std::ofstream(path, std::ios::binary) << std::string(70'001, 'h') << content;
    const CallResult done = put(file_range_source(path, 70'001, size).value());
    fs::remove(path);
    ASSERT_TRUE(done) << done.error().error.message;
    EXPECT_TRUE(seen_ == content);
}

TEST_P(BodySenderTest, AFileThatIsCutShortMeanwhileIsNoCompleteBody) {
    // By less than a page, and by more.
    for (const std::uint64_t more : {5U, 1'000'000U}) {
        const CallResult done = put(source(content_.size() + more));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().error.code, ErrorCode::kCorrupt) << done.error().error.message;
    }
    server_->stop();
    EXPECT_EQ(requests_, 0) << "a server acts on what seems whole";
}

TEST_P(BodySenderTest, AFileThatIsCutShortUnderTheSenderEndsNothingElse) {
    BodySource body = source(content_.size());
    body.piece_max = 100'000;
    std::size_t pieces = 0;
    body.admit = [&](std::size_t) {
        if (++pieces == 2) fs::resize_file(path_, 1000);
        return ok();
    };
    const CallResult done = put(std::move(body));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error.code, ErrorCode::kCorrupt) << done.error().error.message;
}

// At once, although the connection would take the whole of its silence to tell.
TEST_P(BodySenderTest, ABodyThatCannotBeReadWaitsForNoAnswer) {
    BodySource body;
    body.size = 1'000'000;
    body.read = [](char*, std::size_t) -> Result<std::size_t> { return unavailable("no disk"); };
    const CallResult done = put(std::move(body));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error.code, ErrorCode::kCorrupt);
    EXPECT_NE(done.error().error.message.find("no disk"), std::string::npos);
}

TEST_P(BodySenderTest, ACancellationIsHeardBetweenPieces) {
    BodySource body = source(content_.size());
    body.piece_max = 10'000;
    CancelToken cancel;
    body.admit = [&, pieces = 0](std::size_t) mutable {
        if (++pieces == 3) cancel.cancel();
        return ok();
    };
    CallOptions options;
    options.upload = std::move(body);
    options.cancel = &cancel;
    Request request;
    request.method = "PUT";
    const CallResult done = client_->call(request, options);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().error.code, ErrorCode::kCancelled);
}

// It is taken in only as fast as it goes out.
TEST_P(BodySenderTest, AWatchedBodyIsAdmittedAsItGoes) {
    BodySource body = source(content_.size());
    body.is_watched = true;
    body.piece_max = 100'000;
    ASSERT_TRUE(put(std::move(body)));
    EXPECT_EQ(seen_, content_);
}

TEST_P(BodySenderTest, WhatCannotBeMappedIsRead) {
    BodySource body = file_range_source("/proc/self/stat", 0, 10).value();
    ASSERT_TRUE(put(std::move(body)));
    EXPECT_EQ(seen_.size(), 10U);
}

TEST_P(BodySenderTest, EachPieceIsAdmittedFirst) {
    BodySource body = source(content_.size());
    std::size_t admitted = 0;
    body.admit = [&admitted](std::size_t size) {
        admitted += size;
        return ok();
    };
    ASSERT_TRUE(put(std::move(body)));
    EXPECT_EQ(admitted, content_.size());
    BodySource small = source(content_.size());
    small.piece_max = 100'000;
    std::size_t largest = 0;
    small.admit = [&largest](std::size_t size) {
        largest = std::max(largest, size);
        return ok();
    };
    ASSERT_TRUE(put(std::move(small)));
    EXPECT_EQ(largest, 100'000U);
    EXPECT_EQ(seen_, content_);
    BodySource refused = source(content_.size());
    refused.admit = [](std::size_t) -> Status { return Error{ErrorCode::kCancelled, "enough"}; };
    EXPECT_EQ(put(std::move(refused)).error().error.code, ErrorCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Wires, BodySenderTest, ::testing::Bool());

}  // namespace
}  // namespace herder::http
