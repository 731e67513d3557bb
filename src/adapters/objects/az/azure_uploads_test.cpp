// The requests of an upload; what an account makes of them is for tests/conformance.
#include "adapters/objects/az/azure_uploads.h"

#include "adapters/objects/az/azure_fixture.h"

namespace herder::az {
namespace {

struct AzureUploadsTest : AzureFixture {
    std::unique_ptr<AzureClient> client = open();
    AzureUploads uploads{*client, clock};

    PendingUpload start() {
        server.will_answer({answer(201)});
        const auto name = uploads.create("k");
        EXPECT_TRUE(name) << name.error().message;
        return {"k", name.value_or(""), {}};
    }
    static http::Response one_part() {
        return answer(200,
                      "<E><Blobs><Blob><Name>00001</Name><Properties><Etag>0x1</Etag>"
                      "<Content-Length>4</Content-Length></Properties></Blob></Blobs></E>");
    }
};

TEST_F(AzureUploadsTest, AnUploadIsAContainerThatSaysItsKey) {
    const PendingUpload upload = start();
    EXPECT_EQ(upload.upload.size(), 40U);
    EXPECT_EQ(upload.upload.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string::npos);
    EXPECT_EQ(server.asked()[0].method, "PUT");
    EXPECT_EQ(server.asked()[0].target, "/account1/" + upload.upload + "?restype=container");
    EXPECT_EQ(asked(0, "x-ms-meta-key"), "k");
    EXPECT_NE(start().upload, upload.upload);
}

TEST_F(AzureUploadsTest, PartsAreBlobsThere) {
    const PendingUpload upload = start();
    const auto url = uploads.sign_part(upload, 12, Bytes{4}, {}, clock.time + hours(1));
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->starts_with(server.url() + "/account1/" + upload.upload + "/00012?sv="))
        << *url;
    EXPECT_FALSE(uploads.sign_part(upload, 0, Bytes{4}, {}, clock.time));
    EXPECT_FALSE(uploads.sign_part(upload, 10'001, Bytes{4}, {}, clock.time));
    EXPECT_EQ(uploads.part_headers(1).at("x-ms-blob-type"), "BlockBlob");
}

TEST_F(AzureUploadsTest, CompletionCopiesCommitsAndRemoves) {
    const PendingUpload upload = start();
    server.will_answer(
        {one_part(), refusal(404, "BlobNotFound"), answer(201), answer(201), answer(202)});
    const Status done = uploads.complete(upload, {{1, Bytes{4}, "0x1", {}}});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(server.asked().size(), 5U);
    const http::Request copy = server.asked()[2];
    EXPECT_TRUE(copy.target.starts_with("/account1/box/pre/k?comp=block&blockid="));
    EXPECT_EQ(copy.headers.get("x-ms-source-if-match"), "\"0x1\"");
    EXPECT_NE(copy.headers.get("x-ms-copy-source")->find("/00001?"), std::string::npos);
    const http::Request commit = server.asked()[3];
    EXPECT_EQ(commit.target, "/account1/box/pre/k?comp=blocklist");
    EXPECT_EQ(commit.headers.get("x-ms-meta-herderupload"), upload.upload);
    EXPECT_EQ(server.asked()[4].method, "DELETE");
    EXPECT_EQ(server.asked()[4].target, "/account1/" + upload.upload + "?restype=container");
}

TEST_F(AzureUploadsTest, AStoreThatDoesNotCopyGetsThePartsThroughHere) {
    const PendingUpload upload = start();
    server.will_answer({one_part(), refusal(404, "BlobNotFound"), refusal(501, "NotImplemented"),
                        answer(200, "text"), answer(201), answer(201), answer(202)});
    ASSERT_TRUE(uploads.complete(upload, {{1, Bytes{4}, "0x1", {}}}));
    EXPECT_FALSE(uploads.copies_itself());
    EXPECT_EQ(server.asked().at(3).headers.get("if-match"), "\"0x1\"");
    EXPECT_EQ(server.asked().at(4).body, "text");
}

TEST_F(AzureUploadsTest, WhatCannotBeCopiedIsNotCommitted) {
    const PendingUpload upload = start();
    server.will_answer(
        {one_part(), refusal(404, "BlobNotFound"), refusal(412, "SourceConditionNotMet")});
    EXPECT_FALSE(uploads.complete(upload, {{1, Bytes{4}, "0x1", {}}}));
    EXPECT_EQ(server.asked().size(), 3U);
}

}  // namespace
}  // namespace herder::az
