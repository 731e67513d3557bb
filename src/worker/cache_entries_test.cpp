#include "worker/cache_entries.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

namespace fs = std::filesystem;
using Taken = CacheEntries::Taken;

constexpr std::int64_t kFile = 192 << 10;
constexpr std::int64_t kQuota = 640 << 10;  // three files, and a little

class CacheEntriesTest : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(entries_.prepare()); }
    std::string at(const std::string& name) const { return folder_.path() + "/" + name; }
    std::string cached(const std::string& hash) const {
        return at("cache/contents/" + hash.substr(0, 2) + "/" + hash);
    }
    static std::string content(char letter) { return std::string(kFile, letter); }
    std::string put(char letter) {
        std::ofstream(at("source"), std::ios::binary) << content(letter);
        return entries_.put(at("source"), "", never_).value_or("");
    }
    // As if it had been used last so much earlier.
    void age(const std::string& hash, std::int64_t seconds) const {
        struct stat info{};
        ASSERT_EQ(::stat(cached(hash).c_str(), &info), 0);
        info.st_mtim.tv_sec -= seconds;
        const std::array<timespec, 2> times{info.st_mtim, info.st_mtim};
        ASSERT_EQ(::utimensat(AT_FDCWD, cached(hash).c_str(), times.data(), 0), 0);
    }
    static std::string read(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    TemporaryFolder folder_;
    http::CancelToken never_;
    CacheEntries entries_{folder_.path() + "/cache", {Bytes{kQuota}, Bytes{}}};
};

TEST_F(CacheEntriesTest, GivesWhatWasPut) {
    EXPECT_EQ(entries_.take(sha256_hex(content('a')), at("x"), never_), Taken::kMissing);
    const std::string hash = put('a');
    EXPECT_EQ(hash, sha256_hex(content('a')));
    EXPECT_EQ(entries_.take(hash, at("x"), never_), Taken::kHere);
    EXPECT_EQ(read(at("x")), content('a'));
    entries_.write(sha256_hex("piece"), "piece");
    EXPECT_EQ(entries_.read(sha256_hex("piece"), 5), "piece");
    EXPECT_EQ(entries_.take("../../escape", at("x"), never_), Taken::kMissing)
        << "only hashes are names";
}

TEST_F(CacheEntriesTest, WhatAJobDoesToItsCopyStaysItsOwn) {
    const std::string hash = put('a');
    ASSERT_EQ(entries_.take(hash, at("x"), never_), Taken::kHere);
    std::fstream(at("x"), std::ios::in | std::ios::out) << "overwritten in place";
    std::fstream(at("source"), std::ios::in | std::ios::out) << "and what it came from";
    ASSERT_EQ(entries_.take(hash, at("y"), never_), Taken::kHere);
    EXPECT_EQ(read(at("y")), content('a'));
}

TEST_F(CacheEntriesTest, WhatIsDamagedIsNoticedAndThrownAway) {
    const std::string hash = put('a');
    std::fstream(cached(hash), std::ios::in | std::ios::out) << "b";
    EXPECT_EQ(entries_.take(hash, at("x"), never_), Taken::kDamaged);
    EXPECT_FALSE(fs::exists(at("x")));
    EXPECT_EQ(entries_.take(hash, at("x"), never_), Taken::kMissing);
    EXPECT_EQ(put('a'), hash);
    EXPECT_EQ(entries_.take(hash, at("x"), never_), Taken::kHere);
    entries_.write(sha256_hex("piece"), "piecf");
    EXPECT_FALSE(entries_.read(sha256_hex("piece"), 5));
    EXPECT_FALSE(fs::exists(cached(sha256_hex("piece"))));
}

TEST_F(CacheEntriesTest, WhatIsNotWhatItShouldBeIsNotKept) {
    std::ofstream(at("source")) << "alpha";
    EXPECT_FALSE(entries_.put(at("source"), sha256_hex("beta"), never_));
    EXPECT_FALSE(fs::exists(cached(sha256_hex("beta"))));
    EXPECT_TRUE(fs::is_empty(at("cache/partial")));
}

TEST_F(CacheEntriesTest, WhatWasUsedLeastRecentlyGoes) {
    const std::string a = put('a');
    const std::string b = put('b');
    const std::string c = put('c');
    age(a, 300);
    age(b, 200);
    age(c, 100);
    ASSERT_EQ(entries_.take(a, at("x"), never_), Taken::kHere);
    const std::string d = put('d');
    EXPECT_TRUE(fs::exists(cached(a))) << "it was used a moment ago";
    EXPECT_FALSE(fs::exists(cached(b)));
    EXPECT_TRUE(fs::exists(cached(c)));
    EXPECT_TRUE(fs::exists(cached(d)));
}

TEST_F(CacheEntriesTest, WhatOthersPutCountsToo) {
    CacheEntries other(at("cache"), {Bytes{kQuota}, Bytes{}});
    put('a');
    for (const char letter : {'b', 'c', 'd', 'e', 'f'}) {
        std::ofstream(at("source"), std::ios::binary) << content(letter);
        (letter % 2 == 0 ? entries_ : other).put(at("source"), "", never_);
    }
    std::int64_t used = 0;
    for (const auto& entry : fs::recursive_directory_iterator(at("cache/contents")))
        used += entry.is_regular_file() ? static_cast<std::int64_t>(entry.file_size()) : 0;
    EXPECT_LE(used, kQuota);
    EXPECT_GT(used, 0);
}

TEST_F(CacheEntriesTest, WhatIsLargerThanTheQuotaIsNotKept) {
    put('a');
    std::ofstream(at("source"), std::ios::binary) << std::string(kQuota + 1, 'x');
    EXPECT_FALSE(entries_.put(at("source"), "", never_));
    EXPECT_TRUE(fs::exists(cached(sha256_hex(content('a'))))) << "and nothing goes for it";
}

TEST_F(CacheEntriesTest, LeavesTheJobItsDisk) {
    const std::string hash = put('a');
    CacheEntries narrow(at("cache"), {Bytes{kQuota}, Bytes{INT64_MAX / 4}});
    ASSERT_TRUE(narrow.prepare());
    EXPECT_FALSE(fs::exists(cached(hash)));
    EXPECT_FALSE(narrow.put(at("source"), "", never_));
}

TEST_F(CacheEntriesTest, WhatTheJobHasBeenGivenIsNotKeptFreeForItAgain) {
    struct statvfs disk{};
    ASSERT_EQ(::statvfs(folder_.path().c_str(), &disk), 0);
    const auto free = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
    const Bytes promised{2 * free};
    CacheEntries narrow(at("cache"), {Bytes{kQuota}, promised});
    std::ofstream(at("source"), std::ios::binary) << content('a');
    EXPECT_FALSE(narrow.put(at("source"), "", never_));
    narrow.disk().note_given(promised);
    EXPECT_TRUE(narrow.put(at("source"), "", never_));
}

TEST_F(CacheEntriesTest, WhatIsNotWantedAnyMoreIsNotCopied) {
    const std::string hash = put('a');
    http::CancelToken over;
    over.cancel();
    EXPECT_EQ(entries_.take(hash, at("x"), over), Taken::kMissing);
    EXPECT_FALSE(fs::exists(at("x")));
    EXPECT_EQ(entries_.take(hash, at("x"), never_), Taken::kHere) << "and it is still there";
}

TEST_F(CacheEntriesTest, ClearsAwayWhatAKilledProcessLeftAndNothingElse) {
    std::ofstream(at("cache/partial/herder-dead")) << "half a f";
    std::ofstream(at("cache/partial/theirs")) << "data";
    std::ofstream(at("cache/partial/herder-alive")) << "half a f";
    const int fd = ::open(at("cache/partial/herder-alive").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(fd, LOCK_EX), 0);
    EXPECT_TRUE(CacheEntries(at("cache"), {Bytes{kQuota}, Bytes{}}).prepare());
    EXPECT_FALSE(fs::exists(at("cache/partial/herder-dead")));
    EXPECT_TRUE(fs::exists(at("cache/partial/theirs"))) << "the folder had been used by others";
    EXPECT_TRUE(fs::exists(at("cache/partial/herder-alive")));
    ::close(fd);
}

TEST_F(CacheEntriesTest, AFolderOfOthersStaysTheirs) {
    fs::create_directories(at("shared"));
    fs::permissions(at("shared"), fs::perms::all);
    ASSERT_TRUE(CacheEntries(at("shared"), {Bytes{kQuota}, Bytes{}}).prepare());
    EXPECT_EQ(fs::status(at("shared")).permissions(), fs::perms::all);
    EXPECT_EQ(fs::status(at("shared/contents")).permissions(), fs::perms::owner_all);
}

TEST_F(CacheEntriesTest, RemembersWhichContentANameHad) {
    const std::string hash = put('a');
    EXPECT_FALSE(entries_.content_of("https://b/x\n\"etag\"\n5"));
    entries_.note("https://b/x\n\"etag\"\n5", hash);
    EXPECT_EQ(entries_.content_of("https://b/x\n\"etag\"\n5"), hash);
    EXPECT_FALSE(entries_.content_of("https://b/x\n\"other\"\n5"));
}

TEST_F(CacheEntriesTest, AFolderThatCannotBeMadeIsAnError) {
    std::ofstream(at("file")) << "x";
    CacheEntries entries(at("file/cache"), {Bytes{kQuota}, Bytes{}});
    const Status prepared = entries.prepare();
    ASSERT_FALSE(prepared);
    EXPECT_NE(prepared.error().message.find("file/cache"), std::string::npos);
    EXPECT_FALSE(entries.put(at("file"), "", never_)) << "and it is no harm to ask";
}

}  // namespace
}  // namespace herder
