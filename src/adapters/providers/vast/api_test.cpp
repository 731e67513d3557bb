#include "adapters/providers/vast/api.h"

#include <gtest/gtest.h>

#include "adapters/providers/vast/script_test.h"

namespace herder::vast {
namespace {

class ApiTest : public testing::Test {
  protected:
    VirtualClock clock_;
    Traffic traffic_{clock_, [this](auto&, auto&, Duration d) { clock_.advance(d); }};
    Script script_{clock_};
    Api api_{script_.transport(), "k3y", traffic_.gate_of("k3y")};
};

TEST_F(ApiTest, CarriesTheKeyInAHeaderOnly) {
    script_.answer(200, "{}");
    ASSERT_TRUE(api_.read({.route = Route::kList, .target = "/api/v1/instances/?limit=25"}));
    const http::Request& request = script_.asked().at(0).request;
    EXPECT_EQ(request.headers.get("Authorization"), "Bearer k3y");
    EXPECT_EQ(request.target.find("k3y"), std::string::npos);
    EXPECT_FALSE(request.headers.has("Content-Type"));
}

TEST_F(ApiTest, ATooFrequentReadWaitsAsAskedAndIsSentAgain) {
    script_.answer(429, R"({"detail":"API requests too frequent endpoint threshold=7.5"})");
    script_.answer(200, R"({"ok":1})");
    const auto body = api_.read({.route = Route::kList, .target = "/"});
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(*body, R"({"ok":1})");
    EXPECT_EQ(script_.asked()[1].at - script_.asked()[0].at, milliseconds(7'500));
}

TEST_F(ApiTest, RetryAfterIsObeyedToo) {
    script_.answer(429, "slow down", {{"Retry-After", "11"}});
    script_.answer(200, "{}");
    ASSERT_TRUE(api_.read({.route = Route::kList, .target = "/"}));
    EXPECT_EQ(script_.asked()[1].at - script_.asked()[0].at, seconds(11));
}

TEST_F(ApiTest, GivesUpAfterFourRefusals) {
    for (int i = 0; i < 5; ++i)
        script_.answer(429, "API requests too frequent");
    const auto body = api_.read({.route = Route::kList, .target = "/api/v1/instances/?x=1"});
    ASSERT_FALSE(body.has_value());
    EXPECT_EQ(body.error().code, ErrorCode::kRateLimited);
    EXPECT_EQ(script_.asked().size(), 4U);
}

TEST_F(ApiTest, SendOnceIsOnceOnAFreshConnectionWhateverTheAnswer) {
    for (const int status : {429, 500, 502, 503, 301}) {
        script_.answer(status, "");
        const OneCall call =
            api_.send_once({.route = Route::kCreate, .method = "PUT", .target = "/"});
        EXPECT_EQ(call.result->status, status);
    }
    script_.fail(true);
    EXPECT_FALSE(api_.send_once({.route = Route::kCreate, .method = "PUT", .target = "/"}).result);
    EXPECT_EQ(script_.asked().size(), 6U);
    for (const Asked& asked : script_.asked())
        EXPECT_TRUE(asked.options.fresh_connection);
}

TEST_F(ApiTest, ARefusedCreateHoldsTheNextOneBack) {
    script_.answer(429, "API requests too frequent: endpoint threshold=4.5");
    script_.answer(200, "{}");
    (void)api_.send_once({.route = Route::kCreate, .method = "PUT", .target = "/"});
    (void)api_.send_once({.route = Route::kCreate, .method = "PUT", .target = "/"});
    EXPECT_EQ(script_.asked()[1].at - script_.asked()[0].at, seconds(12));
}

TEST_F(ApiTest, WhoseTurnComesTooLateIsNotSentAndToldWhenToTryAgain) {
    script_.answer(429, "API requests too frequent: endpoint threshold=4.5");
    (void)api_.send_once({.route = Route::kCreate, .method = "PUT", .target = "/"});
    const OneCall late = api_.send_once(
        {.route = Route::kCreate, .method = "PUT", .target = "/", .patience = seconds(5)});
    ASSERT_FALSE(late.result.has_value());
    EXPECT_FALSE(late.result.error().maybe_sent);
    EXPECT_EQ(late.result.error().error.code, ErrorCode::kRateLimited);
    EXPECT_EQ(late.retry_in, seconds(12));
    EXPECT_EQ(script_.asked().size(), 1U);
}

TEST_F(ApiTest, WhatMayNotBeSentAnyMoreLeavesTheTurnToTheNext) {
    const ApiCall create{.route = Route::kCreate, .method = "PUT", .target = "/"};
    EXPECT_EQ(api_.send_once(create, [] { return false; }).result.error().error.code,
              ErrorCode::kCancelled);
    script_.answer(200, "{}");
    (void)api_.send_once(create, [] { return true; });
    EXPECT_EQ(script_.asked()[0].at, clock_.start());
}

TEST_F(ApiTest, AMarketThatFailsIsNotAskedAgainAtOnce) {
    for (int i = 0; i < 5; ++i) {
        script_.answer(503, "<html>");
        EXPECT_FALSE(api_.read({.route = Route::kList, .target = "/"}));
    }
    const Instant before = clock_.monotonic();
    const auto body = api_.read({.route = Route::kList, .target = "/"});
    EXPECT_EQ(body.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(script_.asked().size(), 5U);
    EXPECT_EQ(clock_.monotonic(), before) << "told at once";
}

TEST_F(ApiTest, ErrorsNameTheRouteWithoutItsQuery) {
    script_.answer(502, "<html>bad gateway</html>");
    const auto body = api_.read({.route = Route::kList, .target = "/api/v1/instances/?limit=25"});
    EXPECT_EQ(body.error().message, "GET /api/v1/instances/: 502: <html>bad gateway</html>");
    EXPECT_EQ(body.error().code, ErrorCode::kUnavailable);
}

TEST_F(ApiTest, BodiesAreCapped) {
    script_.answer(200, "{}");
    ASSERT_TRUE(
        api_.read({.route = Route::kSearch, .method = "POST", .target = "/", .body = "{}"}));
    EXPECT_EQ(script_.asked()[0].options.body_limit, 32U << 20);
    EXPECT_EQ(script_.asked()[0].request.headers.get("Content-Type"), "application/json");
}

}  // namespace
}  // namespace herder::vast
