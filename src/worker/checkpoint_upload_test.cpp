#include "worker/checkpoint_upload.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "worker/fake_server_fixture.h"
#include "worker/machine_clock.h"

namespace herder {
namespace {

class CheckpointUploadTest : public ::testing::Test {
  protected:
    void SetUp() override {
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link_.join(request));
        std::filesystem::create_directories(folder_.path() + "/c");
        std::ofstream(folder_.path() + "/c/a") << "abc";
        std::ofstream(folder_.path() + "/c/b") << "xyz";
        const std::ofstream empty(folder_.path() + "/c/empty");
        const auto offer = staging_.stage({folder_.path() + "/c", 5, {}, {}}, 1);
        ASSERT_TRUE(offer);
        files_ = offer->files;
    }
    // One that would take a week.
    void slow_down() {
        link_.limit_uploads(Bytes{1});
        std::ofstream(folder_.path() + "/large") << std::string(600'000, 'x');
        const auto offer = staging_.stage({folder_.path() + "/large", 6, {}, {}}, 1);
        ASSERT_TRUE(offer);
        files_ = offer->files;
        gifts_.upload_urls = {{0, "/artifacts/large"}};
    }
    worker_input::UploadEnded run() {
        return CheckpointUpload({link_, staging_, [this] { return gifts_; }, stop_,
                                 [this](const std::string& line) { said_.push_back(line); }})
            .run({{8}, 1, "name"}, files_, gifts_.upload_urls);
    }

    FakeServer server_;
    TemporaryFolder folder_;
    ServerLink link_{{server_.url()}, ""};
    CheckpointStaging staging_{folder_.path() + "/staging"};
    protocol::SyncResponse gifts_;
    http::CancelToken stop_;
    std::vector<CheckpointFile> files_;
    std::vector<std::string> said_;
};

TEST_F(CheckpointUploadTest, SendsThePartsOfEveryFileThatHasAny) {
    gifts_.upload_parts = protocol::PartRules{Bytes{1}, 100, false};
    server_.take_parts(3);
    server_.put("/artifacts/p/1/2", "already there");
    EXPECT_TRUE(run().uploaded);
    EXPECT_EQ(server_.get("/artifacts/p/0/1"), "a");
    EXPECT_EQ(server_.get("/artifacts/p/0/3"), "c");
    EXPECT_EQ(server_.get("/artifacts/p/1/2"), "already there");
    EXPECT_EQ(server_.get("/artifacts/p/1/3"), "z");
}

TEST_F(CheckpointUploadTest, WhatHadToBeSentAgainIsTold) {
    gifts_.upload_parts = protocol::PartRules{Bytes{1}, 100, false};
    server_.take_parts(3);
    server_.fail_objects(2);
    EXPECT_TRUE(run().uploaded);
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(
        said_[0].find("the checkpoint name: 2 parts were sent again: the server answered 503"), 0U)
        << said_[0];
}

TEST_F(CheckpointUploadTest, AFileThatTheJobWroteIntoMeanwhileIsNotPublished) {
    gifts_.upload_parts = protocol::PartRules{Bytes{1}, 100, false};
    server_.take_parts(3);
    // In place, and of the same size: the staged file is a link to it.
    server_.on_put([this] { std::ofstream(folder_.path() + "/c/a", std::ios::in) << "ABC"; });
    const auto ended = run();
    EXPECT_FALSE(ended.uploaded);
    EXPECT_TRUE(ended.staging_lost);
}

TEST_F(CheckpointUploadTest, OthersWaitForItAndNoLongerThanItTakes) {
    gifts_.upload_parts = protocol::PartRules{Bytes{1}, 100, false};
    server_.take_parts(3);
    const auto must_wait = [this] {
        return link_.turns().wait(TransferClass::kLogs, [](Duration) { return false; });
    };
    int held = 0;
    server_.on_put([&] { held += must_wait() ? 1 : 0; });
    EXPECT_FALSE(must_wait());
    EXPECT_TRUE(run().uploaded);
    EXPECT_EQ(held, 6) << "with each part";
    EXPECT_FALSE(must_wait());
}

TEST_F(CheckpointUploadTest, WhatIsGivenUpEnds) {
    slow_down();
    CheckpointUpload upload({link_, staging_, [this] { return gifts_; }, stop_,
                             [this](const std::string& line) { said_.push_back(line); }});
    worker_input::UploadEnded ended;
    std::thread thread([&] { ended = upload.run({{8}, 1, "name"}, files_, gifts_.upload_urls); });
    while (!link_.turns().wait(TransferClass::kLogs, [](Duration) { return false; }))
        std::this_thread::yield();
    upload.give_up();
    thread.join();
    EXPECT_FALSE(ended.uploaded);
    EXPECT_FALSE(ended.staging_lost);
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(said_[0], "the checkpoint name was not sent: it is not waited for any longer");
    EXPECT_EQ(server_.get("/artifacts/large"), "");
}

// Takes calls and says nothing.
class MuteServer {
  public:
    MuteServer() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(fd_, any, size), 0);
        EXPECT_EQ(::listen(fd_, 1), 0);
        EXPECT_EQ(::getsockname(fd_, any, &size), 0);
        port_ = ntohs(address.sin_port);
    }
    ~MuteServer() {
        ::close(call_);
        ::close(fd_);
    }
    MuteServer(const MuteServer&) = delete;
    MuteServer& operator=(const MuteServer&) = delete;
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    // Until it is asked something.
    void wait_asked() {
        call_ = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        char first = 0;
        EXPECT_EQ(::recv(call_, &first, 1, MSG_PEEK), 1);
    }

  private:
    const int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port_ = 0;
    int call_ = -1;
};

// How the job ended waits behind it.
TEST_F(CheckpointUploadTest, WhatIsGivenUpDoesNotWaitForAServerThatDoesNotAnswer) {
    gifts_.upload_parts = protocol::PartRules{Bytes{1}, 100, false};
    MuteServer mute;
    ServerLink link({mute.url()}, "");
    CheckpointUpload upload({link, staging_, [this] { return gifts_; }, stop_,
                             [this](const std::string& line) { said_.push_back(line); }});
    worker_input::UploadEnded ended;
    std::thread thread([&] { ended = upload.run({{8}, 1, "name"}, files_, {}); });
    mute.wait_asked();
    const Instant begun = real_now();
    upload.give_up();
    thread.join();
    EXPECT_LT(real_now() - begun, seconds(20));
    EXPECT_FALSE(ended.uploaded);
    EXPECT_EQ(said_.at(0), "the checkpoint name was not sent: it is not waited for any longer");
}

TEST_F(CheckpointUploadTest, WhatIsGivenUpBeforeItBeginsDoesNotBegin) {
    slow_down();
    CheckpointUpload upload(
        {link_, staging_, [this] { return gifts_; }, stop_, [](const std::string&) {}});
    upload.give_up();
    EXPECT_FALSE(upload.run({{8}, 1, "name"}, files_, gifts_.upload_urls).uploaded);
}

TEST_F(CheckpointUploadTest, WhatTheStoreRefusesIsNoLossOfTheFiles) {
    gifts_.upload_urls = {{0, "/artifacts/a"}, {1, "/artifacts/b"}};  // none for the third
    const auto ended = run();
    EXPECT_FALSE(ended.uploaded);
    EXPECT_FALSE(ended.staging_lost);
    gifts_.upload_urls.push_back({2, "/artifacts/c"});
    EXPECT_TRUE(run().uploaded);
    EXPECT_EQ(server_.get("/artifacts/b"), "xyz");
}

}  // namespace
}  // namespace herder
