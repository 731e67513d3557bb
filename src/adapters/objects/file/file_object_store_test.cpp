#include "adapters/objects/file/file_object_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/conformance/object_store_conformance.h"

namespace herder {

struct FilePlace {
    FilePlace() {
        std::string name = ::testing::TempDir() + "herder-objects-XXXXXX";
        folder = ::mkdtemp(name.data());
    }
    ~FilePlace() { std::filesystem::remove_all(folder); }
    FilePlace(const FilePlace&) = delete;
    FilePlace& operator=(const FilePlace&) = delete;

    std::unique_ptr<FileObjectStore> open_file_store() const {
        FileStoreOptions options;
        options.folder = folder + "/store";
        options.secret = std::string(32, 's');
        options.base_url = [] { return std::string("https://127.0.0.1:8470"); };
        options.quota = quota;
        auto store = FileObjectStore::open(std::move(options));
        EXPECT_TRUE(store) << store.error().message;
        return store ? std::move(*store) : nullptr;
    }
    std::unique_ptr<ObjectStore> open() const { return open_file_store(); }
    static WallTime now() { return WallTime{1'800'000'000'000'000}; }

    std::string folder;
    Bytes quota;
};
INSTANTIATE_TYPED_TEST_SUITE_P(File, ObjectStoreConformance, FilePlace);

namespace {

namespace fs = std::filesystem;

class FileStore : public ::testing::Test {
  protected:
    std::string spool(const std::string& data) {
        const std::string path = store->spool_folder() + "/upload-" + std::to_string(++uploads);
        std::ofstream(path, std::ios::binary) << data;
        return path;
    }
    std::string objects() const { return place.folder + "/store/objects"; }

    FilePlace place;
    std::unique_ptr<FileObjectStore> store = place.open_file_store();
    int uploads = 0;
};

TEST_F(FileStore, LinksLeadNowhere) {
    fs::create_directory(place.folder + "/outside");
    std::ofstream(place.folder + "/outside/secret") << "secret";
    fs::create_directory_symlink(place.folder + "/outside", objects() + "/link");
    fs::create_symlink(place.folder + "/outside/secret", objects() + "/file");
    EXPECT_EQ(store->get("link/secret", 100).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store->get("file", 100).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(store->put("link/new", "x", false));
    EXPECT_FALSE(fs::exists(place.folder + "/outside/new"));
    EXPECT_FALSE(store->remove("link/secret"));
    EXPECT_FALSE(store->file_of("file"));
    EXPECT_TRUE(store->list("", 10)->empty());
    // Replacing the link itself is fine; what it led to stays.
    EXPECT_TRUE(store->put("file", "x", false));
    EXPECT_EQ(fs::file_size(place.folder + "/outside/secret"), 6U);
}

TEST_F(FileStore, QuotaIsKeptAndFreedAgain) {
    place.quota = Bytes{1'000};
    store.reset();
    store = place.open_file_store();
    ASSERT_TRUE(store->put("a", std::string(600, 'x'), false));
    const Status full = store->put("dir/b", std::string(600, 'x'), false);
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, ErrorCode::kNoCapacity);
    EXPECT_FALSE(fs::exists(objects() + "/dir"));
    EXPECT_TRUE(store->put("a", std::string(900, 'x'), false));
    EXPECT_EQ(store->used(), Bytes{900});
    store.reset();
    store = place.open_file_store();
    EXPECT_EQ(store->used(), Bytes{900});
    EXPECT_TRUE(store->remove("a"));
    EXPECT_EQ(store->used(), Bytes{});
    EXPECT_TRUE(store->put("dir/b", std::string(600, 'x'), false));
}

TEST_F(FileStore, AdoptMovesAnUploadInAndKnowsItsChecksum) {
    const std::string file = spool("uploaded");
    ASSERT_TRUE(store->adopt("v1/o/0000", file, crc32c("uploaded"), true));
    EXPECT_FALSE(fs::exists(file));
    const auto info = store->head("v1/o/0000");
    ASSERT_TRUE(info);
    EXPECT_EQ(info->crc32c, crc32c("uploaded"));
    EXPECT_EQ(store->file_of("v1/o/0000").value(), objects() + "/v1/o/0000");
}

TEST_F(FileStore, RepeatedUploadIsFineAndADifferentOneIsNot) {
    ASSERT_TRUE(store->adopt("a", spool("uploaded"), crc32c("uploaded"), true));
    EXPECT_TRUE(store->adopt("a", spool("uploaded"), crc32c("uploaded"), true));
    const std::string other = spool("tampered");
    const Status refused = store->adopt("a", other, crc32c("tampered"), true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    EXPECT_FALSE(fs::exists(other));
    EXPECT_EQ(store->get("a", 100).value(), "uploaded");
    EXPECT_TRUE(store->adopt("a", spool("replaced"), crc32c("replaced"), false));
    EXPECT_EQ(store->get("a", 100).value(), "replaced");
}

TEST_F(FileStore, ChecksumIsThatOfTheContentAfterAChangeBehindItsBack) {
    ASSERT_TRUE(store->adopt("a", spool("uploaded"), crc32c("uploaded"), true));
    std::ofstream(objects() + "/a", std::ios::binary) << "bit rot!";
    fs::last_write_time(objects() + "/a", fs::file_time_type::clock::now() + std::chrono::hours(1));
    EXPECT_EQ(store->head("a")->crc32c, crc32c("bit rot!"));
}

TEST_F(FileStore, LeftoversOfAnInterruptedUploadGoAtTheNextStart) {
    const std::string file = spool("half");
    store.reset();
    store = place.open_file_store();
    EXPECT_FALSE(fs::exists(file));
    EXPECT_TRUE(store->list("", 10)->empty());
}

TEST_F(FileStore, EverythingIsPrivate) {
    ASSERT_TRUE(store->put("v1/a", "x", false));
    struct stat info{};
    for (const std::string& path : {place.folder + "/store", objects(), objects() + "/v1"}) {
        ASSERT_EQ(::stat(path.c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0700U) << path;
    }
    ASSERT_EQ(::stat((objects() + "/v1/a").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(FileStore, KeyThroughAnObjectIsAConflict) {
    ASSERT_TRUE(store->put("a", "x", false));
    EXPECT_EQ(store->put("a/b", "x", false).error().code, ErrorCode::kConflict);
    ASSERT_TRUE(store->put("c/d", "x", false));
    EXPECT_EQ(store->put("c", "x", false).error().code, ErrorCode::kConflict);
    EXPECT_EQ(store->get("c/d", 10).value(), "x");
}

TEST_F(FileStore, SignedUrlLeadsToTheServerAndVerifies) {
    const WallTime expires{1'800'000'000'000'000};
    const std::string url = store->sign(UrlVerb::kGet, "v1/a", expires).value();
    EXPECT_TRUE(url.starts_with("https://127.0.0.1:8470/objects/v1/a?verb=get&expires=18000"));
    const std::string signature = url.substr(url.rfind('=') + 1);
    EXPECT_TRUE(store->signer().verify(UrlVerb::kGet, "v1/a", "1800000000", signature,
                                       WallTime{expires.us - 1}));
}

}  // namespace
}  // namespace herder
