#pragma once
// Data of users, as a machine fetches it: by a signed URL, and only while it is what was listed.
#include <gtest/gtest.h>

#include <string>

#include "adapters/objects/remote/bucket_reader.h"
#include "adapters/objects/remote/probe_report.h"
#include "ports/object_store.h"

namespace herder {

// `store` puts objects where `folder` ("gs://BUCKET/d/") is, below the key "d/".
inline void expect_read_while_the_same(remote::BucketReader& reader, const std::string& folder,
                                       ObjectStore& store) {
    for (const char* key : {"d/a", "d/b", "d/c", "d/sub/d", "other"})
        ASSERT_TRUE(store.put(key, key, false));
    const BucketAddress place = *parse_bucket_address(folder);
    const auto files = remote::list_data(reader, place, 9);
    ASSERT_TRUE(files) << files.error().message;
    ASSERT_EQ(files->size(), 4U);
    EXPECT_EQ(files->back().path, "sub/d");
    const auto url = remote::sign_data(reader, place, "a", hours(1));
    ASSERT_TRUE(url) << url.error().message;
    http::Headers same;
    same.set("if-match", files->front().etag);
    EXPECT_EQ(remote::use_url({"GET", *url, "", same}, {}), 200);
    EXPECT_EQ(remote::use_url({"PUT", *url, "x", {}}, {}), 403);
    ASSERT_TRUE(store.put("d/a", "changed", false));
    EXPECT_EQ(remote::use_url({"GET", *url, "", same}, {}), 412);
    const auto one = remote::list_data(reader, *parse_bucket_address(folder + "a"), 9);
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(one->front().size, Bytes{7});
    EXPECT_NE(one->front().etag, files->front().etag);
    const auto none = remote::list_data(reader, *parse_bucket_address(folder + "none/"), 9);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
}

}  // namespace herder
