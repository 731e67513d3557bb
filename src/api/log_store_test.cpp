#include "api/log_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/gzip_text.h"
#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

namespace fs = std::filesystem;

// A store that can be away.
class MoodyStore : public FakeUploadStore {
  public:
    Status put(const std::string& key, const std::string& data, bool absent) override {
        ++puts;
        if (is_away) return unavailable("no route to the store");
        return FakeUploadStore::put(key, data, absent);
    }
    Result<std::string> get(const std::string& key, std::size_t limit) override {
        ++gets;
        if (is_away) return unavailable("no route to the store");
        return FakeUploadStore::get(key, limit);
    }
    Status remove(const std::string& key) override {
        if (!may_remove) return Error{ErrorCode::kForbidden, "nothing may be deleted here"};
        return FakeUploadStore::remove(key);
    }
    bool is_away = false;
    bool may_remove = true;
    int puts = 0;
    int gets = 0;
};

class LogStoreTest : public ::testing::Test {
  protected:
    LogStoreTest() {
        std::string name = ::testing::TempDir() + "herder-logs-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    ~LogStoreTest() override { fs::remove_all(folder_); }

    LogStore::Options options(std::int64_t stream_limit = 1 << 30) const {
        LogStore::Options options;
        options.files.folder = folder_ + "/logs";
        options.files.stream_limit = stream_limit;
        options.tail = 1 << 20;
        return options;
    }
    // Lines of 64 bytes, each another one.
    static std::string lines(std::size_t from, std::size_t count) {
        std::string text;
        for (std::size_t i = from; i < from + count; ++i) {
            std::string line = "line " + std::to_string(i);
            line.resize(63, '.');
            text += line + "\n";
        }
        return text;
    }
    static std::string read_all(LogStore& logs, const LogName& name) {
        std::string all;
        for (;;) {
            const auto piece = logs.read(name, static_cast<std::int64_t>(all.size()), 1 << 16);
            EXPECT_TRUE(piece) << (piece ? "" : piece.error().message);
            if (!piece || piece->empty()) return all;
            all += *piece;
        }
    }
    std::int64_t disk_bytes() const {
        LogFiles files(options().files);
        (void)files.list();
        return files.used();
    }
    void store_all(LogStore& logs) {
        for (int rounds = 0; rounds < 10; ++rounds) {
            for (const auto& one : logs.waiting())
                ASSERT_TRUE(logs.store_next(one.base, false));
        }
    }

    MoodyStore objects_;
    std::string folder_;
    const LogName out_{{JobId{1}, Fence{2}}, "out"};
};

TEST_F(LogStoreTest, StoresOnceWhatComesTwiceAndRefusesGaps) {
    LogStore logs(options(), objects_);
    EXPECT_EQ(logs.append(out_, {0, "hello "}).value(), 6);
    EXPECT_EQ(logs.append(out_, {0, "hello "}).value(), 6);
    EXPECT_EQ(logs.append(out_, {3, "lo world"}).value(), 11);
    EXPECT_FALSE(logs.append(out_, {12, "gap"}));
    EXPECT_EQ(logs.read(out_, 0, 100).value(), "hello world");
    EXPECT_EQ(logs.read(out_, 6, 3).value(), "wor");
    EXPECT_EQ(logs.read(out_, 50, 3).value(), "");
}

// A backup of the data folder was put back, or the disk lost its newest bytes with the power.
TEST_F(LogStoreTest, FindsAgainInTheStoreWhatThisDiskLost) {
    const std::string all = lines(0, 100);
    {
        LogStore logs(options(), objects_);
        ASSERT_TRUE(logs.append(out_, {0, all.substr(0, 640)}));
        fs::copy(folder_ + "/logs", folder_ + "/backup", fs::copy_options::recursive);
        ASSERT_TRUE(logs.append(out_, {640, all.substr(640)}));
        store_all(logs);
    }
    fs::remove_all(folder_ + "/logs");
    fs::rename(folder_ + "/backup", folder_ + "/logs");
    LogStore logs(options(), objects_);
    const auto next = static_cast<std::int64_t>(all.size());
    EXPECT_EQ(logs.append(out_, {next, "after"}).error().code, ErrorCode::kInvalid);
    ASSERT_TRUE(logs.find_again(out_));
    ASSERT_EQ(logs.append(out_, {next, "after"}).value(), next + 5);
    EXPECT_EQ(read_all(logs, out_), all + "after");
    store_all(logs);
    fs::remove_all(folder_ + "/logs");
    LogStore empty(options(), objects_);
    EXPECT_EQ(read_all(empty, out_), all + "after");
}

TEST_F(LogStoreTest, WhatTheStoreDoesNotHaveIsNotFoundAgain) {
    LogStore logs(options(), objects_);
    ASSERT_TRUE(logs.append(out_, {0, "hello"}));
    store_all(logs);
    ASSERT_TRUE(logs.append(out_, {5, " world"}));
    ASSERT_TRUE(logs.find_again(out_));
    EXPECT_EQ(logs.size(out_), 11);
    EXPECT_EQ(read_all(logs, out_), "hello world");
    EXPECT_FALSE(logs.append(out_, {12, "gap"}));
}

TEST_F(LogStoreTest, AgentsAndPeopleNameTheSameStreams) {
    LogStore logs(options(), objects_);
    EXPECT_TRUE(logs.append({out_.attempt, "stdout"}, {0, "hi"}));
    EXPECT_EQ(logs.read(out_, 0, 10).value(), "hi");
}

TEST_F(LogStoreTest, KnowsItsStreamsOnly) {
    LogStore logs(options(), objects_);
    EXPECT_FALSE(logs.append({out_.attempt, "../escape"}, {0, "x"}));
    EXPECT_FALSE(logs.read({out_.attempt, "nothing"}, 0, 1));
}

TEST_F(LogStoreTest, StopsStoringAtTheLimitButKeepsAcknowledging) {
    LogStore logs(options(4), objects_);
    EXPECT_EQ(logs.append(out_, {0, "abcdef"}).value(), 6);
    EXPECT_EQ(logs.append(out_, {6, "gh"}).value(), 8);
    EXPECT_EQ(logs.append(out_, {8, "ij"}).value(), 10);
    const std::string text = logs.read(out_, 0, 1000).value();
    EXPECT_TRUE(text.starts_with("abcdef\n[herder: the log is cut"));
}

TEST_F(LogStoreTest, OldLinesLeaveTheDiskAndAreReadFromTheStore) {
    LogStore logs(options(), objects_);
    const std::string text = lines(0, 200'000);  // 12.8 MB
    ASSERT_TRUE(logs.append(out_, {0, text}));
    const std::int64_t before = disk_bytes();
    store_all(logs);
    EXPECT_LT(disk_bytes(), before / 3);
    EXPECT_TRUE(logs.waiting().empty());
    EXPECT_EQ(objects_.objects.size(), 4U);
    EXPECT_FALSE(logs.read_here(out_, 0, 10).has_value());
    EXPECT_EQ(read_all(logs, out_), text);
    EXPECT_LE(objects_.gets, 4) << "a piece is fetched once, not for every read";
    // The objects alone hold it all, line by line.
    std::string unpacked;
    for (const auto& [key, packed] : objects_.objects) {
        unpacked += gunzip_text(packed, 1 << 23).value();
        EXPECT_EQ(unpacked.back(), '\n');
    }
    EXPECT_EQ(unpacked, text);
}

TEST_F(LogStoreTest, OldLinesLeaveTheDiskWithAnUnfinishedPieceToo) {
    LogStore logs(options(), objects_);
    const std::string first = lines(0, 70'000), second = lines(70'000, 30'000);  // 4.5 and 1.9 MB
    ASSERT_TRUE(logs.append(out_, {0, first}));
    ASSERT_TRUE(logs.store_next("j1/2.out", false));
    ASSERT_TRUE(logs.append(out_, {static_cast<std::int64_t>(first.size()), second}));
    ASSERT_TRUE(logs.store_next("j1/2.out", false));
    EXPECT_LT(disk_bytes(), 2'300'000) << "what is not closed, and the tail";
    EXPECT_EQ(read_all(logs, out_), first + second);
}

TEST_F(LogStoreTest, AnUnfinishedPieceIsReplacedAsItGrows) {
    LogStore logs(options(), objects_);
    ASSERT_TRUE(logs.append(out_, {0, "one\n"}));
    store_all(logs);
    ASSERT_TRUE(logs.append(out_, {4, "two\n"}));
    store_all(logs);
    ASSERT_EQ(objects_.objects.size(), 1U);
    EXPECT_EQ(gunzip_text(objects_.objects.begin()->second, 100).value(), "one\ntwo\n");
    const int puts = objects_.puts;
    store_all(logs);
    EXPECT_EQ(objects_.puts, puts) << "nothing new, nothing sent";
}

TEST_F(LogStoreTest, PiecesThatMayNotBeDeletedHideNothing) {
    objects_.may_remove = false;
    std::string text;
    {
        LogStore logs(options(), objects_);
        for (int part = 0; part < 6; ++part) {
            const std::string more = lines(static_cast<std::size_t>(part) * 20'000, 20'000);
            ASSERT_TRUE(logs.append(out_, {static_cast<std::int64_t>(text.size()), more}));
            text += more;
            store_all(logs);
        }
        EXPECT_EQ(read_all(logs, out_), text);
    }
    EXPECT_GT(objects_.objects.size(), 2U);
    fs::remove_all(folder_ + "/logs");
    LogStore other(options(), objects_);
    EXPECT_EQ(read_all(other, out_), text);
}

TEST_F(LogStoreTest, AnotherServerFindsTheLogInTheStoreAlone) {
    const std::string text = lines(0, 100'000);
    {
        LogStore logs(options(), objects_);
        ASSERT_TRUE(logs.append(out_, {0, text}));
        store_all(logs);
    }
    fs::remove_all(folder_ + "/logs");
    LogStore logs(options(), objects_);
    EXPECT_EQ(read_all(logs, out_), text);
    EXPECT_EQ(logs.read({out_.attempt, "err"}, 0, 10).value(), "");
}

TEST_F(LogStoreTest, ARestartGoesOnWhereItWas) {
    {
        LogStore logs(options(), objects_);
        ASSERT_TRUE(logs.append(out_, {0, lines(0, 100'000)}));
        store_all(logs);
        ASSERT_TRUE(logs.append(out_, {6'400'000, lines(100'000, 10)}));
    }
    LogStore logs(options(), objects_);
    (void)logs.take_up();
    ASSERT_EQ(logs.waiting().size(), 1U);
    store_all(logs);
    EXPECT_EQ(logs.append(out_, {6'400'640, lines(100'010, 10)}).value(), 6'401'280);
    EXPECT_EQ(read_all(logs, out_), lines(0, 100'020));
}

TEST_F(LogStoreTest, WhatIsMovedOutGoesOnAllTheSame) {
    LogStore logs(options(), objects_);
    ASSERT_TRUE(logs.append(out_, {0, lines(0, 10)}));
    store_all(logs);
    ASSERT_TRUE(logs.append(out_, {640, lines(10, 10)}));
    ASSERT_TRUE(logs.move_out("j1/2.out"));
    EXPECT_FALSE(fs::exists(folder_ + "/logs/j1/2.out.log"));
    EXPECT_EQ(logs.size(out_), 1280);
    EXPECT_EQ(logs.append(out_, {1280, lines(20, 10)}).value(), 1920);
    store_all(logs);
    EXPECT_EQ(read_all(logs, out_), lines(0, 30));
    EXPECT_EQ(objects_.objects.size(), 2U);
}

TEST_F(LogStoreTest, WhatIsLostIsSaidWithItsPlace) {
    LogStore logs(options(), objects_);
    ASSERT_TRUE(logs.append(out_, {0, lines(0, 200'000)}));
    store_all(logs);
    const std::string first = objects_.objects.begin()->first;
    objects_.objects.erase(first);
    const auto gone = logs.read(out_, 0, 100);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(gone.error().message.find("bytes 0 to 4194304 of this log are lost"),
              std::string::npos)
        << gone.error().message;
    EXPECT_NE(gone.error().message.find(first), std::string::npos);
    EXPECT_TRUE(logs.read(out_, 4'194'304, 100)) << "the next piece is there";
    objects_.objects[first] = gzip_text(std::string(4'194'304, 'x'));
    const auto other = logs.read(out_, 0, 100);
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("hash"), std::string::npos) << other.error().message;
}

TEST_F(LogStoreTest, AStoreThatIsAwayIsSaidAndNothingIsForgotten) {
    LogStore logs(options(), objects_);
    const std::string text = lines(0, 200'000);
    ASSERT_TRUE(logs.append(out_, {0, text}));
    objects_.is_away = true;
    EXPECT_FALSE(logs.store_next("j1/2.out", false));
    EXPECT_EQ(read_all(logs, out_), text);
    objects_.is_away = false;
    store_all(logs);
    objects_.is_away = true;
    const auto away = logs.read(out_, 0, 100);
    ASSERT_FALSE(away);
    EXPECT_EQ(away.error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(logs.read(out_, 12'700'000, 100)) << "the tail is here";
    objects_.is_away = false;
    EXPECT_EQ(read_all(logs, out_), text);
}

TEST_F(LogStoreTest, AFullDiskMakesMachinesKeepTheirLogs) {
    LogStore::Options small = options();
    small.files.disk_limit = 1 << 20;
    LogStore logs(small, objects_);
    ASSERT_TRUE(logs.append(out_, {0, lines(0, 20'000)}));
    const auto refused = logs.append(out_, {1'280'000, "more"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    ASSERT_TRUE(logs.move_out("j1/2.out"));
    EXPECT_TRUE(logs.append(out_, {1'280'000, "more"}));
    EXPECT_EQ(read_all(logs, out_), lines(0, 20'000) + "more");
}

TEST_F(LogStoreTest, OneThatCannotBeReadDoesNotHoldUpTheOthers) {
    LogStore logs(options(), objects_);
    ASSERT_TRUE(logs.append(out_, {0, "hello"}));
    const std::string file = folder_ + "/logs/j1/2.out.log";
    fs::remove(file);
    fs::create_directory(file);  // opens, and gives nothing
    EXPECT_TRUE(logs.store_next("j1/2.out", false));
    EXPECT_TRUE(logs.move_out("j1/2.out"));
    EXPECT_TRUE(logs.waiting().empty());
    EXPECT_TRUE(objects_.objects.empty());
}

TEST_F(LogStoreTest, TellsWhenWhatWasWritten) {
    LogStore logs(options(), objects_);
    const WallTime now{1'790'000'000'000'000};
    ASSERT_TRUE(logs.append(out_, {0, "one\n", {{0, now, now}}}));
    ASSERT_TRUE(logs.append(out_, {4, "two\n", {{4, now + hours(1), now + hours(1)}}}));
    EXPECT_EQ(begin_since(logs.marks(out_).value(), now + minutes(1), 8), 4);
    store_all(logs);
    fs::remove_all(folder_ + "/logs");
    LogStore other(options(), objects_);
    const auto marks = other.marks(out_).value();
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_EQ(marks[0].first, now);
    EXPECT_EQ(begin_since(marks, now + minutes(1), 8), 0) << "it may be in this piece";
}

}  // namespace
}  // namespace herder::api
