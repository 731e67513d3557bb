#include "adapters/objects/s3/google_access.h"

#include "adapters/objects/remote/base64_text.h"
#include "adapters/objects/s3/credential_fixture.h"
#include "adapters/objects/s3/google_key_fixture.h"

namespace herder::s3 {
namespace {

constexpr const char* kTokenUrl = "https://oauth2.googleapis.com/token";
constexpr const char* kAccounts =
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/";
constexpr const char* kMachine =
    "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/";
constexpr const char* kUser =
    R"({"type":"authorized_user","client_id":"c","client_secret":"s/","refresh_token":"r"})";

struct GoogleAccessTest : CredentialFixture {
    GoogleAccessTest() {
        answers[kTokenUrl] = ok_with(R"({"access_token":"T1","expires_in":3599})");
    }
    void give_file(const std::string& text) {
        variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/key.json";
        files["/key.json"] = text;
    }
    std::string token() {
        const auto found = access.token();
        return found ? *found : "(" + found.error().message + ")";
    }
    GoogleAccess access{world()};
};

TEST_F(GoogleAccessTest, AKeyFileIsTradedForATokenByASignedGrant) {
    give_file(test_key_file());
    EXPECT_EQ(token(), "T1");
    ASSERT_EQ(asked.size(), 1U);
    const std::string& body = asked[0].request.body;
    const std::string before =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    ASSERT_TRUE(body.starts_with(before)) << body;
    const std::string assertion = body.substr(before.size());
    const std::size_t first = assertion.find('.');
    const std::size_t second = assertion.rfind('.');
    EXPECT_EQ(*from_base64url(assertion.substr(0, first)),
              R"({"alg":"RS256","typ":"JWT","kid":"k1"})");
    EXPECT_EQ(*from_base64url(assertion.substr(first + 1, second - first - 1)),
              R"({"iss":"me@project.iam.gserviceaccount.com",)"
              R"("scope":"https://www.googleapis.com/auth/devstorage.read_write",)"
              R"("aud":"https://oauth2.googleapis.com/token","iat":1369353600,"exp":1369357200})");
    EXPECT_EQ(*from_base64url(assertion.substr(second + 1)),
              *parse_rsa_key(test_rsa_pair().private_pem)->sign(assertion.substr(0, second)));
}

TEST_F(GoogleAccessTest, TokensAreKeptUntilTheyNearlyEnd) {
    give_file(test_key_file());
    EXPECT_EQ(token(), "T1");
    answers[kTokenUrl] = ok_with(R"({"access_token":"T2","expires_in":3599})");
    now = now + minutes(50);
    EXPECT_EQ(token(), "T1");
    now = now + minutes(6);
    EXPECT_EQ(token(), "T2");
    // The last minutes of an old one are better than nothing.
    answers[kTokenUrl].status = 503;
    now = now + minutes(57);
    EXPECT_EQ(token(), "T2");
    now = now + minutes(5);
    EXPECT_NE(token().find("answered 503"), std::string::npos);
}

TEST_F(GoogleAccessTest, TheLoginOfGcloudIsRefreshed) {
    files["/home/me/.config/gcloud/application_default_credentials.json"] = kUser;
    EXPECT_EQ(token(), "T1");
    EXPECT_EQ(asked.at(0).request.body,
              "grant_type=refresh_token&client_id=c&client_secret=s%2F&refresh_token=r");
    EXPECT_EQ(access.signing_email().error().code, ErrorCode::kInvalid);
}

TEST_F(GoogleAccessTest, AnImpersonatedAccountSignsThroughTheService) {
    const std::string account = "w@p.iam.gserviceaccount.com";
    give_file(R"({"type":"impersonated_service_account","service_account_impersonation_url":)"
              R"("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/)" +
              account + R"(:generateAccessToken","source_credentials":)" + kUser + "}");
    const std::string url = std::string(kAccounts) + "w%40p.iam.gserviceaccount.com";
    answers[url + ":generateAccessToken"] =
        ok_with(R"({"accessToken":"T9","expireTime":"2013-05-24T01:00:00Z"})");
    answers[url + ":signBlob"] =
        ok_with(R"({"keyId":"k","signedBlob":")" + remote::to_base64("signed") + "\"}");
    EXPECT_EQ(token(), "T9");
    EXPECT_EQ(*access.signing_email(), account);
    EXPECT_EQ(*access.sign("text"), "signed");
    EXPECT_EQ(asked.back().request.body, R"({"payload":"dGV4dA=="})");
    EXPECT_EQ(asked.back().request.bearer_token(), "T1");
    EXPECT_EQ(asked.at(1).request.bearer_token(), "T1");
}

TEST_F(GoogleAccessTest, AMachineAsksItsMetadataService) {
    answers[std::string(kMachine) + "token"] =
        ok_with(R"({"access_token":"TM","expires_in":600,"token_type":"Bearer"})");
    answers[std::string(kMachine) + "email"] = ok_with("vm@p.iam.gserviceaccount.com\n");
    EXPECT_EQ(token(), "TM");
    EXPECT_EQ(asked.at(0).request.headers.get("metadata-flavor"), "Google");
    EXPECT_EQ(*access.signing_email(), "vm@p.iam.gserviceaccount.com");
}

TEST_F(GoogleAccessTest, WhatIsWrongSaysWhatToDo) {
    EXPECT_NE(token().find("set GOOGLE_APPLICATION_CREDENTIALS"), std::string::npos);
    variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/none.json";
    EXPECT_NE(GoogleAccess(world()).token().error().message.find("/none.json"), std::string::npos);
    give_file(R"({"type":"external_account"})");
    EXPECT_NE(GoogleAccess(world()).token().error().message.find("external_account"),
              std::string::npos);
    give_file(R"({"type":"service_account","client_email":"e","private_key":"no key"})");
    EXPECT_NE(GoogleAccess(world()).token().error().message.find("create a new JSON key"),
              std::string::npos);
}

// The refresh token would go to whoever listens there.
TEST_F(GoogleAccessTest, SecretsDoNotTravelInTheClear) {
    give_file(
        R"({"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r",)"
        R"("token_uri":"http://example.org/token"})");
    EXPECT_NE(token().find("in the clear"), std::string::npos);
    EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace herder::s3
