#include "adapters/objects/s3/location.h"

#include <gtest/gtest.h>

namespace herder::s3 {
namespace {

TEST(S3Location, IsReadAndWritten) {
    const auto plain = parse_location("s3://bucket");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->prefix, "");
    EXPECT_TRUE(plain->is_aws());
    const std::string text =
        "s3://bucket/runs/a?endpoint=http%3A%2F%2F127.0.0.1%3A9000&region=eu&addressing=path";
    const auto full = parse_location(text);
    ASSERT_TRUE(full) << full.error().message;
    EXPECT_EQ(full->prefix, "runs/a/");
    EXPECT_EQ(full->endpoint, "http://127.0.0.1:9000");
    EXPECT_EQ(to_text(*full), text);
    EXPECT_EQ(parse_location("s3://bucket/runs/a/?endpoint=http://127.0.0.1:9000")->endpoint,
              full->endpoint);
}

TEST(S3Location, RefusalsSayHowToWriteIt) {
    for (const char* text : {"", "bucket", "s3://", "s3:///a", "s3://b?endpoint=nowhere",
                             "s3://b?endpoint=https://h/path", "s3://b?addressing=post",
                             "s3://b?region=x&color=red", "az://account1/box"}) {
        const auto location = parse_location(text);
        ASSERT_FALSE(location) << text;
        EXPECT_NE(location.error().message.find("s3://BUCKET"), std::string::npos);
    }
    EXPECT_NE(parse_location("s3://b/a b").error().message.find("prefix"), std::string::npos);
}

TEST(S3Location, ABucketAloneTakesNoPartOfTheKey) {
    const auto bucket = bucket_of(*parse_bucket_address("s3://b/a b/../x?endpoint=http://h:1"));
    ASSERT_TRUE(bucket) << bucket.error().message;
    EXPECT_EQ(*bucket, *parse_location("s3://b?endpoint=http://h:1"));
    EXPECT_EQ(bucket_of(*parse_bucket_address("https://storage.googleapis.com/b/x"))->dialect,
              Dialect::kGoogle);
}

TEST(S3Location, AddressesByHostOrPath) {
    const auto aws = address_of(*parse_location("s3://bucket/p"), "eu-west-1", true, "p/k");
    EXPECT_EQ(aws->origin.origin(), "https://bucket.s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(aws->path, "/p/k");
    const auto own = address_of(*parse_location("s3://b?endpoint=http://h:90"), "r", false, "");
    EXPECT_EQ(own->origin.origin(), "http://h:90");
    EXPECT_EQ(own->path, "/b");
    EXPECT_TRUE(prefers_host(*parse_location("s3://bucket")));
    EXPECT_FALSE(prefers_host(*parse_location("s3://dotted.bucket")));
    EXPECT_FALSE(prefers_host(*parse_location("s3://bucket?endpoint=http://h")));
}

TEST(S3Location, KnowsProvidersByTheirHosts) {
    const auto of = [](const std::string& host) {
        return provider_of(*parse_location("s3://b?endpoint=https://" + host));
    };
    EXPECT_EQ(provider_of(*parse_location("s3://b")), "aws");
    EXPECT_EQ(of("storage.googleapis.com"), "gcs");
    EXPECT_EQ(of("account.r2.cloudflarestorage.com"), "r2");
    EXPECT_EQ(of("s3.us-west-004.backblazeb2.com"), "b2");
    EXPECT_EQ(of("s3.eu-central-1.wasabisys.com"), "wasabi");
    EXPECT_EQ(of("minio.example.org"), "other");
}

TEST(S3Location, GoogleHasASchemeOfItsOwn) {
    const auto google = parse_location("gs://bucket/runs");
    ASSERT_TRUE(google);
    EXPECT_TRUE(google->is_google());
    EXPECT_FALSE(google->is_aws());
    EXPECT_EQ(to_text(*google), "gs://bucket/runs");
    EXPECT_EQ(provider_of(*google), "gcs");
    const auto address = address_of(*google, "auto", false, "runs/k");
    EXPECT_EQ(address->origin.origin(), "https://storage.googleapis.com");
    EXPECT_EQ(address->path, "/bucket/runs/k");
    EXPECT_NE(*google, *parse_location("s3://bucket/runs"));
}

TEST(Location, TakesAnEndpointBesideTheText) {
    Location location = *parse_location("s3://bucket/prefix");
    ASSERT_TRUE(set_endpoint(location, "https://minio.example.org:9000"));
    EXPECT_EQ(location,
              *parse_location("s3://bucket/prefix?endpoint=https://minio.example.org:9000"));
    EXPECT_FALSE(set_endpoint(location, "https://minio.example.org/path"));
    EXPECT_FALSE(set_endpoint(location, "minio"));
}

}  // namespace
}  // namespace herder::s3
