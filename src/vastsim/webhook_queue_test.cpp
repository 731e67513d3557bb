#include "vastsim/webhook_queue.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/digest.h"

namespace herder::vastsim {
namespace {

constexpr WallTime kNow{1'790'000'000'000'000};

class WebhookQueueTest : public ::testing::Test {
  protected:
    WebhookQueueTest() : faults_(1, {}), account_("k", kNow), queue_(faults_) {
        account_.webhooks.push_back({.id = 1,
                                     .name = "w",
                                     .url = "https://example.test/hook",
                                     .events = {"client:outbid"},
                                     .secret = "whsec",
                                     .created = kNow,
                                     .updated = kNow});
    }
    void notice(const std::string& slug = "outbid") {
        queue_.add(account_, {slug, "Instance outbid", "instance 5", kNow}, kNow);
    }
    static std::string header(const WebhookDelivery& delivery, const std::string& name) {
        for (const auto& [key, value] : delivery.headers) {
            if (key == name) return value;
        }
        return "";
    }
    void force(const std::string& fault) {
        ASSERT_TRUE(faults_.set(fault, {.per_million = 0, .next_calls = 1}));
    }
    FaultTable faults_;
    Account account_;
    WebhookQueue queue_;
};

TEST_F(WebhookQueueTest, SignsTimestampAndBodyWithTheSecret) {
    notice();
    notice("low_credit");  // not subscribed
    const auto sent = queue_.due(kNow);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(header(sent[0], "X-Vast-Timestamp"), "1790000000");
    EXPECT_EQ(header(sent[0], "X-Vast-Signature-256"),
              "sha256=" + to_hex(hmac_sha256("whsec", "1790000000." + sent[0].body)));
    EXPECT_EQ(header(sent[0], "X-Vast-Event-Id").size(), 32U);
    EXPECT_NE(sent[0].body.find(R"("notif_type":"outbid")"), std::string::npos);
    EXPECT_TRUE(queue_.due(kNow).empty()) << "in flight";
    queue_.result(sent[0].number, 200, kNow);
    EXPECT_EQ(queue_.waiting(), 0U);
}

TEST_F(WebhookQueueTest, ServerErrorsAreRetriedAndOtherRefusalsAreFinal) {
    notice();
    auto sent = queue_.due(kNow);
    const std::string id = header(sent[0], "X-Vast-Event-Id");
    queue_.result(sent[0].number, 503, kNow);
    EXPECT_TRUE(queue_.due(kNow + seconds(4)).empty());
    sent = queue_.due(kNow + seconds(5));
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(header(sent[0], "X-Vast-Delivery-Attempt"), "2");
    EXPECT_EQ(header(sent[0], "X-Vast-Event-Id"), id);
    queue_.result(sent[0].number, 404, kNow);
    EXPECT_EQ(queue_.waiting(), 0U);
    notice();
    for (int i = 0; i < 10; ++i) {
        for (const auto& delivery : queue_.due(kNow + hours(i + 1)))
            queue_.result(delivery.number, 0, kNow + hours(i + 1));
    }
    EXPECT_EQ(queue_.waiting(), 0U) << "given up after the last retry";
}

TEST_F(WebhookQueueTest, FaultsLoseDoubleForgeAndDelay) {
    force("webhook_lost");
    notice();
    EXPECT_EQ(queue_.waiting(), 0U);
    force("webhook_twice");
    notice();
    auto sent = queue_.due(kNow);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(header(sent[0], "X-Vast-Event-Id"), header(sent[1], "X-Vast-Event-Id"));
    for (const auto& one : sent)
        queue_.result(one.number, 204, kNow);
    force("webhook_forged");
    notice();
    sent = queue_.due(kNow);
    EXPECT_NE(header(sent[0], "X-Vast-Signature-256"),
              "sha256=" + to_hex(hmac_sha256("whsec", "1790000000." + sent[0].body)));
    queue_.result(sent[0].number, 200, kNow);
    force("webhook_late");
    notice();
    EXPECT_TRUE(queue_.due(kNow).empty());
    EXPECT_EQ(queue_.due(kNow + minutes(2)).size(), 1U);
}

TEST_F(WebhookQueueTest, APreferenceSwitchesASlugOff) {
    account_.webhook_preferences["outbid"] = false;
    notice();
    EXPECT_EQ(queue_.waiting(), 0U);
    queue_.test(account_.webhooks[0], kNow);
    EXPECT_EQ(queue_.due(kNow).size(), 1U);
}

}  // namespace
}  // namespace herder::vastsim
