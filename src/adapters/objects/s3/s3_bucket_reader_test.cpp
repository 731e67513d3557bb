#include "adapters/objects/s3/s3_bucket_reader.h"

#include "adapters/objects/s3/scripted_server_fixture.h"

namespace herder::s3 {
namespace {

struct S3BucketReaderTest : S3Fixture {
    S3BucketReader reader{open()};
};

TEST_F(S3BucketReaderTest, GoesOnWhereAPageEnds) {
    server.will_answer(
        {answer(200,
                "<ListBucketResult><Contents><Key>d/a b</Key><Size>3</Size>"
                "<ETag>\"e\"</ETag></Contents><IsTruncated>true</IsTruncated>"
                "<NextContinuationToken>more</NextContinuationToken></ListBucketResult>"),
         answer(200, "<ListBucketResult></ListBucketResult>")});
    const auto page = reader.page("d/", "");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->objects, (std::vector<remote::BucketObject>{{"d/a b", Bytes{3}, "\"e\""}}));
    EXPECT_TRUE(reader.page("d/", page->token)->token.empty());
    EXPECT_NE(server.asked().back().target.find("continuation-token=more"), std::string::npos);
    server.will_answer({refusal(403, "AccessDenied")});
    EXPECT_EQ(reader.page("d/", "").error().code, ErrorCode::kForbidden);
}

TEST_F(S3BucketReaderTest, TellsAMissingObjectFromAMissingBucket) {
    server.will_answer({answer(200, "12345", {{"ETag", "\"e\""}})});
    const auto found = reader.look("d/x.bin");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(**found, (remote::BucketObject{"d/x.bin", Bytes{5}, "\"e\""}));
    EXPECT_EQ(server.asked().back().method, "HEAD");
    server.will_answer({answer(404), answer(200, "<ListBucketResult></ListBucketResult>")});
    const auto none = reader.look("d/x.bin");
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_FALSE(*none);
    server.will_answer({answer(404), refusal(404, "NoSuchBucket")});
    EXPECT_NE(reader.look("x").error().message.find("there is no bucket bucket"),
              std::string::npos);
    // Who may not list is told of the object all the same.
    server.will_answer({answer(404), refusal(403, "AccessDenied")});
    EXPECT_TRUE(reader.look("x"));
}

TEST_F(S3BucketReaderTest, SignsAnyKey) {
    EXPECT_NE(reader.sign("d/a b", hours(1))->find("/bucket/d/a%20b?"), std::string::npos);
}

}  // namespace
}  // namespace herder::s3
