#include "s3d/api_fixture.h"

namespace herder::s3d {
namespace {

// The page size of the fixture is 2.
struct ApiLists : ApiFixture {};

TEST_F(ApiLists, ObjectsComeInShortPages) {
    for (const char* key : {"a", "b%20c", "d"})
        call(std::string("PUT /b/") + key, "x");
    const Reply first = call("GET /b?list-type=2&encoding-type=url");
    EXPECT_EQ(element(first, "KeyCount"), "2");
    EXPECT_EQ(element(first, "IsTruncated"), "true");
    EXPECT_NE(first.body.find("<Key>b%20c</Key>"), std::string::npos);
    const Reply second =
        call("GET /b?list-type=2&continuation-token=" + element(first, "NextContinuationToken"));
    EXPECT_EQ(element(second, "Key"), "d");
    EXPECT_EQ(element(second, "IsTruncated"), "false");
    EXPECT_EQ(call("GET /b?list-type=2&continuation-token=zz").status, 400);
    EXPECT_EQ(element(call("GET /b?marker=a"), "Key"), "b c");
    EXPECT_EQ(element(call("GET /b?list-type=2&start-after=b%20c"), "Key"), "d");
}

TEST_F(ApiLists, PartsComeInShortPages) {
    const std::string id = element(call("POST /b/k?uploads"), "UploadId");
    for (int i = 1; i <= 3; ++i)
        call("PUT /b/k?uploadId=" + id + "&partNumber=" + std::to_string(i), "abc");
    const Reply first = call("GET /b/k?uploadId=" + id);
    EXPECT_EQ(element(first, "IsTruncated"), "true");
    EXPECT_EQ(element(first, "NextPartNumberMarker"), "2");
    const Reply second = call("GET /b/k?uploadId=" + id + "&part-number-marker=2");
    EXPECT_EQ(element(second, "PartNumber"), "3");
    EXPECT_EQ(element(second, "IsTruncated"), "false");
    EXPECT_EQ(call("GET /b/k?uploadId=none").error_code, "NoSuchUpload");
}

TEST_F(ApiLists, UploadsComeInShortPages) {
    for (const char* key : {"x/1", "x/2", "x/3", "y"})
        call(std::string("POST /b/") + key + "?uploads");
    const Reply first = call("GET /b?uploads&prefix=x/");
    EXPECT_EQ(element(first, "IsTruncated"), "true");
    const Reply second =
        call("GET /b?uploads&prefix=x/&key-marker=" + element(first, "NextKeyMarker") +
             "&upload-id-marker=" + element(first, "NextUploadIdMarker"));
    EXPECT_EQ(element(second, "Key"), "x/3");
    EXPECT_EQ(element(second, "IsTruncated"), "false");
}

}  // namespace
}  // namespace herder::s3d
