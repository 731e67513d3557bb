#include "adapters/objects/remote/key_prefix.h"

#include <gtest/gtest.h>

namespace herder::remote {
namespace {

std::string prefix_in(const std::string& text) {
    const auto prefix = prefix_of(*parse_bucket_address(text));
    return prefix ? *prefix : prefix.error().message;
}

TEST(KeyPrefix, IsEmptyOrEndsWithASlash) {
    EXPECT_EQ(prefix_in("s3://b"), "");
    EXPECT_EQ(prefix_in("gs://b//"), "");
    EXPECT_EQ(prefix_in("az://account1/box/runs/a"), "runs/a/");
    EXPECT_EQ(prefix_in("s3://b/runs/a//?region=eu"), "runs/a/");
}

TEST(KeyPrefix, RefusesWhatNoKeyOfOursMayHave) {
    EXPECT_NE(prefix_in("s3://b/a b").find("other characters"), std::string::npos);
    EXPECT_NE(prefix_in("s3://b/../c").find("other characters"), std::string::npos);
    EXPECT_NE(prefix_in("s3://b/c?color=red").find("'color=red', which nothing knows"),
              std::string::npos);
}

TEST(KeyPrefix, ComesBackIntoTheAddress) {
    const BucketAddress plain = *parse_bucket_address("az://account1/box?endpoint=http://h");
    EXPECT_EQ(to_text(with_prefix(plain, "runs/a/")), "az://account1/box/runs/a?endpoint=http://h");
    EXPECT_EQ(to_text(with_prefix(plain, "")), "az://account1/box?endpoint=http://h");
}

}  // namespace
}  // namespace herder::remote
