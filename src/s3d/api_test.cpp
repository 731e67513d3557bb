#include "s3d/api.h"

#include "s3d/api_fixture.h"

namespace herder::s3d {
namespace {

struct ApiTest : ApiFixture {};

TEST_F(ApiTest, FindsBucketAndKeyInPathOrHost) {
    std::string bucket;
    std::string key;
    locate(*parse_head("GET /b/a/c HTTP/1.1\r\nHost: s3.test:80"), "s3.test", bucket, key);
    EXPECT_EQ(bucket + "|" + key, "b|a/c");
    locate(*parse_head("GET /a/c HTTP/1.1\r\nHost: b.s3.test:80"), "s3.test", bucket, key);
    EXPECT_EQ(bucket + "|" + key, "b|a/c");
    locate(*parse_head("GET / HTTP/1.1\r\nHost: s3.test"), "s3.test", bucket, key);
    EXPECT_EQ(bucket + "|" + key, "|");
}

TEST_F(ApiTest, NamesOperationsAsS3Does) {
    const auto name = [](const std::string& line) {
        const auto request = parse_head(line + " HTTP/1.1\r\nHost: h");
        std::string bucket;
        std::string key;
        locate(*request, "", bucket, key);
        return operation_of(*request, bucket, key);
    };
    EXPECT_EQ(name("PUT /b/k"), "PutObject");
    EXPECT_EQ(name("PUT /b/k?uploadId=1&partNumber=1"), "UploadPart");
    EXPECT_EQ(name("POST /b/k?uploads"), "CreateMultipartUpload");
    EXPECT_EQ(name("POST /b/k?uploadId=1"), "CompleteMultipartUpload");
    EXPECT_EQ(name("DELETE /b/k?uploadId=1"), "AbortMultipartUpload");
    EXPECT_EQ(name("GET /b/k?uploadId=1"), "ListParts");
    EXPECT_EQ(name("GET /b?list-type=2"), "ListObjectsV2");
    EXPECT_EQ(name("GET /b/"), "ListObjects");
    EXPECT_EQ(name("GET /b?uploads"), "ListMultipartUploads");
    EXPECT_EQ(name("POST /b?delete"), "DeleteObjects");
    EXPECT_EQ(name("GET /b?location"), "GetBucketLocation");
    EXPECT_EQ(name("PATCH /b/k"), "");
}

TEST_F(ApiTest, BucketsAndTheirConfiguration) {
    EXPECT_EQ(call("HEAD /no").status, 404);
    EXPECT_EQ(call("PUT /no").status, 200);
    EXPECT_EQ(header(call("HEAD /no"), "x-amz-bucket-region"), "us-east-1");
    EXPECT_NE(call("GET /").body.find("<Name>no</Name>"), std::string::npos);
    EXPECT_EQ(call("GET /b?lifecycle").error_code, "NoSuchConfiguration");
    EXPECT_EQ(call("PUT /b?lifecycle", "<X/>").status, 200);
    EXPECT_EQ(call("GET /b?lifecycle").body, "<X/>");
    EXPECT_EQ(call("PATCH /b/k").error_code, "MethodNotAllowed");
}

}  // namespace
}  // namespace herder::s3d
