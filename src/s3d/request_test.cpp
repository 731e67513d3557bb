#include "s3d/request.h"

#include <gtest/gtest.h>

namespace herder::s3d {
namespace {

TEST(RequestHead, IsReadWithQueryAndHeaders) {
    const auto request = parse_head(
        "PUT /bucket/a%20b/%C3%A9?partNumber=2&uploadId=x%2Fy&acl HTTP/1.1\r\n"
        "Host: example.org:80\r\nX-Amz-Meta-A:  one \r\nX-Amz-Meta-A: two");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->method, "PUT");
    EXPECT_EQ(request->raw_path, "/bucket/a%20b/%C3%A9");
    EXPECT_EQ(request->path, "/bucket/a b/\xC3\xA9");
    EXPECT_EQ(request->parameter("uploadId"), "x/y");
    EXPECT_EQ(request->parameter("acl"), "");
    EXPECT_FALSE(request->has("part"));
    EXPECT_EQ(request->header("host"), "example.org:80");
    EXPECT_EQ(request->header("x-amz-meta-a"), "one,two");
}

TEST(RequestHead, RefusesWhatIsMalformed) {
    for (const char* head : {"", "GET", "GET /", "GET / HTTP/2", "GET /%2 HTTP/1.1",
                             "GET /%zz HTTP/1.1", "GET nowhere HTTP/1.1", "GET /?a=%4 HTTP/1.1",
                             "GET / HTTP/1.1\r\nno colon", "GET / HTTP/1.1\r\n: empty name"}) {
        EXPECT_FALSE(parse_head(head)) << head;
    }
}

TEST(RequestHead, AbsoluteFormMeansItsPath) {
    EXPECT_EQ(parse_head("GET http://host/a?b=c HTTP/1.1")->path, "/a");
    EXPECT_EQ(parse_head("GET http://host HTTP/1.1")->path, "/");
}

TEST(Escapes, GoBothWays) {
    EXPECT_EQ(encode("a b/~+", true), "a%20b/~%2B");
    EXPECT_EQ(encode("a/b", false), "a%2Fb");
    EXPECT_EQ(*decode("a%20b+c", false), "a b+c");
    EXPECT_EQ(*decode("a+b", true), "a b");
    EXPECT_EQ(*decode("%41", false), "A");
}

}  // namespace
}  // namespace herder::s3d
