#include "s3d/api_fixture.h"

namespace herder::s3d {
namespace {

struct ApiObjects : ApiFixture {};

TEST_F(ApiObjects, KeepWhatWasPut) {
    const Reply put = call("PUT /b/a%20b", "hello", "Content-Type: text/plain\r\nx-amz-meta-a: 1");
    EXPECT_EQ(header(put, "ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    const Reply got = call("GET /b/a%20b");
    EXPECT_EQ(content(got), "hello");
    EXPECT_EQ(header(got, "x-amz-meta-a"), "1");
    EXPECT_EQ(*call("HEAD /b/a%20b").told_length, 5U);
    EXPECT_EQ(call("DELETE /b/a%20b").status, 204);
    EXPECT_EQ(call("GET /b/a%20b").error_code, "NoSuchKey");
    EXPECT_EQ(call("DELETE /b/a%20b").status, 204);
}

TEST_F(ApiObjects, RangesAreParts) {
    call("PUT /b/k", "0123456789");
    const auto range = [this](const std::string& text) {
        return call("GET /b/k", "", "Range: " + text);
    };
    EXPECT_EQ(content(range("bytes=2-4")), "234");
    EXPECT_EQ(header(range("bytes=2-4"), "Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(range("bytes=2-4").status, 206);
    EXPECT_EQ(content(range("bytes=8-")), "89");
    EXPECT_EQ(content(range("bytes=-3")), "789");
    EXPECT_EQ(content(range("bytes=5-100")), "56789");
    EXPECT_EQ(range("bytes=10-").status, 416);
    EXPECT_EQ(range("pages=1").status, 200);
}

TEST_F(ApiObjects, ConditionsGuardPutAndGet) {
    EXPECT_EQ(call("PUT /b/k", "x", "If-None-Match: *").status, 200);
    EXPECT_EQ(call("PUT /b/k", "y", "If-None-Match: *").status, 412);
    const std::string etag = header(call("HEAD /b/k"), "ETag");
    EXPECT_EQ(call("GET /b/k", "", "If-Match: " + etag).status, 200);
    EXPECT_EQ(call("GET /b/k", "", "If-Match: \"other\"").status, 412);
}

TEST_F(ApiObjects, ChecksumsOfTheBodyAreVerified) {
    EXPECT_EQ(call("PUT /b/k", "123456789", "x-amz-checksum-crc32c: 4waSgw==").status, 200);
    EXPECT_EQ(header(call("GET /b/k", "", "x-amz-checksum-mode: ENABLED"), "x-amz-checksum-crc32c"),
              "4waSgw==");
    EXPECT_EQ(call("PUT /b/k", "12345678X", "x-amz-checksum-crc32c: 4waSgw==").error_code,
              "BadDigest");
    EXPECT_EQ(call("PUT /b/k", "x", "Content-MD5: 4waSgw==").error_code, "BadDigest");
    quirks.checksums = Support::kRefused;
    open();
    EXPECT_EQ(call("PUT /b/k", "1", "x-amz-checksum-crc32c: 4waSgw==").status, 501);
    quirks.checksums = Support::kIgnored;
    open();
    EXPECT_EQ(call("PUT /b/k", "1", "x-amz-checksum-crc32c: 4waSgw==").status, 200);
}

TEST_F(ApiObjects, WhatIsLargerThanOneRequestMayBringIsRefused) {
    EXPECT_EQ(quirks.put_max, 5'368'709'120U) << "as Amazon has it";
    quirks.put_max = 4;
    open();
    EXPECT_EQ(call("PUT /b/k", "1234", "Content-Length: 4").status, 200);
    const Reply refused = call("PUT /b/k", "12345", "Content-Length: 5");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.error_code, "EntityTooLarge");
    EXPECT_EQ(call("PUT /b/k", "12345").error_code, "EntityTooLarge") << "it told no length";
    EXPECT_EQ(
        call("PUT /b/k", "1234", "Content-Length: 90\r\nx-amz-decoded-content-length: 4").status,
        200)
        << "of a body in signed chunks";
    EXPECT_EQ(content(call("GET /b/k")), "1234");
}

TEST_F(ApiObjects, ManyAreDeletedAtOnce) {
    call("PUT /b/x", "1");
    call("PUT /b/y", "1");
    const Reply reply =
        call("POST /b?delete",
             "<Delete><Object><Key>x</Key></Object><Object><Key>no</Key></Object></Delete>");
    EXPECT_NE(reply.body.find("<Deleted><Key>x</Key></Deleted>"), std::string::npos);
    EXPECT_EQ(call("GET /b/x").status, 404);
    EXPECT_EQ(call("GET /b/y").status, 200);
    EXPECT_EQ(call("POST /b?delete", "<Delete>").error_code, "MalformedXML");
}

}  // namespace
}  // namespace herder::s3d
