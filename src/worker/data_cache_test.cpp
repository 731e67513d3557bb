#include "worker/data_cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "worker/child_process_fixture.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

// Each makes a cache of its own over the same folder, as agents do.
class DataCacheTest : public ::testing::Test {
  protected:
    std::string at(const std::string& name) const { return folder_.path() + "/" + name; }
    DataCache cache(DataCache::Say say = [](const std::string&) {}) const {
        return {at("cache"), {megabytes(10), Bytes{}}, std::move(say)};
    }
    static void write(const std::string& path, const std::string& content) {
        std::ofstream(path, std::ios::binary) << content;
    }
    static std::string read(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Brings it to `name`; counts what had to be fetched.
    Status bring(DataCache& cache, const std::string& name, const std::string& sha256,
                 const std::string& called = "") {
        return cache.bring({sha256, called, at(name), never_}, [&] {
            ++fetched_;
            write(at(name), content_);
            return ok();
        });
    }
    std::unique_ptr<DataCache> open(const std::map<std::string, std::string>& variables) {
        return DataCache::open(variables, {at("job"), Bytes{}},
                               [this](const std::string& line) { said_ += line + "\n"; });
    }

    const std::string content_ = "the data set";
    TemporaryFolder folder_;
    http::CancelToken never_;
    int fetched_ = 0;
    std::string said_;
    const std::string hash_ = sha256_hex(content_);
    // Makes the folders.
    const bool is_ready_ =
        CacheEntries(at("cache"), {megabytes(10), Bytes{}}).prepare().has_value();
};

TEST_F(DataCacheTest, WhatOneHasFetchedTheNextOneHas) {
    ASSERT_TRUE(is_ready_);
    DataCache first = cache();
    DataCache second = cache();
    ASSERT_TRUE(bring(first, "a", hash_));
    ASSERT_TRUE(bring(second, "b", hash_));
    EXPECT_EQ(fetched_, 1);
    EXPECT_EQ(read(at("b")), content_);
    EXPECT_EQ(first.spared(), Bytes{});
    EXPECT_EQ(second.spared(), Bytes{12});
}

TEST_F(DataCacheTest, LeavesAJobItsDiskWhereThatIsItsOwnDiskToo) {
    const std::map<std::string, std::string> variables{{DataCache::kFolderVariable, at("cache")},
                                                       {DataCache::kSizeVariable, "10MB"}};
    const Bytes all{INT64_MAX / 4};
    const auto fetches = [&](const std::string& job_folder) {
        const auto say = [this](const std::string& line) { said_ += line; };
        const auto cache = DataCache::open(variables, {job_folder, all}, say);
        fetched_ = 0;
        if (cache) EXPECT_TRUE(bring(*cache, "a", hash_) && bring(*cache, "b", hash_));
        return fetched_;
    };
    EXPECT_EQ(fetches(at("job")), 2) << "there is no room for a copy";
    if (fs::space("/dev/shm").capacity == fs::space(folder_.path()).capacity)
        GTEST_SKIP() << "there is no other disk here";
    EXPECT_EQ(fetches("/dev/shm/job"), 1) << said_;
}

// On a disk of 300 kB, of which the job was promised 200.
TEST_F(DataCacheTest, WhatIsBeingFetchedIsNotKeptFreeForTheJobAsWell) {
    constexpr std::int64_t kDisk = 300'000;
    constexpr std::int64_t kJob = 200'000;
    const auto free = [this]() -> std::optional<std::int64_t> {
        std::int64_t taken = 0;
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
            taken += entry.is_regular_file() ? static_cast<std::int64_t>(entry.file_size()) : 0;
        return kDisk - taken;
    };
    DataCache narrow(at("cache"), {Bytes{kDisk}, Bytes{kJob}, free}, [](const std::string&) {});
    int fetched_meanwhile = 0;
    const auto fetch = [&] {
        write(at("large.part"), std::string(kJob - 1000, 'x'));
        EXPECT_TRUE(bring(narrow, "a", hash_) && bring(narrow, "b", hash_));
        fetched_meanwhile = fetched_;
        fs::rename(at("large.part"), at("large"));
        return ok();
    };
    ASSERT_TRUE(narrow.bring({sha256_hex("large"), "", at("large"), never_}, fetch));
    EXPECT_EQ(fetched_meanwhile, 1) << "there was room for a copy";
}

TEST_F(DataCacheTest, AnObjectIsKnownByItsName) {
    DataCache first = cache();
    DataCache second = cache();
    ASSERT_TRUE(bring(first, "a", "", "https://b/x \"e1\" 12"));
    ASSERT_TRUE(bring(second, "b", "", "https://b/x \"e1\" 12"));
    EXPECT_EQ(fetched_, 1);
    ASSERT_TRUE(bring(second, "c", "", "https://b/x \"e2\" 12"));
    EXPECT_EQ(fetched_, 2) << "another version of it";
}

TEST_F(DataCacheTest, WhatIsDamagedIsFetchedAnewAndTold) {
    DataCache first = cache();
    ASSERT_TRUE(bring(first, "a", hash_));
    for (const auto& entry : fs::recursive_directory_iterator(at("cache/contents"))) {
        if (entry.is_regular_file()) write(entry.path(), "the data sat");
    }
    DataCache second = cache([this](const std::string& line) { said_ += line; });
    ASSERT_TRUE(bring(second, "b", hash_));
    EXPECT_EQ(fetched_, 2);
    EXPECT_EQ(read(at("b")), content_);
    EXPECT_NE(said_.find("held a damaged copy (" + hash_ + "); it is fetched anew"),
              std::string::npos)
        << said_;
    ASSERT_TRUE(bring(first, "c", hash_));
    EXPECT_EQ(fetched_, 2) << "it is whole again";
}

TEST_F(DataCacheTest, WhatCannotBeFetchedIsAnErrorAndLeavesNothing) {
    DataCache only = cache();
    const Status done =
        only.bring({hash_, "", at("a"), never_}, [] { return Status(not_found("gone")); });
    EXPECT_EQ(done.error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(bring(only, "a", hash_));
    EXPECT_EQ(fetched_, 1);
}

TEST_F(DataCacheTest, TwoProcessesFetchItOnce) {
    ChildProcess other([&](const ChildProcess::Place& place) {
        DataCache theirs = cache();
        const Status done = theirs.bring({hash_, "", at("theirs"), never_}, [&] {
            place.stop_here();
            write(at("theirs"), content_);
            return ok();
        });
        return done.has_value();
    });
    other.wait_until_there();
    DataCache ours = cache([&](const std::string& line) {
        said_ += line;
        other.go_on();
    });
    ASSERT_TRUE(bring(ours, "ours", hash_));
    ASSERT_NE(said_, "") << "it did not wait";
    EXPECT_TRUE(other.join());
    EXPECT_EQ(fetched_, 0);
    EXPECT_EQ(read(at("ours")), content_);
    EXPECT_EQ(said_, "waiting for data that is being fetched on this host already");
}

TEST_F(DataCacheTest, AFetchThatIsKilledIsDoneByWhoeverWaitsForIt) {
    ChildProcess other([&](const ChildProcess::Place& place) {
        DataCache theirs = cache();
        const Status done = theirs.bring({hash_, "", at("theirs"), never_}, [&] {
            write(at("theirs"), "the da");
            place.stop_here();
            return ok();
        });
        return done.has_value();
    });
    other.wait_until_there();
    DataCache ours = cache([&](const std::string&) { other.kill(); });
    ASSERT_TRUE(bring(ours, "ours", hash_));
    EXPECT_EQ(fetched_, 1);
    EXPECT_EQ(read(at("ours")), content_);
    ASSERT_TRUE(bring(ours, "again", hash_));
    EXPECT_EQ(fetched_, 1);
}

TEST_F(DataCacheTest, PiecesAreKeptTheSameWay) {
    const auto fetch = [&]() -> Result<std::string> {
        ++fetched_;
        return content_;
    };
    DataCache first = cache();
    DataCache second = cache();
    EXPECT_EQ(*first.bring_piece({hash_, content_.size(), never_}, fetch), content_);
    EXPECT_EQ(*second.bring_piece({hash_, content_.size(), never_}, fetch), content_);
    EXPECT_EQ(fetched_, 1);
    EXPECT_EQ(second.spared(), Bytes{12});
}

TEST_F(DataCacheTest, TheVariablesSayWhere) {
    EXPECT_EQ(open({}), nullptr);
    EXPECT_EQ(said_, "");
    const auto opened =
        open({{"HERDER_CACHE_DIR", at("new/one")}, {"HERDER_CACHE_SIZE_MAX", "1MB"}});
    ASSERT_NE(opened, nullptr);
    ASSERT_TRUE(bring(*opened, "a", hash_));
    EXPECT_FALSE(fs::is_empty(at("new/one/contents")));
}

TEST_F(DataCacheTest, WhatCannotBeUsedIsToldAndDoneWithout) {
    write(at("file"), "");
    EXPECT_EQ(open({{"HERDER_CACHE_DIR", "cache"}}), nullptr);
    EXPECT_EQ(open({{"HERDER_CACHE_DIR", at("file/cache")}}), nullptr);
    EXPECT_EQ(open({{"HERDER_CACHE_DIR", at("c")}, {"HERDER_CACHE_SIZE_MAX", "much"}}), nullptr);
    EXPECT_NE(said_.find("without the host's cache: HERDER_CACHE_DIR is 'cache', which is no full"),
              std::string::npos)
        << said_;
    EXPECT_NE(said_.find("file/cache"), std::string::npos) << said_;
    EXPECT_NE(said_.find("HERDER_CACHE_SIZE_MAX: 'much' is not a size"), std::string::npos)
        << said_;
}

}  // namespace
}  // namespace herder
