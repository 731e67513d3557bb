// The cases of Google's own conformance tests (github.com/googleapis/conformance-tests,
// storage/v1/v4_signatures.json, read November 2026): the text that is signed. That the signature
// itself is right is seen by another reading of the specification, in tests/conformance.
#include "adapters/objects/s3/google_signer.h"

#include "adapters/objects/s3/credential_fixture.h"
#include "adapters/objects/s3/google_key_fixture.h"

namespace herder::s3 {
namespace {

constexpr const char* kEmail = "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com";
constexpr WallTime kFebruary{1'549'011'600'000'000};  // 2019-02-01T09:00:00Z

Signable to(const std::string& method, const std::string& path, Fields headers = {}) {
    headers.emplace_back("host", "storage.googleapis.com");
    return {method, path, {}, std::move(headers), ""};
}

std::string hash_of(const Signable& request, WallTime now = kFebruary,
                    Duration life = seconds(10)) {
    const std::string text = prepare_google_url(request, kEmail, now, life).to_sign;
    return text.substr(text.rfind('\n') + 1);
}

TEST(GoogleSignature, SignsThePublishedText) {
    const GoogleUrlText simple =
        prepare_google_url(to("GET", "/test-bucket/test-object"), kEmail, kFebruary, seconds(10));
    EXPECT_EQ(simple.to_sign,
              "GOOG4-RSA-SHA256\n20190201T090000Z\n20190201/auto/storage/goog4_request\n"
              "00e2fb794ea93d7adb703edaebdd509821fcc7d4f1a79ac5c8d2b394df109320");
    EXPECT_EQ(simple.query,
              "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=test-iam-credentials%40dummy-"
              "project-id.iam.gserviceaccount.com%2F20190201%2Fauto%2Fstorage%2Fgoog4_request"
              "&X-Goog-Date=20190201T090000Z&X-Goog-Expires=10&X-Goog-SignedHeaders=host");
    EXPECT_EQ(hash_of(to("PUT", "/test-bucket/test-object")),
              "78742860705da91404222d5d66ff89850292471199c3c2808d116ad12e6177b4");
    EXPECT_EQ(hash_of(to("POST", "/test-bucket/test-object", {{"x-goog-resumable", "start"}})),
              "877f8b40179d2753296f2fd6de815ab40503c7a3c446a7b44aa4e74422ff4daf");
    EXPECT_EQ(hash_of(to("GET", "/test-bucket/test-object"), kFebruary + days(28), seconds(20)),
              "779f19fdb6fd381390e2d5af04947cf21750277ee3c20e0c97b7e46a1dff8907");
    EXPECT_EQ(hash_of(to("GET", "/test-bucket2/test-object2")),
              "a139afbf35ac30e9864f63197f79609731ab1b0ca166e2a456dba156fcd3f9ce");
}

TEST(GoogleSignature, EncodesPathsAndOrdersHeadersAsPublished) {
    EXPECT_EQ(hash_of(to("GET", "/test-bucket/path/with/slashes/under_score/amper&sand/file.ext",
                         {{"header/name/with/slash", "should-be-encoded"}})),
              "f1d206dd8cbe1b892d4081ccddae0927d9f5fee5653fb2a2f43e7c20ed455cad");
    EXPECT_EQ(hash_of(to("GET", "/test-bucket//path/with/slashes/under_score/amper&sand/file.ext")),
              "63c601ecd6ccfec84f1113fc906609cbdf7651395f4300cecd96ddd2c35164f8");
    EXPECT_EQ(hash_of(to("GET", "/test-bucket/test-object",
                         {{"foo", "foo-value"}, {"bar", "BAR-value"}})),
              "59c1ac1a6ee7d773d5c4487ecc861d60b71c4871dd18fc7d8485fac09df1d296");
    EXPECT_EQ(hash_of(to("GET", "/test-bucket/test-object",
                         {{"bar", "2023-02-10T03:"}, {"foo", "2023-02-10T02:00:00Z"}})),
              "a2a6df7e6bd818894e1f60ac3c393901b512ca1cf1061ba602dace3fb38c19a6");
}

struct GoogleSignerTest : CredentialFixture {
    GoogleSignerTest() {
        variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/key.json";
        files["/key.json"] = test_key_file();
        answers["https://oauth2.googleapis.com/token"] =
            ok_with(R"({"access_token":"T1","expires_in":3600,"token_type":"Bearer"})");
    }
    GoogleSigner signer{world()};
};

TEST_F(GoogleSignerTest, OwnRequestsCarryAToken) {
    Signable request = to("GET", "/b/k");
    ASSERT_TRUE(signer.sign_headers(request, now));
    EXPECT_EQ(request.headers.back().first, "authorization");
    EXPECT_EQ(request.headers.back().second, "Bearer T1");
}

TEST_F(GoogleSignerTest, UrlsAreSignedWithoutAskingAnybody) {
    const Signable request = to("GET", "/b/k");
    const auto query = signer.presign(request, now, hours(1));
    ASSERT_TRUE(query) << query.error().message;
    EXPECT_TRUE(asked.empty());
    const std::string to_sign =
        prepare_google_url(request, "me@project.iam.gserviceaccount.com", now, hours(1)).to_sign;
    EXPECT_TRUE(query->ends_with(
        "&X-Goog-Signature=" + to_hex(*parse_rsa_key(test_rsa_pair().private_pem)->sign(to_sign))));
}

TEST_F(GoogleSignerTest, TheLoginOfAPersonSignsNothingAndSaysWhatToDo) {
    files["/key.json"] =
        R"({"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"})";
    Signable request = to("GET", "/b/k");
    EXPECT_TRUE(signer.sign_headers(request, now));
    const auto query = signer.presign(to("GET", "/b/k"), now, hours(1));
    ASSERT_FALSE(query);
    EXPECT_NE(query.error().message.find("JSON key of a service account"), std::string::npos);
}

}  // namespace
}  // namespace herder::s3
