#include "s3d/api_fixture.h"

namespace herder::s3d {
namespace {

struct ApiUploads : ApiFixture {
    std::string create() { return element(call("POST /b/k?uploads"), "UploadId"); }
    std::string put(const std::string& id, int number, const std::string& text) {
        return header(
            call("PUT /b/k?uploadId=" + id + "&partNumber=" + std::to_string(number), text),
            "ETag");
    }
    Reply complete(const std::string& id, const std::vector<std::string>& etags,
                   const std::string& headers = "") {
        std::string document = "<CompleteMultipartUpload>";
        for (std::size_t i = 0; i < etags.size(); ++i)
            document += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" +
                        etags[i] + "</ETag></Part>";
        return call("POST /b/k?uploadId=" + id, document + "</CompleteMultipartUpload>", headers);
    }
};

TEST_F(ApiUploads, PartsBecomeOneObject) {
    const std::string id = create();
    const std::string two = put(id, 2, "de");
    const std::string one = put(id, 1, "abc");
    EXPECT_EQ(call("GET /b/k").status, 404);
    const Reply done = complete(id, {one, two});
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(content(call("GET /b/k")), "abcde");
    EXPECT_EQ(complete(id, {one, two}).status, 200);
}

TEST_F(ApiUploads, WrongListsAreRefused) {
    const std::string id = create();
    put(id, 1, "abc");
    EXPECT_EQ(complete(id, {"\"wrong\""}).error_code, "InvalidPart");
    EXPECT_EQ(complete(id, {}).error_code, "MalformedXML");
    EXPECT_EQ(complete("none", {"x"}).error_code, "NoSuchUpload");
    EXPECT_EQ(call("PUT /b/k?uploadId=" + id + "&partNumber=0", "x").error_code, "InvalidArgument");
    EXPECT_EQ(call("PUT /b/k?uploadId=" + id + "&partNumber=10001", "x").error_code,
              "InvalidArgument");
    EXPECT_EQ(call("PUT /b/other?uploadId=" + id + "&partNumber=1", "x").error_code,
              "NoSuchUpload");
}

TEST_F(ApiUploads, APartMayBeAsLargeAsAnObjectThatComesWhole) {
    quirks.put_max = 3;
    open();
    const std::string id = create();
    EXPECT_EQ(call("PUT /b/k?uploadId=" + id + "&partNumber=1", "abcd").error_code,
              "EntityTooLarge");
    const std::string one = put(id, 1, "abc");
    const std::string two = put(id, 2, "def");
    EXPECT_EQ(complete(id, {one, two}).status, 200);
    EXPECT_EQ(content(call("GET /b/k")), "abcdef");
}

TEST_F(ApiUploads, AbortEndsThem) {
    const std::string id = create();
    EXPECT_EQ(call("DELETE /b/k?uploadId=" + id).status, 204);
    EXPECT_EQ(call("DELETE /b/k?uploadId=" + id).status, 404);
    EXPECT_EQ(call("PUT /b/k?uploadId=" + id + "&partNumber=1", "x").error_code, "NoSuchUpload");
}

TEST_F(ApiUploads, CompleteKeepsItsCondition) {
    call("PUT /b/k", "there");
    const std::string id = create();
    const std::string one = put(id, 1, "abc");
    EXPECT_EQ(complete(id, {one}, "If-None-Match: *").status, 412);
    EXPECT_EQ(complete(id, {one}).status, 200);
}

TEST_F(ApiUploads, ChecksumIsCompositeWhereItWasAnnounced) {
    const std::string id =
        element(call("POST /b/k?uploads", "", "x-amz-checksum-algorithm: CRC32C"), "UploadId");
    const std::string etag = header(call("PUT /b/k?uploadId=" + id + "&partNumber=1", "123456789",
                                         "x-amz-checksum-crc32c: 4waSgw=="),
                                    "ETag");
    EXPECT_EQ(complete(id, {etag}).status, 200);
    const Reply head = call("HEAD /b/k", "", "x-amz-checksum-mode: ENABLED");
    EXPECT_EQ(header(head, "x-amz-checksum-type"), "COMPOSITE");
    EXPECT_TRUE(header(head, "x-amz-checksum-crc32c").ends_with("-1"));
}

}  // namespace
}  // namespace herder::s3d
