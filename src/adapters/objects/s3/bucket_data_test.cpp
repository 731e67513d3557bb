#include "adapters/objects/s3/bucket_data.h"

#include "adapters/objects/s3/scripted_server_fixture.h"

namespace herder::s3 {
namespace {

using BucketDataTest = S3Fixture;

std::string page(const std::vector<std::string>& keys, const std::string& token = "") {
    std::string text = "<ListBucketResult>";
    for (const std::string& key : keys)
        text += "<Contents><Key>" + key + "</Key><Size>3</Size><ETag>\"e\"</ETag></Contents>";
    if (!token.empty())
        text += "<IsTruncated>true</IsTruncated><NextContinuationToken>" + token +
                "</NextContinuationToken>";
    return text + "</ListBucketResult>";
}

TEST(DataPlace, IsABucketAndAnyKey) {
    const auto folder = parse_data_place("s3://bucket/date=2024 b/x/?endpoint=http://127.0.0.1:1");
    ASSERT_TRUE(folder);
    EXPECT_EQ(folder->key, "date=2024 b/x/");
    EXPECT_TRUE(folder->is_folder());
    EXPECT_EQ(folder->location.endpoint, "http://127.0.0.1:1");
    EXPECT_EQ(folder->location.prefix, "");
    EXPECT_EQ(parse_data_place("s3://bucket")->key, "");
    EXPECT_EQ(parse_data_place("s3://bucket?region=x")->location.region, "x");
    const auto odd = parse_data_place("s3://bucket/what?.bin");
    EXPECT_EQ(odd->key, "what?.bin");
    EXPECT_FALSE(odd->is_folder());
    EXPECT_FALSE(parse_data_place("gs://bucket/x"));
    EXPECT_FALSE(parse_data_place("s3:///x"));
}

TEST_F(BucketDataTest, AFolderIsListedToItsEnd) {
    server.will_answer({answer(200), answer(200, page({"d/", "d/b", "d/sub/"}, "more")),
                        answer(200, page({"d/a=1/c d"}))});
    const auto client = open();
    const auto files = list_data(*client, *parse_data_place("s3://bucket/d/"), 9);
    ASSERT_TRUE(files);
    EXPECT_EQ(*files,
              (std::vector<BucketFile>{{"a=1/c d", Bytes{3}, "\"e\""}, {"b", Bytes{3}, "\"e\""}}));
    EXPECT_NE(server.asked().back().target.find("continuation-token=more"), std::string::npos);
}

TEST_F(BucketDataTest, WhatCannotBeFilesIsRefused) {
    const auto client = open();
    const DataPlace place = *parse_data_place("s3://bucket/d/");
    for (const char* key : {"d/../x", "d//x"}) {
        server.will_answer({answer(200, page({key}))});
        EXPECT_EQ(list_data(*client, place, 9).error().code, ErrorCode::kInvalid) << key;
    }
    server.will_answer({answer(200, page({"d/a", "d/b"}))});
    EXPECT_NE(list_data(*client, place, 1).error().message.find("more than 1 files"),
              std::string::npos);
    server.will_answer({answer(200, page({}))});
    EXPECT_EQ(list_data(*client, place, 9).error().code, ErrorCode::kNotFound);
    server.will_answer({refusal(403, "AccessDenied")});
    EXPECT_EQ(list_data(*client, place, 9).error().code, ErrorCode::kForbidden);
}

TEST_F(BucketDataTest, OneObjectIsLookedAt) {
    const auto client = open();
    const DataPlace place = *parse_data_place("s3://bucket/d/x.bin");
    server.will_answer({answer(200, "12345", {{"ETag", "\"e\""}})});
    const auto files = list_data(*client, place, 9);
    ASSERT_TRUE(files);
    EXPECT_EQ(*files, (std::vector<BucketFile>{{"x.bin", Bytes{5}, "\"e\""}}));
    EXPECT_EQ(server.asked().back().method, "HEAD");
    server.will_answer({answer(404)});
    const auto none = list_data(*client, place, 9);
    EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
    EXPECT_NE(none.error().message.find("write a slash at its end"), std::string::npos);
}

TEST_F(BucketDataTest, SignsTheKeyItself) {
    const auto client = open();
    const auto of = [&](const char* source, const char* path) {
        return *sign_data(*client, *parse_data_place(source), path, hours(1));
    };
    EXPECT_NE(of("s3://bucket/d/", "a b").find("/bucket/d/a%20b?"), std::string::npos);
    EXPECT_NE(of("s3://bucket/d/x.bin", "other").find("/bucket/d/x.bin?"), std::string::npos);
}

}  // namespace
}  // namespace herder::s3
