// The S3 store with Google's signatures against s3d, which reads Google's specification for itself:
// RSA-signed URLs, tokens, x-goog-hash, x-goog-if-generation-match.
#include <gtest/gtest.h>

#include "adapters/objects/s3/google_key_fixture.h"
#include "adapters/objects/s3/google_signer.h"
#include "adapters/objects/s3/s3_bucket_reader.h"
#include "s3d/server.h"
#include "tests/conformance/bucket_conformance.h"
#include "tests/conformance/multipart_conformance.h"
#include "tests/conformance/object_store_conformance.h"
#include "tests/conformance/s3_place.h"

namespace herder {
namespace {

constexpr const char* kAccount = "me@project.iam.gserviceaccount.com";

struct GooglePlace {
    GooglePlace() {
        s3d::ServerOptions options;
        options.buckets = {"bucket"};
        options.keys = {{kAccount, {"", "T1", s3::test_rsa_pair().public_pem}}};
        options.page_size = 3;
        server = *s3d::Server::start(std::move(options));
        s3::CredentialWorld world;
        world.variable = [](const std::string& name) -> std::optional<std::string> {
            if (name == "GOOGLE_APPLICATION_CREDENTIALS") return "/key.json";
            return std::nullopt;
        };
        world.read_file = [](const std::string&) -> Result<std::string> {
            return s3::test_key_file(kAccount);
        };
        world.fetch = [this](const std::string&, const http::Request&,
                             Duration) -> Result<http::Response> {
            http::Response answer;
            answer.body = R"({"access_token":")" + token + R"(","expires_in":3599})";
            return answer;
        };
        world.now = [this] { return clock.wall(); };
        signer = std::make_unique<s3::GoogleSigner>(std::move(world));
    }
    s3::ClientSettings settings() const {
        s3::ClientSettings made;
        made.location = *s3::parse_location("gs://bucket/some/prefix?endpoint=" + server->url());
        made.signer = signer.get();
        made.tries = 3;
        return made;
    }
    std::unique_ptr<ObjectStore> open() { return s3::open_probed(settings(), clock); }
    WallTime now() const { return clock.wall(); }
    int put(const std::string& url, const std::string& body,
            const std::map<std::string, std::string>& headers = {}) {
        return s3::put_url(url, body, headers);
    }

    SystemClock clock;
    std::string token = "T1";
    std::unique_ptr<s3d::Server> server;
    std::unique_ptr<s3::GoogleSigner> signer;
    std::size_t part_size = 5 << 20;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Google, ObjectStoreConformance, GooglePlace);
INSTANTIATE_TYPED_TEST_SUITE_P(Google, MultipartConformance, GooglePlace);

TEST(GoogleStore, ProbesWhatGoogleDoes) {
    GooglePlace place;
    const auto client = s3::S3Client::open(place.settings(), place.clock);
    ASSERT_TRUE(client) << client.error().message;
    const auto report = s3::probe_store(**client, place.clock);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->is_usable());
    const remote::Abilities& abilities = report->abilities;
    EXPECT_EQ(abilities.provider, "gcs");
    EXPECT_EQ(abilities.put_if_absent, remote::PutIfAbsent::kGoogleHeader);
    EXPECT_TRUE(abilities.multipart);
    EXPECT_TRUE(abilities.checksums);
    EXPECT_TRUE(abilities.part_checksums);
    EXPECT_TRUE(abilities.signed_size);
}

TEST(GoogleStore, UsersObjectsAreReadOnlyWhileTheyAreTheSame) {
    GooglePlace place;
    s3::S3BucketReader reader(std::move(*s3::S3Client::open(place.settings(), place.clock)));
    expect_read_while_the_same(reader, "gs://bucket/some/prefix/d/", *place.open());
}

TEST(GoogleStore, TellsTheChecksumOfAnObject) {
    GooglePlace place;
    const auto store = place.open();
    ASSERT_TRUE(store->put("a", "text", false));
    EXPECT_EQ(store->head("a")->crc32c, crc32c("text"));
}

TEST(GoogleStore, PartsTakeExactlyTheSignedContent) {
    GooglePlace place;
    const auto store = place.open();
    MultipartUploads& uploads = *store->multipart();
    const PendingUpload upload{"k", *uploads.create("k"), {}};
    const auto url = uploads.sign_part(upload, 1, Bytes{4}, crc32c("text"), place.now() + hours(1));
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(place.put(*url, "text"), 403);
    EXPECT_EQ(place.put(*url, "text", uploads.part_headers(crc32c("tixt"))), 403);
    EXPECT_EQ(place.put(*url, "tixt", uploads.part_headers(crc32c("text"))), 400);
    EXPECT_EQ(place.put(*url, "text", uploads.part_headers(crc32c("text"))), 200);
}

TEST(GoogleStore, ATokenThatIsNotTakenSaysWhatTheAccountNeeds) {
    GooglePlace place;
    place.token = "another";
    const auto client = s3::S3Client::open(place.settings(), place.clock);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::kForbidden);
    EXPECT_NE(client.error().message.find("roles/storage.objectAdmin"), std::string::npos);
}

}  // namespace
}  // namespace herder
