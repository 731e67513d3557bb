#include "adapters/providers/vast/webhook_intake.h"

#include <gtest/gtest.h>

#include "adapters/providers/vast/virtual_clock_test.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace herder::vast {
namespace {

class WebhookIntakeTest : public testing::Test {
  protected:
    http::Request delivery(const std::string& event, const std::string& secret = "whsec") {
        http::Request request;
        request.method = "POST";
        request.target = kWebhookPath;
        request.body = R"({"event_id":")" + event +
                       R"(","user_id":1,"notif_type":"outbid","subject":"s","message":"m",)" +
                       R"("timestamp":1795435200.5})";
        const std::string stamp = std::to_string(clock_.wall().us / 1'000'000);
        request.headers = {{"X-Vast-Timestamp", stamp},
                           {"X-Vast-Signature-256",
                            "sha256=" + to_hex(hmac_sha256(secret, stamp + "." + request.body))}};
        return request;
    }

    VirtualClock clock_;
    std::vector<std::string> hints_;
    WebhookIntake intake_{"whsec", clock_,
                          [this](const Notification& note) { hints_.push_back(note.type); }};
};

TEST_F(WebhookIntakeTest, ASignedNotificationIsOneHintHoweverOftenItComes) {
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(intake_.take(delivery("a")).status, 200);
    EXPECT_EQ(intake_.take(delivery("b")).status, 200);
    EXPECT_EQ(hints_, (std::vector<std::string>{"outbid", "outbid"}));
    EXPECT_EQ(intake_.counts().taken, 2U);
    EXPECT_EQ(intake_.counts().repeated, 2U);
}

TEST_F(WebhookIntakeTest, WhatIsNotSignedByTheMarketIsNoHintAndHidesNoLaterOne) {
    EXPECT_EQ(intake_.take(delivery("a", "guess")).status, 401);
    http::Request old = delivery("a");
    clock_.advance(hours(1));
    EXPECT_EQ(intake_.take(old).status, 401);
    EXPECT_TRUE(hints_.empty());
    EXPECT_EQ(intake_.take(delivery("a")).status, 200);
    EXPECT_EQ(hints_.size(), 1U);
    EXPECT_EQ(intake_.counts().refused, 2U);
}

TEST_F(WebhookIntakeTest, WithoutASecretNothingIsTaken) {
    WebhookIntake closed("", clock_, [this](const Notification&) { hints_.push_back("!"); });
    EXPECT_EQ(closed.take(delivery("a", "")).status, 404);
    EXPECT_TRUE(hints_.empty());
}

TEST_F(WebhookIntakeTest, MemoryIsBounded) {
    for (int i = 0; i < 10'001; ++i)
        EXPECT_EQ(intake_.take(delivery(std::to_string(i))).status, 200);
    EXPECT_EQ(intake_.take(delivery("10000")).status, 200);
    EXPECT_EQ(hints_.size(), 10'001U) << "the newest are remembered";
    EXPECT_EQ(intake_.take(delivery("0")).status, 200);
    EXPECT_EQ(hints_.size(), 10'002U) << "the oldest was forgotten: one listing too many";
}

}  // namespace
}  // namespace herder::vast
