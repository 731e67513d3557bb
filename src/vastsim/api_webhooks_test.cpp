#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

constexpr const char* kHooks = "/api/v0/webhooks/";

std::string hook(const std::string& url, const std::string& events = R"(["client:outbid"])") {
    return R"({"name":"w","webhook_url":")" + url + R"(","event_types":)" + events + "}";
}

TEST_F(ApiTest, AWebhookHearsOfAnOutbid) {
    const Json made = json(call("POST", kHooks, hook("https://example.test/h")));
    EXPECT_TRUE(text(*made.find("webhook"), "webhook_secret").starts_with("whsec_"));
    EXPECT_EQ(call("GET", kHooks).body.find("webhook_secret"), std::string::npos);
    const ContractNumber id = rent_one();
    market_.advance(market_.now() + minutes(2));
    ASSERT_TRUE(market_.outbid(id, std::nullopt));
    api_.deliver_notices();
    const auto sent = api_.state().webhooks.due(market_.now());
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_NE(sent[0].body.find(std::to_string(id)), std::string::npos) << "in free text only";
    EXPECT_EQ(parse_json(sent[0].body).value().find("instance_id"), nullptr);
}

TEST_F(ApiTest, WebhooksAreLimitedRotatedTestedAndRemoved) {
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(call("POST", kHooks, hook("https://example.test/h")).status, 200);
    EXPECT_EQ(text(json(call("POST", kHooks, hook("https://e.test/"))), "error"), "max_webhooks");
    const Json list = json(call("GET", kHooks));
    const std::string path =
        kHooks + list.find("webhooks")->if_array()->front().find("id")->to_text() + "/";
    EXPECT_NE(call("POST", path + "rotate-secret/").body.find("whsec_"), std::string::npos);
    EXPECT_EQ(text(json(call("POST", path + "test/")), "msg"), "Test webhook delivered");
    EXPECT_EQ(api_.state().webhooks.waiting(), 1U);
    EXPECT_EQ(call("PUT", path, R"({"name":"new"})").status, 200);
    EXPECT_EQ(call("DELETE", path).status, 200);
    EXPECT_EQ(call("DELETE", path).status, 404);
    EXPECT_EQ(call("POST", kHooks, hook("ftp://x")).status, 400);
    EXPECT_EQ(call("POST", kHooks, hook("https://x", R"(["client:nonsense"])")).status, 400);
}

TEST_F(ApiTest, TypesAndPreferences) {
    const Json types = json(call("GET", "/api/v0/notification-types/"));
    EXPECT_GE(types.find("notification_types")->if_array()->size(), 12U);
    const Json set = json(call(
        "PUT", "/api/v0/users/me/notification-prefs/",
        R"({"notification_preferences":{"client":{"outbid":{"email":true,"webhooks":true}}}})"));
    EXPECT_EQ(
        *set.find("notification_preferences")->find("client")->find("outbid")->find("webhooks"),
        Json(true));
}

}  // namespace
}  // namespace herder::vastsim
