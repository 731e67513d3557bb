#include "s3d/vault.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace herder::s3d {
namespace {

BlobPtr blob_of(Vault& vault, const std::string& text) {
    auto writer = vault.start_blob();
    EXPECT_TRUE(writer) << writer.error().message;
    EXPECT_TRUE((*writer)->append(text));
    return *(*writer)->finish();
}

Object object_of(Vault& vault, const std::string& text, const std::string& etag = "e1") {
    Object object;
    object.blob = blob_of(vault, text);
    object.etag = etag;
    return object;
}

Quirks small_parts() {
    Quirks quirks;
    quirks.part_size_min = 3;
    return quirks;
}

struct VaultTest : ::testing::Test {
    Vault vault{Keeping::kMemory, "", small_parts()};
    void put(const std::string& key) {
        EXPECT_FALSE(vault.put("b", key, object_of(vault, "x"), {}));
    }
    std::string start(std::vector<std::string> parts) {
        Upload upload;
        upload.key = "k";
        const std::string id = vault.create_upload("b", upload);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            Part part;
            part.blob = blob_of(vault, parts[i]);
            part.etag = to_etag(i);
            EXPECT_FALSE(vault.put_part("b", id, static_cast<int>(i) + 1, part));
        }
        return id;
    }
    static std::string to_etag(std::size_t i) { return std::string(32, char('a' + i)); }
    static std::vector<CompletedPart> all(std::size_t count) {
        std::vector<CompletedPart> parts;
        for (std::size_t i = 0; i < count; ++i)
            parts.push_back({static_cast<int>(i) + 1, to_etag(i), {}});
        return parts;
    }
    std::string code(const std::string& id, const std::vector<CompletedPart>& parts) {
        const auto outcome = vault.complete("b", "k", id, parts, {}, WallTime{1});
        return outcome.value ? "ok" : outcome.refusal.code;
    }
};

TEST_F(VaultTest, ConditionsHoldWhereTheyAreSupported) {
    put("k");
    EXPECT_EQ(vault.put("b", "k", object_of(vault, "y"), {.if_absent = true})->status, 412);
    EXPECT_EQ(vault.put("b", "k", object_of(vault, "y"), {.if_match = "other"})->status, 412);
    EXPECT_FALSE(vault.put("b", "k", object_of(vault, "y", "e2"), {.if_match = "e1"}));
    EXPECT_EQ(vault.put("b", "no", object_of(vault, "y"), {.if_match = "e1"})->status, 404);
    Vault refuses(Keeping::kMemory, "", {.conditional_put = Support::kRefused});
    EXPECT_EQ(refuses.put("b", "k", object_of(refuses, "x"), {.if_absent = true})->status, 501);
    Vault ignores(Keeping::kMemory, "", {.conditional_put = Support::kIgnored});
    for (int i = 0; i < 2; ++i)
        EXPECT_FALSE(ignores.put("b", "k", object_of(ignores, "x"), {.if_absent = true}));
}

TEST_F(VaultTest, ListsPageByPageAndRollsUp) {
    for (const char* key : {"a/1", "a/2", "b", "c/1", "d"})
        put(key);
    std::vector<std::string> seen;
    ListWish wish{.limit = 2};
    for (int pages = 0; pages < 10; ++pages) {
        const ListPage page = vault.list("b", wish);
        EXPECT_LE(page.objects.size(), 2U);
        for (const auto& [key, object] : page.objects)
            seen.push_back(key);
        if (page.next.empty()) break;
        wish.after = page.next;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"a/1", "a/2", "b", "c/1", "d"}));
    seen.clear();
    wish = {.delimiter = "/", .limit = 1};
    for (int pages = 0; pages < 10; ++pages) {
        const ListPage page = vault.list("b", wish);
        for (const auto& [key, object] : page.objects)
            seen.push_back(key);
        seen.insert(seen.end(), page.prefixes.begin(), page.prefixes.end());
        if (page.next.empty()) break;
        wish.after = page.next;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"a/", "b", "c/", "d"}));
}

TEST_F(VaultTest, LaggingListsShowNewObjectsLater) {
    Vault lagging(Keeping::kMemory, "", {.list_lag = 2});
    EXPECT_FALSE(lagging.put("b", "k", object_of(lagging, "x"), {}));
    EXPECT_TRUE(lagging.get("b", "k"));
    EXPECT_TRUE(lagging.list("b", {}).objects.empty());
    EXPECT_TRUE(lagging.list("b", {}).objects.empty());
    EXPECT_EQ(lagging.list("b", {}).objects.size(), 1U);
}

TEST_F(VaultTest, CompletesOnlyRightLists) {
    const std::string id = start({"abc", "def", "g"});
    auto wrong = all(3);
    wrong[1].etag = "no";
    EXPECT_EQ(code(id, wrong), "InvalidPart");
    auto swapped = all(3);
    std::swap(swapped[0], swapped[1]);
    EXPECT_EQ(code(id, swapped), "InvalidPartOrder");
    EXPECT_EQ(code(id, {}), "MalformedXML");
    EXPECT_EQ(code("no such", all(1)), "NoSuchUpload");
    EXPECT_EQ(code(id, all(3)), "ok");
    EXPECT_EQ(*read_all(*vault.get("b", "k")->blob), "abcdefg");
    EXPECT_TRUE(vault.get("b", "k")->etag.ends_with("-3"));
    EXPECT_EQ(code(id, all(3)), "ok");  // repeated
    EXPECT_TRUE(vault.uploads("b", "").empty());
}

TEST_F(VaultTest, SmallPartsAreRefusedButTheLast) {
    EXPECT_EQ(code(start({"ab", "cde"}), all(2)), "EntityTooSmall");
    EXPECT_EQ(code(start({"ab"}), all(1)), "ok");
}

TEST_F(VaultTest, AbortedUploadsTakeNothingMore) {
    const std::string id = start({"abc"});
    EXPECT_FALSE(vault.abort("b", id));
    EXPECT_EQ(vault.abort("b", id)->code, "NoSuchUpload");
    EXPECT_EQ(vault.put_part("b", id, 2, {})->code, "NoSuchUpload");
    EXPECT_EQ(code(id, all(1)), "NoSuchUpload");
    EXPECT_FALSE(vault.get("b", "k"));
}

TEST(VaultFolder, KeepsObjectsOverARestart) {
    const std::string folder = ::testing::TempDir() + "s3d-vault";
    std::filesystem::remove_all(folder);
    {
        Vault vault(Keeping::kFolder, folder, {});
        ASSERT_TRUE(vault.load());
        vault.create_bucket("b");
        EXPECT_FALSE(vault.put("b", "a/key", object_of(vault, "text"), {}));
        EXPECT_FALSE(vault.put("b", "gone", object_of(vault, "x"), {}));
        vault.remove("b", "gone");
    }
    Vault vault(Keeping::kFolder, folder, {});
    ASSERT_TRUE(vault.load());
    ASSERT_TRUE(vault.get("b", "a/key"));
    EXPECT_EQ(*read_all(*vault.get("b", "a/key")->blob), "text");
    EXPECT_EQ(vault.get("b", "a/key")->etag, "e1");
    EXPECT_FALSE(vault.get("b", "gone"));
}

}  // namespace
}  // namespace herder::s3d
