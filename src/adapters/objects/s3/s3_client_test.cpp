#include "adapters/objects/s3/s3_client.h"

#include "adapters/objects/s3/scripted_server_fixture.h"

namespace herder::s3 {
namespace {

struct S3ClientTest : S3Fixture {
    std::unique_ptr<S3Client> client = open();

    S3Result get(const std::string& key = "k") {
        S3Request request;
        request.key = key;
        return client->call(request);
    }
};

TEST_F(S3ClientTest, SignsWhatItSends) {
    server.will_answer({answer(200, "body")});
    ASSERT_EQ(get("a b")->response.body, "body");
    const http::Request asked = server.asked().at(0);
    EXPECT_EQ(asked.target, "/bucket/a%20b");
    EXPECT_EQ(asked.headers.get("x-amz-date"), "20130524T000000Z");
    EXPECT_TRUE(
        asked.headers.get("authorization")
            ->starts_with("AWS4-HMAC-SHA256 "
                          "Credential=id/20130524/here/s3/aws4_request,SignedHeaders=host;"));
    EXPECT_EQ(asked.headers.get("authorization")->find("secret"), std::string::npos);
}

TEST_F(S3ClientTest, TriesAgainWhatMayPass) {
    for (const http::Response& passing :
         {refusal(503, "SlowDown"), refusal(500, "InternalError"), answer(502), answer(429),
          refusal(400, "RequestTimeout")}) {
        server.will_answer({passing, passing, answer(200)});
        const S3Result done = get();
        ASSERT_TRUE(done) << passing.status;
        EXPECT_TRUE(done->is_repeated);
    }
    EXPECT_EQ(waits.size(), 10U);
}

TEST_F(S3ClientTest, GivesUpAndDoesNotRepeatWhatCannotPass) {
    server.will_answer({refusal(503, "SlowDown")});
    EXPECT_EQ(get().error().error.code, ErrorCode::kRateLimited);
    EXPECT_EQ(server.asked().size(), 4U);
    server.will_answer({refusal(403, "AccessDenied")});
    const S3Result forbidden = get();
    EXPECT_EQ(forbidden.error().code, "AccessDenied");
    EXPECT_NE(forbidden.error().error.message.find("s3:GetObject, PutObject"), std::string::npos);
    EXPECT_EQ(server.asked().size(), 1U);
}

TEST_F(S3ClientTest, WaitsAsLongAsItIsTold) {
    server.will_answer({refusal(503, "SlowDown", {{"Retry-After", "7"}}), answer(200)});
    ASSERT_TRUE(get());
    EXPECT_GE(waits.at(0), seconds(7));
    waits.clear();
    server.will_answer({refusal(503, "SlowDown", {{"Retry-After", "86400"}}), answer(200)});
    ASSERT_TRUE(get());
    EXPECT_LE(waits.at(0), minutes(1));
}

TEST_F(S3ClientTest, FollowsTheBucketToItsRegion) {
    server.will_answer({answer(400, "", {{"x-amz-bucket-region", "there"}}), answer(200)});
    ASSERT_TRUE(get());
    EXPECT_EQ(client->route().region, "there");
    EXPECT_NE(server.asked().at(1).headers.get("authorization")->find("/there/s3/"),
              std::string::npos);
    server.will_answer(
        {answer(400,
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>back</Region></Error>"),
         answer(200)});
    ASSERT_TRUE(get());
    EXPECT_EQ(client->route().region, "back");
    EXPECT_TRUE(waits.empty()) << "nothing has failed";
}

TEST_F(S3ClientTest, TakesTheServersClock) {
    server.will_answer(
        {refusal(403, "RequestTimeTooSkewed", {{"Date", "Fri, 24 May 2013 02:00:00 GMT"}}),
         answer(200)});
    ASSERT_TRUE(get());
    EXPECT_EQ(client->clock_offset(), hours(2));
    EXPECT_EQ(server.asked().at(1).headers.get("x-amz-date"), "20130524T020000Z");
}

TEST_F(S3ClientTest, AnErrorMayHideBehind200) {
    S3Request complete;
    complete.method = "POST";
    complete.key = "k";
    complete.may_hide_error = true;
    server.will_answer(
        {answer(200, "  \n<Error><Code>InternalError</Code></Error>"), answer(200, "<Done/>")});
    EXPECT_TRUE(client->call(complete));
    EXPECT_EQ(server.asked().size(), 2U);
}

TEST_F(S3ClientTest, TellsWhatIsWrongWithTheBucketWhenOpened) {
    server.will_answer({answer(403), refusal(403, "InvalidAccessKeyId")});
    ClientSettings settings;
    settings.location = *parse_location("s3://bucket?region=r&endpoint=" + server.url());
    settings.credentials = []() -> Result<Credentials> {
        return Credentials{"id", "secret", "", {}};
    };
    const auto opened = S3Client::open(settings, clock);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kUnauthenticated);
    settings.credentials = []() -> Result<Credentials> {
        return not_found("there are no credentials");
    };
    EXPECT_EQ(S3Client::open(settings, clock).error().message, "there are no credentials");
}

TEST_F(S3ClientTest, PresignedUrlsDieWithTheirCredentials) {
    ClientSettings settings;
    settings.location = *parse_location("s3://bucket?region=r&endpoint=" + server.url());
    settings.credentials = [this]() -> Result<Credentials> {
        return Credentials{"id", "secret", "token", clock.time + minutes(30)};
    };
    server.will_answer({answer(200)});
    const auto temporary = S3Client::open(settings, clock);
    ASSERT_TRUE(temporary);
    S3Request request;
    request.key = "k";
    const auto url = (*temporary)->presign(request, hours(6));
    ASSERT_TRUE(url);
    EXPECT_NE(url->find("X-Amz-Expires=1800&"), std::string::npos) << *url;
}

TEST_F(S3ClientTest, WhatIsSignedAlikeIsWhatIsSignedAlone) {
    ClientSettings settings;
    settings.location = *parse_location("s3://bucket?region=r&endpoint=" + server.url());
    Credentials given{"id", "secret", "", {}};
    settings.credentials = [&given]() -> Result<Credentials> { return given; };
    settings.route = Route{"r", false};
    const auto client = S3Client::open(settings, clock);
    ASSERT_TRUE(client);
    S3Request request;
    request.method = "PUT";
    request.key = "k";
    const auto expect_same = [&](const std::string& what) {
        for (const char* number : {"1", "2"}) {
            request.query = {{"uploadId", what}, {"partNumber", number}};
            request.headers = {{"content-length", number}};
            EXPECT_EQ(*(*client)->presign_alike(request, "partNumber", hours(1)),
                      *(*client)->presign(request, hours(1)))
                << what;
        }
    };
    expect_same("first");
    expect_same("other upload");
    request.key = "other key";
    expect_same("other upload");
    clock.time = clock.time + seconds(1);
    expect_same("other upload");
    given = {"other id", "other secret", "token", clock.time + minutes(10)};
    expect_same("other upload");
    request.query = {{"uploadId", "u"}};
    EXPECT_FALSE((*client)->presign_alike(request, "partNumber", hours(1)));
}

TEST_F(S3ClientTest, SigningAsksOnlyWhatIsAtHand) {
    ClientSettings settings;
    settings.location = *parse_location("s3://bucket?region=r&endpoint=" + server.url());
    int fetched = 0;
    settings.credentials = [&fetched]() -> Result<Credentials> {
        ++fetched;
        return Credentials{"fetched", "secret", "", {}};
    };
    settings.credentials_at_hand = []() -> Result<Credentials> {
        return Credentials{"kept", "secret", "", {}};
    };
    server.will_answer({answer(200)});
    const auto client = S3Client::open(settings, clock);
    ASSERT_TRUE(client);
    const int before = fetched;
    S3Request request;
    request.key = "k";
    const auto url = (*client)->presign(request, hours(1));
    ASSERT_TRUE(url);
    EXPECT_NE(url->find("X-Amz-Credential=kept"), std::string::npos) << *url;
    EXPECT_EQ(fetched, before);
}

TEST(S3Explain, NamesTheKindAndTheWayOut) {
    const Location location = *parse_location("s3://bucket");
    const auto of = [&](int status, const std::string& code) {
        return explain(status, code, "", location, "doing").code;
    };
    EXPECT_EQ(of(404, "NoSuchKey"), ErrorCode::kNotFound);
    EXPECT_EQ(of(412, "PreconditionFailed"), ErrorCode::kConflict);
    EXPECT_EQ(of(409, "ConditionalRequestConflict"), ErrorCode::kConflict);
    EXPECT_EQ(of(403, "SignatureDoesNotMatch"), ErrorCode::kUnauthenticated);
    EXPECT_EQ(of(400, "ExpiredToken"), ErrorCode::kUnauthenticated);
    EXPECT_EQ(of(503, "SlowDown"), ErrorCode::kRateLimited);
    EXPECT_EQ(of(507, ""), ErrorCode::kNoCapacity);
    EXPECT_EQ(of(400, "InvalidPart"), ErrorCode::kCorrupt);
    EXPECT_EQ(of(500, ""), ErrorCode::kUnavailable);
    EXPECT_EQ(of(501, "NotImplemented"), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace herder::s3
