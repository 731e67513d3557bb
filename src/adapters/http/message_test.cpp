#include "adapters/http/message.h"

#include <gtest/gtest.h>

namespace herder::http {
namespace {

TEST(Headers, IgnoreCaseAndKeepOrder) {
    Headers headers{{"A", "1"}, {"b", "2"}};
    headers.add("a", "3");
    EXPECT_EQ(headers.get("a"), "1");

    headers.set("A", "4");
    EXPECT_EQ(headers.size(), 2U);
    EXPECT_EQ(headers.get("a"), "4");
    EXPECT_FALSE(headers.has("c"));
}

TEST(Headers, RefuseLineBreaks) {
    EXPECT_FALSE(check_headers({{"A", "x\r\nB: y"}}));
    EXPECT_FALSE(check_headers({{"A", "x\ny"}}));
    EXPECT_FALSE(check_headers({{"A b", "x"}}));
    EXPECT_FALSE(check_headers({{"", "x"}}));
    EXPECT_TRUE(check_headers({{"A", "x\ty \xc3\xa4"}}));
}

TEST(Request, SplitsThePathBeforeDecoding) {
    Request request;
    request.target = "/v1/jobs/a%2Fb?q=%20";
    EXPECT_EQ(request.path(), "/v1/jobs/a%2Fb");
    EXPECT_EQ(request.path_segments().value(), (std::vector<std::string>{"v1", "jobs", "a/b"}));
    EXPECT_EQ(request.query()->get("q"), " ");
}

TEST(Request, RefusesPathsThatClimb) {
    for (const char* target : {"/a/../b", "/%2e%2e/b", "/a/.", "/%00", "/%zz"}) {
        Request request;
        request.target = target;
        EXPECT_FALSE(request.path_segments()) << target;
    }
}

TEST(Request, FindsTheBearerToken) {
    Request request;
    EXPECT_EQ(request.bearer_token(), std::nullopt);
    request.headers.set("authorization", "bearer  abc");
    EXPECT_EQ(request.bearer_token(), "abc");
    request.headers.set("authorization", "Basic abc");
    EXPECT_EQ(request.bearer_token(), std::nullopt);
}

}  // namespace
}  // namespace herder::http
