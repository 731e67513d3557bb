#include "api/log_archiver.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

class AwayStore : public FakeUploadStore {
  public:
    Status put(const std::string& key, const std::string& data, bool absent) override {
        ++tries;
        if (is_away) return unavailable("no route to the store");
        return FakeUploadStore::put(key, data, absent);
    }
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override {
        ++lists;
        return FakeUploadStore::list(prefix, limit);
    }
    bool is_away = false;
    int tries = 0;
    int lists = 0;
};

struct LogArchiverTest : ::testing::Test {
    LogArchiverTest() {
        std::string name = ::testing::TempDir() + "herder-archiver-XXXXXX";
        folder = mkdtemp(name.data());
        options.files.folder = folder;
        options.files.disk_limit = 4 << 20;
    }
    ~LogArchiverTest() override { std::filesystem::remove_all(folder); }

    std::string folder;
    LogStore::Options options;
    AwayStore objects;
    Instant now{seconds(100).us};
    const LogName out{{JobId{1}, Fence{1}}, "out"};
};

TEST_F(LogArchiverTest, APieceGoesWhenItIsAMinuteOldOrFull) {
    options.files.disk_limit = 100 << 20;
    LogStore logs(options, objects);
    LogArchiver archiver(logs, {[this] { return now; }});
    ASSERT_TRUE(logs.append(out, {0, "one\n"}));
    archiver.look();
    now = now + seconds(59);
    archiver.look();
    EXPECT_TRUE(objects.objects.empty());
    now = now + seconds(1);
    archiver.look();
    EXPECT_EQ(objects.objects.size(), 1U);
    ASSERT_TRUE(logs.append({out.attempt, "err"}, {0, std::string(5 << 20, 'x')}));
    archiver.look();
    EXPECT_EQ(objects.objects.size(), 2U) << "a full one does not wait";
}

TEST_F(LogArchiverTest, AStoreThatIsAwayIsAskedMoreAndMoreSeldom) {
    LogStore logs(options, objects);
    LogArchiver archiver(logs, {[this] { return now; }, Duration{}});
    ASSERT_TRUE(logs.append(out, {0, "one\n"}));
    objects.is_away = true;
    for (int second = 0; second < 60; ++second) {
        archiver.look();
        now = now + seconds(1);
    }
    EXPECT_GE(objects.tries, 3);
    EXPECT_LE(objects.tries, 5);
    objects.is_away = false;
    now = now + minutes(10);
    archiver.look();
    EXPECT_EQ(objects.objects.size(), 1U);
}

TEST_F(LogArchiverTest, MakesRoomBeforeTheDiskIsFull) {
    LogStore logs(options, objects);
    LogArchiver archiver(logs, {[this] { return now; }});
    for (std::uint64_t job = 1; job <= 10; ++job) {
        archiver.look();
        ASSERT_TRUE(logs.append({{JobId{job}, Fence{1}}, "out"}, {0, std::string(1 << 20, 'x')}))
            << job;
    }
    archiver.look();
    EXPECT_LT(logs.used(), options.files.disk_limit);
    for (std::uint64_t job = 1; job <= 10; ++job)
        EXPECT_EQ(logs.read({{JobId{job}, Fence{1}}, "out"}, 1000, 3).value(), "xxx");
}

TEST_F(LogArchiverTest, TakesUpWhatAnEarlierServerLeft) {
    {
        LogStore logs(options, objects);
        ASSERT_TRUE(logs.append(out, {0, "one\n"}));
    }
    LogStore logs(options, objects);
    LogArchiver archiver(logs, {[this] { return now; }, Duration{}});
    archiver.look();
    EXPECT_EQ(objects.objects.size(), 1U);
}

// Of a running server, and of one that begins.
TEST_F(LogArchiverTest, ALogWithADamagedIndexIsStoredAllTheSame) {
    const std::string index = folder + "/j1/1.out.index";
    {
        LogStore logs(options, objects);
        LogArchiver archiver(logs, {[this] { return now; }, Duration{}});
        ASSERT_TRUE(logs.append(out, {0, "one\n"}));
        archiver.look();
        ASSERT_EQ(objects.objects.size(), 1U);
        std::ofstream(index) << "herder-log 1 0 v1/x/\n0 5 0";
        ASSERT_TRUE(logs.append(out, {4, "two\n"}));
        archiver.look();
        EXPECT_EQ(logs.index(out)->stored_end(), 8);
        ASSERT_TRUE(logs.append(out, {8, "three\n"}));
    }
    std::ofstream(index) << "";
    LogStore logs(options, objects);
    LogArchiver archiver(logs, {[this] { return now; }, Duration{}});
    archiver.look();
    std::filesystem::remove_all(folder);
    LogStore after(options, objects);
    EXPECT_EQ(after.index(out)->stored_end(), 14);
    EXPECT_EQ(after.read(out, 8, 100).value(), "three\n");
}

TEST_F(LogArchiverTest, MakesRoomAlsoWhereWhatIsKeptAboutLogsTakesIt) {
    options.files.disk_limit = 400 << 10;
    LogStore logs(options, objects);
    LogArchiver archiver(logs, {[this] { return now; }});
    for (std::uint64_t job = 1; job <= 60; ++job) {
        archiver.look();
        ASSERT_TRUE(logs.append({{JobId{job}, Fence{1}}, "out"}, {0, "hello"})) << job;
    }
    archiver.look();
    EXPECT_LT(logs.used(), options.files.disk_limit);
    for (std::uint64_t job = 1; job <= 60; ++job) {
        EXPECT_EQ(logs.read({{JobId{job}, Fence{1}}, "out"}, 0, 9).value(), "hello");
        EXPECT_EQ(logs.read({{JobId{job}, Fence{1}}, "err"}, 0, 9).value(), "");
    }
}

TEST_F(LogArchiverTest, DeletesWhatIsOldAndAsksAStoreThatDeniesLessAndLessOften) {
    LogStore logs(options, objects);
    ASSERT_TRUE(logs.append(out, {0, "one\n"}));
    LogRetention::Options old;
    old.keep = days(1);
    old.rule = "1d";
    old.wall = [this, began = now] { return WallTime{} + days(9) + (now - began); };
    old.ended_after = [](JobId) {
        return EndedJobs{{{JobId{1}, "default", 1, WallTime{} + days(2)}}, JobId{1}, true};
    };
    LogRetention retention(logs, std::move(old));
    LogArchiver archiver(logs, {[this] { return now; }, Duration{}, &retention});
    objects.remove_refusal = Error{ErrorCode::kForbidden, "403 AccessDenied"};
    const auto denied_until = now + hours(40);
    std::vector<Instant> asked;
    int listed = objects.lists;
    for (; now < denied_until; now = now + seconds(30)) {
        archiver.look();
        if (std::exchange(listed, objects.lists) != objects.lists) asked.push_back(now);
    }
    ASSERT_GE(asked.size(), 8U);
    EXPECT_LE(asked.size(), 20U);
    EXPECT_LE(asked[2] - asked[1], minutes(21));
    EXPECT_GE(asked.back() - asked[asked.size() - 2], hours(8));
    objects.remove_refusal.reset();
    for (int beats = 0; beats < 100; ++beats, now = now + hours(1))
        archiver.look();
    ASSERT_EQ(objects.objects.size(), 1U);
    EXPECT_EQ(objects.objects.begin()->first, "v1/default/j1/attempts/1/logs/deleted.txt");
}

TEST_F(LogArchiverTest, StopsAtOnce) {
    LogStore logs(options, objects);
    LogArchiver archiver(logs, {[this] { return now; }});
    archiver.start();
    archiver.stop();
    archiver.stop();
    ASSERT_TRUE(logs.append(out, {0, std::string(5 << 20, 'x')}));
    archiver.look();
    EXPECT_TRUE(objects.objects.empty()) << "nothing is begun any more";
}

}  // namespace
}  // namespace herder::api
