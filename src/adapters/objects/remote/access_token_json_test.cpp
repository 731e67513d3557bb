#include <gtest/gtest.h>

#include "adapters/objects/remote/access_token.h"

namespace herder::remote {
namespace {

constexpr WallTime kNow{1'369'353'600'000'000};

TEST(AccessToken, ComesWithItsEnd) {
    const auto found =
        parse_access_token(R"({"token_type":"Bearer","expires_in":3599,"access_token":"T"})", kNow);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->token, "T");
    EXPECT_EQ(found->expires, kNow + seconds(3599));
}

TEST(AccessToken, OtherAnswersAreRefused) {
    for (const char* text :
         {"", "[]", "{}", R"({"access_token":"T"})", R"({"access_token":"","expires_in":9})",
          R"({"access_token":"T","expires_in":0})", R"({"access_token":7,"expires_in":9})"})
        EXPECT_EQ(parse_access_token(text, kNow).error().code, ErrorCode::kCorrupt) << text;
}

}  // namespace
}  // namespace herder::remote
