#include "adapters/objects/remote/bucket_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "adapters/objects/remote/scripted_server_fixture.h"

namespace herder::remote {
namespace {

struct EmptyBucket : BucketReader {
    Result<BucketPage> page(const std::string& /*prefix*/, const std::string& /*token*/) override {
        return BucketPage{};
    }
    Result<std::optional<BucketObject>> look(const std::string& /*key*/) override {
        return std::optional<BucketObject>();
    }
    Result<std::string> sign(const std::string& /*key*/, Duration /*life*/) override {
        return std::string();
    }
};

struct BucketPoolTest : ::testing::Test {
    FixedClock clock;
    std::atomic<int> opened{0};
    std::function<Status(const std::string&)> outcome = [](const std::string&) { return ok(); };
    BucketPool pool{[this](const std::string& location) -> Result<std::unique_ptr<BucketReader>> {
                        ++opened;
                        if (auto done = outcome(location); !done) return done.error();
                        return std::make_unique<EmptyBucket>();
                    },
                    clock};

    ErrorCode refusal(const std::string& location) {
        const auto bucket = pool.get(location);
        EXPECT_FALSE(bucket);
        return bucket ? ErrorCode::kInternal : bucket.error().code;
    }
};

TEST_F(BucketPoolTest, EachIsOpenedOnce) {
    const auto first = pool.get("s3://a");
    ASSERT_TRUE(first);
    EXPECT_EQ(*pool.get("s3://a"), *first);
    EXPECT_NE(*pool.get("s3://b"), *first);
    EXPECT_EQ(opened, 2);
}

TEST_F(BucketPoolTest, OneThatIsBeingOpenedHoldsUpNobodyElse) {
    std::promise<void> asked;
    std::promise<void> answer;
    outcome = [&](const std::string& location) {
        if (location != "s3://slow") return ok();
        asked.set_value();
        answer.get_future().wait();
        return ok();
    };
    auto slow = std::async(std::launch::async, [&] { return pool.get("s3://slow").has_value(); });
    asked.get_future().wait();
    EXPECT_TRUE(pool.get("s3://quick"));
    answer.set_value();
    EXPECT_TRUE(slow.get());
}

TEST_F(BucketPoolTest, OneThatDoesNotAnswerRestsForAWhile) {
    for (const ErrorCode code :
         {ErrorCode::kUnavailable, ErrorCode::kTimedOut, ErrorCode::kRateLimited}) {
        const std::string location = std::string("s3://") + to_string(code);
        opened = 0;
        outcome = [code](const std::string&) { return Status(Error{code, "no answer"}); };
        EXPECT_EQ(refusal(location), code);
        EXPECT_EQ(refusal(location), code);
        EXPECT_EQ(opened, 1) << location;
        clock.time = clock.time + BucketPool::kRest;
        outcome = [](const std::string&) { return ok(); };
        EXPECT_TRUE(pool.get(location));
    }
}

TEST_F(BucketPoolTest, WhatSomebodyCanPutRightIsAskedAgain) {
    outcome = [](const std::string&) { return Status(not_found("there is no bucket")); };
    EXPECT_EQ(refusal("s3://a"), ErrorCode::kNotFound);
    outcome = [](const std::string&) { return ok(); };
    EXPECT_TRUE(pool.get("s3://a"));
    EXPECT_EQ(opened, 2);
}

TEST_F(BucketPoolTest, ThereIsALimit) {
    for (std::size_t i = 0; i < BucketPool::kBucketsMax; ++i)
        ASSERT_TRUE(pool.get("s3://" + std::to_string(i)));
    EXPECT_EQ(refusal("s3://more"), ErrorCode::kNoCapacity);
    EXPECT_TRUE(pool.get("s3://0"));
}

TEST_F(BucketPoolTest, WhatCouldNotBeOpenedTakesNoPlace) {
    const auto open = pool.get("s3://open");
    outcome = [](const std::string&) { return Status(not_found("there is no bucket")); };
    for (std::size_t i = 0; i < 2 * BucketPool::kBucketsMax; ++i)
        ASSERT_EQ(refusal("s3://typo" + std::to_string(i)), ErrorCode::kNotFound) << i;
    outcome = [](const std::string&) { return ok(); };
    EXPECT_TRUE(pool.get("s3://more"));
    ASSERT_TRUE(open);
    EXPECT_EQ(*pool.get("s3://open"), *open) << "what is open stays";
}

TEST_F(BucketPoolTest, OneThatIsBeingOpenedKeepsItsPlace) {
    std::promise<void> asked;
    std::promise<void> answer;
    outcome = [&](const std::string& location) {
        if (location != "s3://slow") return Status(not_found("there is no bucket"));
        asked.set_value();
        answer.get_future().wait();
        return ok();
    };
    auto slow = std::async(std::launch::async, [&] { return pool.get("s3://slow"); });
    asked.get_future().wait();
    for (std::size_t i = 0; i < BucketPool::kBucketsMax; ++i)
        EXPECT_EQ(refusal("s3://typo" + std::to_string(i)), ErrorCode::kNotFound);
    answer.set_value();
    const auto first = slow.get();
    ASSERT_TRUE(first);
    const auto again = pool.get("s3://slow");
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *first) << "it would be opened twice, and the first one be gone";
}

}  // namespace
}  // namespace herder::remote
