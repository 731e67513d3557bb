#include "adapters/objects/az/azure_bucket_reader.h"

#include "adapters/objects/az/azure_fixture.h"

namespace herder::az {
namespace {

struct AzureBucketReaderTest : AzureFixture {
    AzureBucketReader reader{open()};
};

TEST_F(AzureBucketReaderTest, GoesOnWhereAPageEndsAndQuotesWhatConditionsWant) {
    server.will_answer(
        {answer(200,
                "<EnumerationResults><Blobs><Blob><Name>d/a b</Name><Properties><Etag>0x1</Etag>"
                "<Content-Length>3</Content-Length></Properties></Blob></Blobs>"
                "<NextMarker>more</NextMarker></EnumerationResults>"),
         answer(200, "<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>")});
    const auto page = reader.page("d/", "");
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->objects, (std::vector<remote::BucketObject>{{"d/a b", Bytes{3}, "\"0x1\""}}));
    EXPECT_TRUE(reader.page("d/", page->token)->token.empty());
    EXPECT_NE(server.asked().back().target.find("marker=more"), std::string::npos);
}

TEST_F(AzureBucketReaderTest, TellsAMissingBlobFromAMissingContainer) {
    server.will_answer({answer(200, "12345", {{"ETag", "\"0x1\""}})});
    const auto found = reader.look("d/x.bin");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(**found, (remote::BucketObject{"d/x.bin", Bytes{5}, "\"0x1\""}));
    EXPECT_EQ(server.asked().back().method, "HEAD");
    server.will_answer({refusal(404, "BlobNotFound")});
    const auto none = reader.look("d/x.bin");
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_FALSE(*none);
    server.will_answer({refusal(404, "ContainerNotFound")});
    EXPECT_NE(reader.look("x").error().message.find("there is no container box"),
              std::string::npos);
}

TEST_F(AzureBucketReaderTest, SignsOneBlobForReadingAlone) {
    const auto url = reader.sign("d/a b", hours(1));
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_NE(url->find("/account1/box/d/a%20b?"), std::string::npos) << *url;
    EXPECT_NE(url->find("sr=b&sp=r&"), std::string::npos) << *url;
    AzureBucketReader bound(open({"account1", "", "sv=1&sig=x", ""}));
    const auto none = bound.sign("d/a", hours(1));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("AZURE_STORAGE_KEY"), std::string::npos);
}

}  // namespace
}  // namespace herder::az
