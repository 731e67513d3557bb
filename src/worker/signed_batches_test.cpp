#include "worker/signed_batches.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/digest.h"
#include "protocol/listing_json.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

class SignedBatchesTest : public ::testing::Test {
  protected:
    void SetUp() override {
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link_.join(request));
        std::vector<std::string> urls;
        for (int i = 0; i < 10; ++i)
            urls.push_back("url" + std::to_string(i));
        server_.know_parts(key_, urls);
    }

    const std::string key_ = protocol::listing_key(sha256_hex("x"));
    FakeServer server_;
    ServerLink link_{{server_.url()}, ""};
    http::CancelToken cancel_;
    SignedBatches batches_{{link_, cancel_, key_, 4}};
};

TEST_F(SignedBatchesTest, EachPartComesOnceWithItsOwnUrl) {
    std::array<std::atomic<int>, 10> seen{};
    const Status done = batches_.run({0, 1, 3, 5, 9}, [&](std::size_t i, const std::string& url) {
        EXPECT_EQ(url, "url" + std::to_string(i));
        ++seen.at(i);
        return ok();
    });
    ASSERT_TRUE(done);
    for (std::size_t i = 0; i < seen.size(); ++i)
        EXPECT_EQ(seen.at(i), i == 0 || i == 1 || i == 3 || i == 5 || i == 9 ? 1 : 0) << i;
    const auto& calls = server_.calls();
    EXPECT_EQ(std::count(calls.begin(), calls.end(), std::string("POST ") + protocol::kAgentChunks),
              3);  // 0-3, 5, 9
}

TEST_F(SignedBatchesTest, TheFirstFailureEndsIt) {
    std::atomic<int> calls{0};
    const Status done =
        batches_.run({0, 1, 2, 3, 4, 5, 6, 7}, [&](std::size_t, const std::string&) {
            ++calls;
            return Status(not_found("gone"));
        });
    EXPECT_EQ(done.error().code, ErrorCode::kNotFound);
    EXPECT_LE(calls, 4);  // no second batch
}

TEST(FetchProgress, TellsTenthsOfWhatIsWorthTelling) {
    std::vector<std::string> said;
    const auto say = [&](const std::string& line) { said.push_back(line); };
    FetchProgress small("d", 1000, say);
    small.add(1000);
    EXPECT_TRUE(said.empty());
    FetchProgress large("d", 100'000'000, say);
    for (int i = 0; i < 100; ++i)
        large.add(1'000'000);
    ASSERT_EQ(said.size(), 10U);
    EXPECT_EQ(said[0], "d: 10.0 MB of 100 MB");
}

}  // namespace
}  // namespace herder
