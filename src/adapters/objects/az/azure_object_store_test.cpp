#include "adapters/objects/az/azure_object_store.h"

#include <filesystem>
#include <fstream>

#include "adapters/objects/az/azure_fixture.h"

namespace herder::az {
namespace {

struct AzureObjectStoreTest : AzureFixture {
    AzureObjectStore store{open(), clock};
};

TEST_F(AzureObjectStoreTest, PutsSayWhatTheyMakeAndWhatItsMd5Is) {
    server.will_answer({answer(201)});
    ASSERT_TRUE(store.put("a", "text", true));
    EXPECT_EQ(server.asked()[0].target, "/account1/box/pre/a");
    EXPECT_EQ(asked(0, "x-ms-blob-type"), "BlockBlob");
    EXPECT_EQ(asked(0, "if-none-match"), "*");
    // Of "text".
    EXPECT_EQ(asked(0, "content-md5"), "HLJR7A1WjeapKbUgxK7Y0Q==");
}

TEST_F(AzureObjectStoreTest, AConflictAfterALostAnswerMayBeOurs) {
    server.will_answer(
        {refusal(500, "InternalError"), refusal(409, "BlobAlreadyExists"), answer(200, "text")});
    EXPECT_TRUE(store.put("a", "text", true));
    server.will_answer(
        {refusal(500, "InternalError"), refusal(409, "BlobAlreadyExists"), answer(200, "other")});
    EXPECT_EQ(store.put("a", "text", true).error().code, ErrorCode::kConflict);
    server.will_answer({refusal(409, "BlobAlreadyExists"), answer(200, "text")});
    EXPECT_EQ(store.put("a", "text", true).error().code, ErrorCode::kConflict);
}

TEST_F(AzureObjectStoreTest, FilesGoWithoutBeingHeld) {
    const std::string file = ::testing::TempDir() + "azure-store-file";
    std::ofstream(file) << "content";
    server.will_answer({answer(201)});
    EXPECT_TRUE(store.put_file("a", file, 0, false));
    EXPECT_EQ(server.asked()[0].body, "content");
    std::filesystem::remove(file);
    EXPECT_EQ(store.put_file("a", file, 0, false).error().code, ErrorCode::kNotFound);
}

TEST_F(AzureObjectStoreTest, UrlsAreForOneBlob) {
    const auto url = store.sign(UrlVerb::kGet, "a/b", clock.time + hours(1));
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_TRUE(
        url->starts_with(server.url() + "/account1/box/pre/a/b?sv=2021-08-06&sr=b&sp=r&se="))
        << *url;
}

}  // namespace
}  // namespace herder::az
