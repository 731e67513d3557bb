#include "adapters/objects/az/azure_client.h"

#include "adapters/objects/az/azure_fixture.h"

namespace herder::az {
namespace {

using AzureClientTest = AzureFixture;

AzureRequest get_blob() {
    AzureRequest request;
    request.container = "box";
    request.blob = "pre/a b";
    return request;
}

TEST_F(AzureClientTest, RequestsAreSignedAndDated) {
    const auto client = open();
    server.will_answer({answer(200, "text")});
    AzureRequest request = get_blob();
    request.query = {{"comp", "x y"}};
    const auto done = client->call(request);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->response.body, "text");
    EXPECT_EQ(server.asked()[0].target, "/account1/box/pre/a%20b?comp=x%20y");
    EXPECT_EQ(asked(0, "x-ms-version"), kVersion);
    EXPECT_EQ(asked(0, "x-ms-date"), "Fri, 24 May 2013 00:00:00 GMT");
    EXPECT_TRUE(asked(0, "authorization").starts_with("SharedKey account1:"));
}

TEST_F(AzureClientTest, ASasGoesInTheQueryAndSignsNoUrls) {
    const auto client = open({"account1", "", "sv=1&sig=a%2Fb", ""});
    server.will_answer({answer(200)});
    ASSERT_TRUE(client->call(get_blob()));
    EXPECT_EQ(server.asked()[0].target, "/account1/box/pre/a%20b?sv=1&sig=a%2Fb");
    EXPECT_EQ(asked(0, "authorization"), "");
    const auto url = client->sign("box", "pre/a", "r", hours(1));
    ASSERT_FALSE(url);
    EXPECT_NE(url.error().message.find("AZURE_STORAGE_KEY"), std::string::npos);
}

TEST_F(AzureClientTest, AWrongClockIsCorrected) {
    const auto client = open();
    http::Response skewed = refusal(403, "AuthenticationFailed");
    skewed.headers.set("Date", "Fri, 24 May 2013 01:00:00 GMT");
    server.will_answer({skewed, answer(200)});
    ASSERT_TRUE(client->call(get_blob()));
    EXPECT_EQ(asked(1, "x-ms-date"), "Fri, 24 May 2013 01:00:00 GMT");
    EXPECT_EQ(client->clock_offset(), hours(1));
    EXPECT_EQ(client->told_now(), clock.time + hours(1));
    // Azure judges the end of a URL by its own clock.
    const auto url = client->sign("box", "pre/a", "cw", hours(1));
    EXPECT_NE(url->find("&sp=cw&se=2013-05-24T02%3A00%3A00Z&"), std::string::npos) << *url;
}

TEST_F(AzureClientTest, RefusalsSayWhatToDo) {
    const auto told = [](int status, const std::string& code, const std::string& doing) {
        return explain(status, code, *parse_location("az://account1/box"), doing);
    };
    EXPECT_NE(told(404, "ContainerNotFound", "GET the container box").message.find("create it"),
              std::string::npos);
    EXPECT_EQ(told(404, "ContainerNotFound", "GET the container other").message.find("create it"),
              std::string::npos);
    EXPECT_EQ(told(404, "BlobNotFound", "GET a").code, ErrorCode::kNotFound);
    EXPECT_EQ(told(403, "AuthenticationFailed", "GET a").code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(told(403, "AuthorizationFailure", "GET a").code, ErrorCode::kForbidden);
    EXPECT_EQ(told(409, "BlobAlreadyExists", "PUT a").code, ErrorCode::kConflict);
    EXPECT_EQ(told(412, "ConditionNotMet", "PUT a").code, ErrorCode::kConflict);
    EXPECT_EQ(told(400, "InvalidBlockList", "PUT a").code, ErrorCode::kCorrupt);
    EXPECT_EQ(told(503, "ServerBusy", "PUT a").code, ErrorCode::kUnavailable);
    EXPECT_EQ(told(501, "NotImplemented", "PUT a").code, ErrorCode::kInvalid);
}

TEST_F(AzureClientTest, NothingIsAskedOnceItIsCancelled) {
    const auto client = open();
    cancel.cancel();
    EXPECT_EQ(client->call(get_blob()).error().error.code, ErrorCode::kUnavailable);
    EXPECT_TRUE(server.asked().empty());
}

TEST_F(AzureClientTest, WhatPassesIsTriedAgain) {
    const auto client = open();
    server.will_answer({refusal(503, "ServerBusy"), answer(200)});
    EXPECT_TRUE(client->call(get_blob())->is_repeated);
    EXPECT_EQ(waits.size(), 1U);
    server.will_answer({refusal(404, "ContainerNotFound")});
    EXPECT_EQ(client->check().error().code, ErrorCode::kNotFound);
    EXPECT_EQ(server.asked().size(), 1U);
}

}  // namespace
}  // namespace herder::az
