#include "adapters/objects/az/blob_pages.h"

#include "adapters/objects/az/azure_fixture.h"

namespace herder::az {
namespace {

using BlobPagesTest = AzureFixture;

// As the documentation of List Blobs shows it, read November 2026.
TEST_F(BlobPagesTest, AreReadWithTheirMarker) {
    const auto client = open();
    server.will_answer({answer(
        200,
        "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults "
        "ServiceEndpoint=\"http://a/\" ContainerName=\"box\"><Prefix>pre/</Prefix><Blobs>"
        "<Blob><Name>pre/a</Name><Properties><Last-Modified>Fri, 24 May 2013 00:00:00 GMT"
        "</Last-Modified><Etag>0x8D</Etag><Content-Length>7</Content-Length></Properties></Blob>"
        "<Blob><Name>pre/folder</Name><Properties><ResourceType>directory</ResourceType>"
        "</Properties></Blob></Blobs><NextMarker>m2</NextMarker></EnumerationResults>")});
    const auto page = list_page(*client, {"box", "pre/", "m1", {}});
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->blobs.size(), 1U);
    EXPECT_EQ(page->blobs[0].name, "pre/a");
    EXPECT_EQ(page->blobs[0].size, Bytes{7});
    EXPECT_EQ(page->blobs[0].etag, "0x8D");
    EXPECT_EQ(page->blobs[0].modified, clock.time);
    EXPECT_EQ(page->marker, "m2");
    EXPECT_EQ(server.asked()[0].target,
              "/account1/box?restype=container&comp=list&prefix=pre%2F&marker=m1");
}

TEST_F(BlobPagesTest, ThatRepeatThemselvesAreCorrupt) {
    const auto client = open();
    server.will_answer({answer(200, "<E><Blobs/><NextMarker>m1</NextMarker></E>")});
    EXPECT_EQ(list_page(*client, {"box", "", "m1", {}}).error().code, ErrorCode::kCorrupt);
    server.will_answer({answer(200, "no xml")});
    EXPECT_EQ(list_page(*client, {"box", "", "", {}}).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace herder::az
