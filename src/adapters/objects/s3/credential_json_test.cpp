#include "adapters/objects/s3/credential_json.h"

#include <gtest/gtest.h>

namespace herder::s3 {
namespace {

TEST(CredentialJson, ReadsEveryForm) {
    const auto metadata = parse_credentials(
        R"({"AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2013-05-24T00:00:00Z"})");
    ASSERT_TRUE(metadata);
    EXPECT_EQ(*metadata, (Credentials{"A", "S", "T", WallTime{1'369'353'600'000'000}}));
    EXPECT_EQ(
        parse_credentials(R"({"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T"})")->token,
        "T");
    const auto portal = parse_sso_credentials(
        R"({"roleCredentials":{"accessKeyId":"A","secretAccessKey":"S","sessionToken":"T","expiration":1369353600000}})");
    ASSERT_TRUE(portal);
    EXPECT_EQ(*portal, *metadata);
    const auto token =
        parse_sso_token(R"({"accessToken":"X","expiresAt":"2013-05-24T00:00:00Z","region":"r"})");
    ASSERT_TRUE(token);
    EXPECT_EQ(token->expires.us, 1'369'353'600'000'000);
}

TEST(CredentialJson, WhatHoldsNoKeyIsCorruptAndNotRepeated) {
    for (const char* text :
         {"", "[]", "{}", R"({"AccessKeyId":"A"})", R"({"SecretAccessKey":"hush"})"}) {
        EXPECT_EQ(parse_credentials(text).error().code, ErrorCode::kCorrupt) << text;
        EXPECT_EQ(parse_credentials(text).error().message.find("hush"), std::string::npos);
        EXPECT_FALSE(parse_sso_credentials(text));
        EXPECT_FALSE(parse_sso_token(text));
    }
}

}  // namespace
}  // namespace herder::s3
