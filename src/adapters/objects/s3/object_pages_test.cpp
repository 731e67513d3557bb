#include "adapters/objects/s3/object_pages.h"

#include "adapters/objects/s3/scripted_server_fixture.h"

namespace herder::s3 {
namespace {

using ObjectPagesTest = S3Fixture;

TEST_F(ObjectPagesTest, SaysHowToGoOn) {
    const auto client = open();
    server.will_answer({answer(200, R"(<ListBucketResult>
        <Contents><Key>d/a</Key><Size>12</Size><ETag>"e"</ETag></Contents>
        <Contents><Key>other</Key><Size>1</Size></Contents>
        <IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>
        </ListBucketResult>)")});
    const auto page = list_page(*client, {.prefix = "d/", .token = "", .entries_max = 5000});
    ASSERT_TRUE(page);
    ASSERT_EQ(page->objects.size(), 1U);
    EXPECT_EQ(page->objects[0].key, "d/a");
    EXPECT_EQ(page->objects[0].size, Bytes{12});
    EXPECT_EQ(page->objects[0].etag, "\"e\"");
    EXPECT_EQ(page->token, "t");
    EXPECT_NE(server.asked().back().target.find("max-keys=1000"), std::string::npos);
}

TEST_F(ObjectPagesTest, AListingThatBreaksOffIsNone) {
    const auto client = open();
    server.will_answer(
        {answer(200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")});
    EXPECT_EQ(list_page(*client, {.prefix = "", .token = ""}).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace herder::s3
