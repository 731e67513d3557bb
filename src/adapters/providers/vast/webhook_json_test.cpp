#include "adapters/providers/vast/webhook_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

constexpr WallTime kNow{1'772'490'060'000'000};

// Signed by hand: printf '1772490000.BODY' | openssl dgst -sha256 -hmac whsec_test
constexpr const char* kBody =
    R"({"event_id":"0123456789abcdef0123456789abcdef","user_id":123,"notif_type":"low_credit","subject":"Low credit","message":"Credit is low\n","timestamp":1772490000.123})";
constexpr const char* kSignature =
    "sha256=4ecc168daa030a111ec67e6aa500d5260abda8e791ad8c57d136742ea33de1f5";

http::Request delivery() {
    http::Request request;
    request.method = "POST";
    request.body = kBody;
    request.headers = {{"X-Vast-Event-Id", "0123456789abcdef0123456789abcdef"},
                       {"X-Vast-Delivery-Attempt", "2"},
                       {"X-Vast-Timestamp", "1772490000"},
                       {"X-Vast-Signature-256", kSignature}};
    return request;
}

TEST(Notification, ASignedDeliveryIsRead) {
    const auto note = read_notification(delivery(), "whsec_test", kNow);
    ASSERT_TRUE(note.has_value()) << note.error().message;
    EXPECT_EQ(note->type, "low_credit");
    EXPECT_EQ(note->event, "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(note->message, "Credit is low");
    EXPECT_EQ(note->attempt, 2);
}

TEST(Notification, NothingUnsignedOldOrChangedIsTaken) {
    const auto code = [](const http::Request& request, const char* secret, WallTime now) {
        return read_notification(request, secret, now).error().code;
    };
    constexpr ErrorCode kRefused = ErrorCode::kUnauthenticated;
    EXPECT_EQ(code(delivery(), "other", kNow), kRefused);
    EXPECT_EQ(code(delivery(), "", kNow), kRefused);
    EXPECT_EQ(code(delivery(), "whsec_test", kNow + hours(1)), kRefused);
    EXPECT_EQ(code(delivery(), "whsec_test", WallTime{kNow.us - hours(1).us}), kRefused);
    http::Request changed = delivery();
    changed.body += " ";
    EXPECT_EQ(code(changed, "whsec_test", kNow), kRefused);
    for (const char* header : {"X-Vast-Timestamp", "X-Vast-Signature-256"}) {
        http::Request bare = delivery();
        bare.headers.remove(header);
        EXPECT_EQ(code(bare, "whsec_test", kNow), kRefused) << header;
    }
    http::Request later = delivery();
    later.headers.set("X-Vast-Timestamp", "1772490001");
    EXPECT_EQ(code(later, "whsec_test", kNow), kRefused) << "the time is part of what is signed";
}

TEST(Webhooks, ASecretIsReadOnceAndTheListHasNone) {
    const auto made = parse_new_webhook(R"({"success":true,"webhook":{"id":4,"name":"herder",
      "webhook_url":"https://h.example.org/hooks/vast","event_types":["client:outbid"],
      "webhook_secret":"whsec_1"},"enabled_notification_preferences":[]})");
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->secret, "whsec_1");
    EXPECT_EQ(made->events, std::vector<std::string>{"client:outbid"});
    const auto all = parse_webhooks(R"({"success":true,"webhooks":[{"id":4,"name":"herder"}]})");
    EXPECT_EQ(all->at(0).secret, "");
    EXPECT_FALSE(parse_new_webhook(R"({"success":true})").has_value());
}

TEST(Webhooks, LimitsAreCheckedBeforeAnythingIsSent) {
    const std::vector<std::string> events = {"client:outbid"};
    EXPECT_EQ(
        encode_webhook("h", "https://h.example.org/", events).value(),
        R"({"name":"h","webhook_url":"https://h.example.org/","event_types":["client:outbid"]})");
    EXPECT_FALSE(encode_webhook("", "https://h.example.org/", events).has_value());
    EXPECT_FALSE(
        encode_webhook(std::string(121, 'x'), "https://h.example.org/", events).has_value());
    EXPECT_FALSE(encode_webhook("h", "nonsense", events).has_value());
    EXPECT_FALSE(encode_webhook("h", "https://h.example.org/", {}).has_value());
}

TEST(Webhooks, TypesAreTheMarketsOwnWords) {
    EXPECT_EQ(parse_notification_types(R"({"success":true,"notification_types":[
                {"key":"client:outbid","slug":"outbid"},{"key":"client:brand_new"}]})")
                  .value(),
              (std::vector<std::string>{"client:outbid", "client:brand_new"}));
}

}  // namespace
}  // namespace herder::vast
