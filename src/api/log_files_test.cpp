#include "api/log_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace herder::api {
namespace {

namespace fs = std::filesystem;

struct LogFilesTest : ::testing::Test {
    LogFilesTest() {
        std::string name = ::testing::TempDir() + "herder-logfiles-XXXXXX";
        folder = mkdtemp(name.data());
    }
    ~LogFilesTest() override { fs::remove_all(folder); }
    LogFiles::Options options() const { return {.folder = folder}; }
    // As if the store had all up to `end`, and this disk what comes from `local_begin` on.
    static void mark_stored(LogFiles& files, std::int64_t end, std::int64_t local_begin) {
        ASSERT_TRUE(files.change_index("j1/2.out", [&](LogIndex& index, std::int64_t) {
            index.stored = {{0, end, {}, std::string(64, 'a'), true}};
            index.local_begin = local_begin;
        }));
    }
    static std::vector<std::string> waiting(LogFiles& files) {
        std::vector<std::string> bases;
        for (const LogFiles::File& file : files.list()) {
            if (file.is_waiting) bases.push_back(file.base);
        }
        return bases;
    }
    std::string folder;
    const LogName out{{JobId{1}, Fence{2}}, "out", "a/b"};
};

TEST_F(LogFilesTest, NamesSayWhoseStreamItIs) {
    EXPECT_EQ(LogFiles::base_of(out).value(), "j1/2.out");
    EXPECT_EQ(LogFiles::base_of({out.attempt, "agent"}).value(), "j1/2.system");
    EXPECT_FALSE(LogFiles::base_of({out.attempt, "../out"}));
    EXPECT_TRUE(is_stream("stderr"));
    EXPECT_FALSE(is_stream(""));
}

TEST_F(LogFilesTest, AllStreamsOfAnAttemptBeginTogether) {
    LogFiles files(options());
    EXPECT_FALSE(files.index("j1/2.err"));
    ASSERT_TRUE(files.append(out, {0, "x"}));
    EXPECT_EQ(files.index("j1/2.err")->prefix, "v1/a_2fb/j1/attempts/2/logs/err/");
    EXPECT_EQ(files.read("j1/2.err", 0, 10), "") << "known to be empty: nobody asks the store";
    EXPECT_FALSE(files.read("j1/3.out", 0, 10).has_value()) << "not known here";
}

TEST_F(LogFilesTest, WhatIsDroppedIsNotReadAsZeros) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, std::string(1 << 20, 'x')}));
    const std::int64_t before = files.used();
    mark_stored(files, 1 << 20, 1 << 19);
    files.drop("j1/2.out", false);
    EXPECT_LT(files.used(), before);
    EXPECT_FALSE(files.read("j1/2.out", 0, 10).has_value());
    EXPECT_FALSE(files.read("j1/2.out", (1 << 19) - 1, 10).has_value());
    EXPECT_EQ(files.read("j1/2.out", 1 << 19, 3), "xxx");
    EXPECT_EQ(files.size("j1/2.out"), 1 << 20);
}

TEST_F(LogFilesTest, AFileThatLeftGoesOnAtItsPlace) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, "hello "}));
    mark_stored(files, 6, 6);
    files.drop("j1/2.out", true);
    EXPECT_FALSE(fs::exists(folder + "/j1/2.out.log"));
    EXPECT_EQ(files.append(out, {6, "world"}).value(), 11);
    EXPECT_EQ(files.read("j1/2.out", 6, 10), "world");
    EXPECT_FALSE(files.read("j1/2.out", 0, 10).has_value());
}

// The store has more than the disk had written when the power went.
TEST_F(LogFilesTest, WhatTheDiskLostAndTheStoreHasIsNotReadAsZeros) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, std::string(1000, 'x')}));
    mark_stored(files, 1000, 0);
    fs::resize_file(folder + "/j1/2.out.log", 400);
    ASSERT_EQ(files.append(out, {1000, "after"}), 1005);
    EXPECT_FALSE(files.read("j1/2.out", 500, 10).has_value()) << "the store has it";
    EXPECT_EQ(files.read("j1/2.out", 1000, 10), "after");
    EXPECT_EQ(files.index("j1/2.out")->local_begin, 1000);
}

TEST_F(LogFilesTest, WhatCameMeanwhileIsNotDropped) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, "hello "}));
    mark_stored(files, 6, 6);
    ASSERT_TRUE(files.append(out, {6, "world"}));
    files.drop("j1/2.out", true);
    EXPECT_EQ(files.read("j1/2.out", 6, 10), "world");
}

TEST_F(LogFilesTest, ADamagedIndexIsLikeNone) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, "hello"}));
    std::ofstream(folder + "/j1/2.out.index") << "herder-log 1 0 v1/x/\n0 5 0";
    EXPECT_FALSE(files.index("j1/2.out"));
    EXPECT_EQ(files.read("j1/2.out", 0, 10), "hello") << "what is here is read all the same";
}

TEST_F(LogFilesTest, WhatWasDroppedIsNoZerosEitherWhenTheIndexIsDamaged) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, std::string(1 << 20, 'x')}));
    mark_stored(files, 1 << 20, 1 << 19);
    files.drop("j1/2.out", false);
    std::ofstream(folder + "/j1/2.out.index") << "herder-log 1 0 v1/x/\n0 5 0";
    EXPECT_FALSE(files.read("j1/2.out", 0, 10).has_value());
    EXPECT_EQ(files.read("j1/2.out", 1 << 19, 3), "xxx");
    EXPECT_FALSE(files.read("j1/2.out", 1 << 20, 10).has_value()) << "the store may have more";
}

TEST_F(LogFilesTest, ALostBeginningIsLookedForInTheStore) {
    LogFiles files(options());
    EXPECT_EQ(files.append(out, {7, "world"}).error().code, ErrorCode::kInvalid);
    EXPECT_FALSE(files.index("j1/2.out")) << "an index would say that nothing is there";
}

TEST_F(LogFilesTest, ListsWhatWaitsForTheStore) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, "hello"}));
    EXPECT_EQ(waiting(files), std::vector<std::string>{"j1/2.out"});
    mark_stored(files, 5, 0);
    EXPECT_TRUE(waiting(files).empty());
    std::ofstream(folder + "/j1/2.out.index") << "damaged";
    EXPECT_EQ(waiting(files), std::vector<std::string>{"j1/2.out"}) << "nobody knows";
    fs::remove(folder + "/j1/2.out.index");
    EXPECT_EQ(waiting(files), std::vector<std::string>{"j1/2.out"}) << "nobody knows";
}

TEST_F(LogFilesTest, CountsWhatIsKeptAboutALog) {
    LogFiles files(options());
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE(files.append(
            out, {i, "x", {{i, WallTime{i * seconds(2).us}, WallTime{i * seconds(2).us}}}}));
    std::int64_t blocks = 0;
    for (const auto& entry : fs::directory_iterator(folder + "/j1")) {
        struct stat info{};
        ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
        blocks += info.st_blocks * 512;
    }
    EXPECT_EQ(files.used(), blocks) << "while it is written";
    (void)files.list();
    EXPECT_EQ(files.used(), blocks) << "and when it is counted anew";
}

TEST_F(LogFilesTest, WhatIsKeptAboutALogLeavesWithIt) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, "hello ", {{0, WallTime{5}, WallTime{5}}}}));
    files.forget("j1/2.out");
    EXPECT_EQ(files.size("j1/2.out"), 6) << "while some of it is here nothing is forgotten";
    mark_stored(files, 6, 6);
    files.drop("j1/2.out", true);
    EXPECT_FALSE(fs::exists(folder + "/j1/2.out.times"));
    for (const LogFiles::File& file : files.list())
        files.forget(file.base);
    EXPECT_TRUE(files.list().empty());
    EXPECT_EQ(files.used(), 0);
    EXPECT_EQ(files.append(out, {6, "world"}).error().code, ErrorCode::kInvalid)
        << "whoever asks again looks in the store";
    ASSERT_TRUE(files.append({out.attempt, "err", "a/b"}, {0, "oh"}));
    EXPECT_FALSE(files.index("j1/2.out")) << "an index would say that nothing is there";
}

TEST_F(LogFilesTest, ALogThatIsHereIsNotBegunAsNew) {
    LogFiles files(options());
    ASSERT_TRUE(files.append(out, {0, "hello"}));
    for (const char* part : {"out", "err", "system", "metrics"})
        fs::remove(folder + "/j1/2." + part + ".index");
    ASSERT_TRUE(files.append(out, {5, " world"}));
    EXPECT_FALSE(files.index("j1/2.out"));
    EXPECT_TRUE(files.index("j1/2.err"));
    EXPECT_EQ(files.find_prefix("j1/2.out"), "v1/a_2fb/j1/attempts/2/logs/out/");
    EXPECT_FALSE(files.find_prefix("j1/3.out"));
}

}  // namespace
}  // namespace herder::api
