#include "adapters/http/body_sender.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>

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
        options.body_limit = 2 << 20;
        ClientOptions trust;
        if (GetParam()) {
            options.tls = make_self_signed_certificate().value();
            trust.trust.pinned_spki_sha256 = spki_pin(options.tls->certificate_pem).value();
        }
        server_ = Server::start(std::move(options), [this](Request request, Responder responder) {
                      const std::lock_guard lock(mutex_);
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
    std::unique_ptr<Server> server_;
    std::unique_ptr<Client> client_;
};

TEST_P(BodySenderTest, SendsTheRangeOfAFile) {
    ASSERT_TRUE(put(source(content_.size())));
    EXPECT_EQ(seen_, content_);
}

TEST_P(BodySenderTest, SendsTheSameStraightFromThePageCache) {
    const auto before = ::signal(SIGPIPE, SIG_IGN);  // what it takes
    const CallResult done = put(source(content_.size()));
    ::signal(SIGPIPE, before);
    ASSERT_TRUE(done);
    EXPECT_EQ(seen_, content_);
}

TEST_P(BodySenderTest, AFileThatIsCutShortMeanwhileIsNoCompleteBody) {
    for (const bool is_direct : {false, true}) {
        const auto before = ::signal(SIGPIPE, is_direct ? SIG_IGN : SIG_DFL);
        const CallResult done = put(source(content_.size() + 5));
        ::signal(SIGPIPE, before);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().error.code, ErrorCode::kCorrupt) << done.error().error.message;
    }
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
    BodySource refused = source(content_.size());
    refused.admit = [](std::size_t) -> Status { return Error{ErrorCode::kCancelled, "enough"}; };
    EXPECT_EQ(put(std::move(refused)).error().error.code, ErrorCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Wires, BodySenderTest, ::testing::Bool());

}  // namespace
}  // namespace herder::http
