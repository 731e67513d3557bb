#include "adapters/objects/remote/bucket_reader.h"

#include <gtest/gtest.h>

#include <map>

namespace herder::remote {
namespace {

using Files = std::vector<BucketFile>;

// Pages of two objects, in the order of the map.
struct FakeBucket : BucketReader {
    std::map<std::string, std::string> objects;
    bool signs = true;

    Result<BucketPage> page(const std::string& prefix, const std::string& token) override {
        BucketPage found;
        for (auto at = objects.upper_bound(token); at != objects.end(); ++at) {
            if (!at->first.starts_with(prefix)) continue;
            if (found.objects.size() == 2) {
                found.token = found.objects.back().key;
                break;
            }
            found.objects.push_back(object_at(at->first));
        }
        return found;
    }
    Result<std::optional<BucketObject>> look(const std::string& key) override {
        return objects.contains(key) ? std::optional(object_at(key)) : std::nullopt;
    }
    Result<std::string> sign(const std::string& key, Duration /*life*/) override {
        if (!signs) return invalid("no key to sign with");
        return "signed:" + key;
    }
    BucketObject object_at(const std::string& key) const {
        const std::string& content = objects.at(key);
        return {key, Bytes{static_cast<std::int64_t>(content.size())}, "\"" + content + "\""};
    }
};

struct BucketReaderTest : ::testing::Test {
    FakeBucket bucket;
    Result<Files> list(const std::string& source, std::size_t limit = 9) {
        return list_data(bucket, *parse_bucket_address(source), limit);
    }
};

TEST_F(BucketReaderTest, AFolderIsListedToItsEndInOrderOfPaths) {
    bucket.objects = {{"d/", ""},     {"d/B", "1"},  {"d/a=1/c d", "333"},
                      {"d/sub/", ""}, {"d/b", "22"}, {"other", "x"}};
    const auto files = list("az://account1/box/d/");
    ASSERT_TRUE(files) << files.error().message;
    EXPECT_EQ(*files, (Files{{"B", Bytes{1}, "\"1\""},
                             {"a=1/c d", Bytes{3}, "\"333\""},
                             {"b", Bytes{2}, "\"22\""}}));
    EXPECT_EQ(list("gs://b")->size(), 4U);
}

TEST_F(BucketReaderTest, OneObjectIsLookedAt) {
    bucket.objects = {{"d/x.bin", "12345"}};
    EXPECT_EQ(*list("gs://b/d/x.bin"), (Files{{"x.bin", Bytes{5}, "\"12345\""}}));
    const auto none = list("gs://b/d");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
    EXPECT_NE(
        none.error().message.find("nothing at gs://b/d; for all below a folder write a slash"),
        std::string::npos);
}

TEST_F(BucketReaderTest, WhatCannotBeFilesIsRefused) {
    for (const char* key : {"d/../x", "d//x"}) {
        bucket.objects = {{key, "x"}};
        EXPECT_EQ(list("s3://b/d/").error().code, ErrorCode::kInvalid) << key;
    }
    bucket.objects = {{"d/a", ""}, {"d/b", ""}};
    EXPECT_NE(list("s3://b/d/", 1).error().message.find("more than 1 files"), std::string::npos);
    const auto empty = list("s3://b/e/?region=eu");
    EXPECT_EQ(empty.error().code, ErrorCode::kNotFound);
    EXPECT_NE(empty.error().message.find("nothing at s3://b/e/; is its name right"),
              std::string::npos);
}

TEST_F(BucketReaderTest, SignsTheKeyItself) {
    const auto of = [&](const char* source, const char* path) {
        return *sign_data(bucket, *parse_bucket_address(source), path, hours(1));
    };
    EXPECT_EQ(of("s3://b/d/", "a b"), "signed:d/a b");
    EXPECT_EQ(of("s3://b/d/x.bin", "other"), "signed:d/x.bin");
}

TEST_F(BucketReaderTest, ThatNothingCanBeSignedIsToldAtOnce) {
    bucket.objects = {{"d/a", "x"}};
    bucket.signs = false;
    const auto files = list("gs://b/d/");
    ASSERT_FALSE(files);
    EXPECT_NE(files.error().message.find("signing URLs of gs://b/d/: no key to sign with"),
              std::string::npos);
}

}  // namespace
}  // namespace herder::remote
