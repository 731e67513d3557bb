#include "base/bucket_address.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

constexpr BucketScheme kAmazon = BucketScheme::kAmazon;
constexpr BucketScheme kGoogle = BucketScheme::kGoogle;
constexpr BucketScheme kAzure = BucketScheme::kAzure;

TEST(BucketAddress, IsReadInEverySpelling) {
    const struct {
        const char* text;
        BucketAddress address;
    } table[] = {
        {"s3://b", {kAmazon, "", "b"}},
        {"s3://b/", {kAmazon, "", "b"}},
        {"s3://b/d/", {kAmazon, "", "b", "d/"}},
        {"s3://Old_Bucket/a b/c=1.bin", {kAmazon, "", "Old_Bucket", "a b/c=1.bin"}},
        {"s3://b/what?.bin", {kAmazon, "", "b", "what?.bin"}},
        {"s3://b?region=eu", {kAmazon, "", "b", "", "region=eu"}},
        {"s3://b/a?b?endpoint=http://h:1&region=eu",
         {kAmazon, "", "b", "a?b", "endpoint=http://h:1&region=eu"}},
        {"gs://b.example.org/d/x", {kGoogle, "", "b.example.org", "d/x"}},
        {"gs://b/%20", {kGoogle, "", "b", "%20"}},
        {"az://account1/box", {kAzure, "account1", "box"}},
        {"az://account1/my-box/d/x y", {kAzure, "account1", "my-box", "d/x y"}},
        {"az://account1/$web/d/", {kAzure, "account1", "$web", "d/"}},
        {"az://account1/box/d/?endpoint=http://h",
         {kAzure, "account1", "box", "d/", "endpoint=http://h"}},
        {"https://account1.blob.core.windows.net/box/d/", {kAzure, "account1", "box", "d/"}},
        {"https://storage.googleapis.com/b/d/x", {kGoogle, "", "b", "d/x"}},
        {"https://storage.cloud.google.com/b/d/", {kGoogle, "", "b", "d/"}},
        {"https://my.b.storage.googleapis.com/d/", {kGoogle, "", "my.b", "d/"}},
    };
    for (const auto& [text, wanted] : table) {
        const auto address = parse_bucket_address(text);
        ASSERT_TRUE(address) << text << ": " << address.error().message;
        EXPECT_EQ(*address, wanted) << text;
        EXPECT_TRUE(is_bucket_address(text)) << text;
        EXPECT_EQ(*parse_bucket_address(to_text(*address)), wanted) << to_text(*address);
    }
}

TEST(BucketAddress, RefusalsSayHowToWriteIt) {
    const struct {
        const char* text;
        const char* told;
    } table[] = {
        {"", "s3://BUCKET/PATH, gs://BUCKET/PATH or az://ACCOUNT/CONTAINER/PATH"},
        {"bucket/x", "begins with no scheme"},
        {"https://example.org/b/x", "begins with no scheme"},
        {"s3://", "names no bucket; write s3://BUCKET/PATH"},
        {"s3:///x", "names no bucket"},
        {"s3://.b/x", "names no bucket"},
        {"gs://b c/x", "names no bucket; write gs://BUCKET/PATH"},
        {"s3://b?color=red", "has 'color=red', which nothing knows"},
        {"az://", "names no account; write az://ACCOUNT/CONTAINER/PATH"},
        {"az://my-box/x", "names no account"},
        {"az://account1", "names no container"},
        {"az://account1/b/x", "names no container"},
        {"az://account1/Box", "names no container"},
        {"https://account1.blob.core.windows.net/", "names no container"},
        {"https://account1.blob.core.windows.net/box/a%20b/", "with the name as it is"},
        {"https://storage.googleapis.com/b/x?X-Goog-Signature=1", "gs://BUCKET/PATH"},
    };
    for (const auto& [text, told] : table) {
        const auto address = parse_bucket_address(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code, ErrorCode::kInvalid);
        EXPECT_NE(address.error().message.find(told), std::string::npos) << address.error().message;
    }
}

TEST(BucketAddress, IsToldFromOtherSources) {
    for (const char* text :
         {"", "folder", "/s3://b", "herder://j1/x", "https://example.org/x",
          "http://account1.blob.core.windows.net/box/", "https://blob.core.windows.net/box/"})
        EXPECT_FALSE(is_bucket_address(text)) << text;
    EXPECT_TRUE(is_bucket_address("az://"));
}

TEST(BucketAddress, IsShownWithoutSettings) {
    EXPECT_EQ(without_settings("s3://b/d/?endpoint=http://h"), "s3://b/d/");
    EXPECT_EQ(without_settings("s3://b/what?.bin"), "s3://b/what?.bin");
}

}  // namespace
}  // namespace herder
