#include "api/log_retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

constexpr WallTime kNow{1'800'000'000'000'000};

// Two jobs, of which the first has two attempts, in a store in memory.
struct LogRetentionTest : ::testing::Test {
    LogRetentionTest() {
        std::string name = ::testing::TempDir() + "herder-retention-XXXXXX";
        folder = mkdtemp(name.data());
    }
    ~LogRetentionTest() override { std::filesystem::remove_all(folder); }

    LogStore::Options options() const { return {.files = {.folder = folder}}; }
    static LogName out(std::uint64_t job, std::uint64_t attempt = 1) {
        return {{JobId{job}, Fence{attempt}}, "out"};
    }
    void write(LogStore& logs, const LogName& name, const std::string& text) {
        ASSERT_TRUE(logs.append(name, {logs.size(name), text}));
        for (const auto& one : logs.waiting())
            ASSERT_TRUE(logs.store_next(one.base, true));
    }
    LogRetention make(LogStore& logs, std::optional<Duration> keep) {
        LogRetention::Options made;
        made.keep = keep;
        made.rule = "30d";
        made.wall = [this] { return now; };
        made.ended_after = [this](JobId after) {
            ++asked;
            EndedJobs found;
            for (const EndedJob& one : ended) {
                if (one.job > after && found.jobs.size() < at_once) found.jobs.push_back(one);
            }
            found.last = found.jobs.empty() ? after : found.jobs.back().job;
            found.is_end = found.last == ended.back().job;
            return found;
        };
        made.looks_a_step = looks_a_step;
        made.pieces_a_step = pieces_a_step;
        made.scale_milli = scale_milli;
        made.past_file = folder + "/past";
        return {logs, std::move(made)};
    }
    // False: something was there.
    static Result<bool> delete_some(LogStore& logs, const LogName& name,
                                    const LogDeletion& deletion, std::size_t pieces) {
        auto held = logs.held(name.team, name.attempt.job);
        if (!held) return held.error();
        return logs.delete_attempt(name, deletion, held->attempts[name.attempt.fence.value],
                                   pieces);
    }
    // As a bucket tells when each object was stored.
    void date_all(WallTime when) {
        for (const auto& [key, data] : store.objects)
            store.modified[key] = when;
    }
    void run(LogRetention& retention, int steps = 20) {
        for (int i = 0; i < steps; ++i)
            ASSERT_TRUE(retention.step());
    }
    std::size_t pieces() const {
        return static_cast<std::size_t>(
            std::count_if(store.objects.begin(), store.objects.end(),
                          [](const auto& one) { return one.first.ends_with(".gz"); }));
    }

    std::string folder;
    FakeUploadStore store;
    WallTime now = kNow;
    std::vector<EndedJob> ended{{JobId{1}, "default", 2, kNow}, {JobId{2}, "default", 1, kNow}};
    std::size_t at_once = 10;
    std::size_t looks_a_step = 20;
    std::size_t pieces_a_step = 50;
    std::int64_t scale_milli = 1000;
    int asked = 0;
};

TEST_F(LogRetentionTest, LogsGoWhenTheirTimeIsOverAndSayWhy) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    write(logs, out(1, 2), "two\n");
    write(logs, {out(1).attempt, "metrics"}, "{}\n");
    LogRetention retention = make(logs, days(30));
    now = kNow + (days(30) - seconds(1));
    run(retention);
    EXPECT_EQ(pieces(), 3U) << "not yet";
    EXPECT_EQ(logs.read(out(1), 0, 9).value(), "one\n");
    now = kNow + days(30);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
    for (const LogName& name : {out(1), out(1, 2), LogName{out(1).attempt, "metrics"}}) {
        const auto read = logs.read(name, 0, 9);
        EXPECT_EQ(read.error().code, ErrorCode::kNotFound);
        EXPECT_EQ(read.error().message,
                  "this log was deleted on 2027-02-14T08:00:00Z by the rule logs_keep: 30d");
    }
    EXPECT_EQ(logs.read({out(1).attempt, "err"}, 0, 9).value(), "") << "nothing was printed there";
}

TEST_F(LogRetentionTest, ForEverNobodyIsAsked) {
    LogStore logs(options(), store);
    LogRetention retention = make(logs, {});
    now = kNow + days(100'000);
    run(retention);
    EXPECT_EQ(asked, 0);
}

TEST_F(LogRetentionTest, AStepDoesABoundedAmountOfWork) {
    LogStore logs(options(), store);
    for (std::uint64_t piece = 0; piece < 5; ++piece)
        write(logs, out(1), std::string(5 << 20, 'a'));
    write(logs, out(2), "two\n");
    const std::size_t before = pieces();
    ASSERT_GT(before, 6U);
    pieces_a_step = 2;
    at_once = 1;
    LogRetention retention = make(logs, days(1));
    now = kNow + days(2);
    for (std::size_t gone = 2; gone + 1 < before; gone += 2) {
        ASSERT_TRUE(retention.step());
        EXPECT_EQ(pieces(), before - gone);
        EXPECT_FALSE(logs.read(out(1), 0, 9)) << "said before all is gone";
    }
    run(retention);
    EXPECT_EQ(pieces(), 0U);
}

TEST_F(LogRetentionTest, WhatACrashLeftIsEndedByTheNextServer) {
    const LogDeletion first{kNow + days(1), "1d", false};
    {
        LogStore logs(options(), store);
        for (std::uint64_t piece = 0; piece < 3; ++piece)
            write(logs, out(1), std::string(5 << 20, 'a'));
        EXPECT_EQ(delete_some(logs, out(1), first, 1).value(), false);
        ASSERT_GT(pieces(), 1U);
    }
    LogStore logs(options(), store);
    EXPECT_EQ(logs.read(out(1), 0, 9).error().message, describe(first));
    LogRetention retention = make(logs, days(2));
    now = kNow + days(9);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
    EXPECT_EQ(logs.read(out(1), 0, 9).error().message, describe(first)) << "the first one counts";
}

// Said in the store, and the server died before it said so here.
TEST_F(LogRetentionTest, ACrashBehindTheNoteIsEndedAsWell) {
    const LogDeletion first{kNow + days(1), "1d", false};
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    store.objects["v1/default/j1/attempts/1/logs/deleted.txt"] =
        to_text(LogDeletionNote{first, {"out"}});
    EXPECT_EQ(logs.read(out(1), 0, 9).value(), "one\n");
    LogRetention retention = make(logs, days(2));
    now = kNow + days(9);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
    EXPECT_EQ(logs.read(out(1), 0, 9).error().message, describe(first));
}

TEST_F(LogRetentionTest, PiecesThatThisServerDoesNotKnowOfGoAsWell) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    LogIndex err = *logs.index({out(1).attempt, "err"});
    ASSERT_EQ(err.stored_end(), 0);
    store.objects[key_of(err, {0, 4, {}, std::string(64, 'a'), true})] = "of a later server";
    LogRetention retention = make(logs, days(30));
    now = kNow + days(30);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
    EXPECT_FALSE(logs.read({out(1).attempt, "err"}, 0, 9));
}

TEST_F(LogRetentionTest, TheStoreAloneTellsWhatWasDeleted) {
    {
        LogStore logs(options(), store);
        write(logs, out(1), "one\n");
        LogRetention retention = make(logs, days(30));
        now = kNow + days(30);
        run(retention);
    }
    std::filesystem::remove_all(folder);
    LogStore logs(options(), store);
    EXPECT_EQ(logs.read(out(1), 0, 9).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(logs.index(out(1))->deletion);
    EXPECT_EQ(logs.read({out(1).attempt, "err"}, 0, 9).value(), "");
    const auto requests = store.objects.size();
    LogRetention retention = make(logs, days(30));
    run(retention);
    EXPECT_EQ(store.objects.size(), requests);
}

TEST_F(LogRetentionTest, OfAJobWhoseEndIsNotKnownItsNewestPieceCounts) {
    ended = {{JobId{1}, "default", 1, WallTime{}}, {JobId{2}, "default", 1, WallTime{}}};
    LogStore logs(options(), store);
    ASSERT_TRUE(logs.append(out(1), {0, "one\n", {{0, kNow, kNow}}}));
    write(logs, out(2), "no time is known\n");
    LogRetention retention = make(logs, days(30));
    now = kNow + days(29);
    run(retention);
    EXPECT_TRUE(logs.read(out(1), 0, 9));
    EXPECT_FALSE(logs.read(out(2), 0, 9));
    now = kNow + days(30) + seconds(1);
    run(retention);
    EXPECT_FALSE(logs.read(out(1), 0, 9));
}

TEST_F(LogRetentionTest, AStoreThatDeniesStopsTheStepAndIsToldWithTheKey) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    store.remove_refusal = Error{ErrorCode::kForbidden, "403 AccessDenied"};
    LogRetention retention = make(logs, days(30));
    now = kNow + days(30);
    EXPECT_TRUE(retention.denied().empty());
    const Status denied = retention.step();
    ASSERT_FALSE(denied);
    ASSERT_EQ(retention.denied().size(), 1U);
    EXPECT_EQ(retention.denied()[0].job, JobId{1});
    EXPECT_NE(retention.denied()[0].why.find("403 AccessDenied"), std::string::npos);
    EXPECT_NE(denied.error().message.find("the logs of j1: deleting v1/default/j1/attempts/1/logs"),
              std::string::npos)
        << denied.error().message;
    store.remove_refusal.reset();
    run(retention);
    EXPECT_EQ(pieces(), 1U) << "it is left alone for a while";
    now = now + minutes(10);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
    EXPECT_TRUE(retention.denied().empty());
}

TEST_F(LogRetentionTest, OneThatIsDeniedHoldsUpNoOther) {
    struct Holding : FakeUploadStore {
        int denials = 0;
        Status remove(const std::string& key) override {
            if (!key.starts_with("v1/default/j1/")) return FakeUploadStore::remove(key);
            ++denials;
            return Error{ErrorCode::kForbidden, "403 AccessDenied"};
        }
    } holding;
    LogStore logs(options(), holding);
    write(logs, out(1), "one\n");
    write(logs, out(2), "two\n");
    LogRetention retention = make(logs, days(30));
    now = kNow + days(30);
    EXPECT_FALSE(retention.step());
    run(retention);
    EXPECT_EQ(logs.read(out(2), 0, 9).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(holding.denials, 1);
    for (int hour = 0; hour < 24; ++hour) {
        now = now + hours(1);
        (void)retention.step();
        (void)retention.step();
    }
    EXPECT_GT(holding.denials, 2);
    EXPECT_LT(holding.denials, 9) << "less and less often";
}

struct CountingStore : FakeUploadStore {
    int calls = 0;
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override {
        ++calls;
        return FakeUploadStore::list(prefix, limit);
    }
    Result<std::string> get(const std::string& key, std::size_t limit) override {
        ++calls;
        return FakeUploadStore::get(key, limit);
    }
    Status put(const std::string& key, const std::string& data, bool absent) override {
        ++calls;
        return FakeUploadStore::put(key, data, absent);
    }
    Status remove(const std::string& key) override {
        ++calls;
        return FakeUploadStore::remove(key);
    }
};

TEST_F(LogRetentionTest, AJobWithoutLogsCostsOneListingAndOnlyOnce) {
    ended.clear();
    for (std::uint64_t job = 1; job <= 1000; ++job)
        ended.push_back({JobId{job}, "default", 3, job % 2 == 0 ? WallTime{} : kNow});
    CountingStore counting;
    LogStore logs(options(), counting);
    now = kNow + days(30);
    at_once = 100;
    looks_a_step = 200;
    LogRetention retention = make(logs, days(30));
    ASSERT_TRUE(retention.step());
    EXPECT_LE(counting.calls, 200);
    run(retention);
    EXPECT_EQ(counting.calls, 1000);
    LogRetention after_restart = make(logs, days(30));
    run(after_restart);
    EXPECT_EQ(counting.calls, 1000);
    ended[0].attempts = 4;  // it came back from an old backup, and went on
    run(after_restart);
    EXPECT_EQ(counting.calls, 1001);
    LogRetention stopped = make(logs, days(30));
    ended.push_back({JobId{1001}, "default", 3, kNow});
    ASSERT_TRUE(stopped.step([] { return true; }));
    EXPECT_EQ(counting.calls, 1001);
}

TEST_F(LogRetentionTest, WhatAStoreShowsAtOnceToBeGoneNeedsNoSecondStep) {
    CountingStore counting;
    LogStore logs(options(), counting);
    write(logs, out(1), "one\n");
    write(logs, out(1, 2), "two\n");
    LogRetention retention = make(logs, days(30));
    now = kNow + days(30);
    ended.resize(1);
    counting.calls = 0;
    ASSERT_TRUE(retention.step());
    EXPECT_EQ(counting.calls, 2 + 2 * 3) << "two looks, and of each attempt a note and a piece";
    ASSERT_TRUE(retention.step());
    EXPECT_EQ(counting.calls, 8);
    EXPECT_FALSE(logs.read(out(1), 0, 9));
}

// And all it knows of when jobs ended may be wrong as well.
TEST_F(LogRetentionTest, AServersClockThatIsAYearAheadDeletesNothing) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    date_all(kNow);
    store.now = kNow + days(1);
    now = kNow + days(366);
    LogRetention retention = make(logs, days(30));
    run(retention);
    EXPECT_EQ(pieces(), 1U);
    store.now = kNow + days(29);
    now = now + days(28);
    run(retention);
    EXPECT_EQ(pieces(), 1U);
    store.now = kNow + days(30);
    now = now + days(1);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
}

// The newest one of the job counts for all its attempts.
TEST_F(LogRetentionTest, ASetClockDuringAJobDeletesNoAttemptEarly) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    date_all(kNow);
    write(logs, out(1, 2), "two\n");
    for (const auto& [key, data] : store.objects)
        store.modified.try_emplace(key, kNow + days(300));
    store.now = kNow + days(301);
    now = kNow + days(301);
    LogRetention retention = make(logs, days(30));
    run(retention);
    EXPECT_EQ(pieces(), 2U) << "the server was a year behind when it ended";
}

TEST_F(LogRetentionTest, AScaledServersDaysAreShorter) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    date_all(kNow);
    scale_milli = 20'000;
    now = kNow + days(31);
    LogRetention retention = make(logs, days(30));
    store.now = kNow + days(1);
    run(retention);
    EXPECT_EQ(pieces(), 1U);
    store.now = kNow + hours(36);
    now = kNow + days(41);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
}

TEST_F(LogRetentionTest, AStoreThatShowsNothingOfWhatItHasIsNotBelieved) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    const auto hidden = std::exchange(store.objects, {});
    LogRetention retention = make(logs, days(30));
    now = kNow + days(30);
    EXPECT_FALSE(retention.step()) << "its folder may not be mounted";
    store.objects = hidden;
    now = now + hours(1);
    run(retention);
    EXPECT_EQ(pieces(), 0U);
}

TEST_F(LogRetentionTest, TextThatACrashLeftBehindTheNoteIsNotStoredAnew) {
    const std::string base = LogFiles::base_of(out(1)).value();
    {
        LogStore logs(options(), store);
        write(logs, out(1), "one\n");
        ASSERT_FALSE(delete_some(logs, out(1), {kNow, "1d", false}, 9).value());
        ASSERT_TRUE(delete_some(logs, out(1), {kNow, "1d", false}, 9).value());
        LogFiles files({.folder = folder});
        ASSERT_TRUE(files.append(out(1), {0, "one\n"}));
    }
    LogStore logs(options(), store);
    (void)logs.take_up();
    EXPECT_TRUE(logs.store_next(base, true));
    EXPECT_EQ(pieces(), 0U);
    EXPECT_TRUE(logs.waiting().empty());
    EXPECT_EQ(logs.read(out(1), 0, 9).error().code, ErrorCode::kNotFound);
}

TEST_F(LogRetentionTest, WhatAMachineSendsAfterwardsIsAcknowledgedAndNotKept) {
    LogStore logs(options(), store);
    write(logs, out(1), "one\n");
    LogRetention retention = make(logs, days(30));
    now = kNow + days(30);
    run(retention);
    EXPECT_EQ(logs.append(out(1), {0, "one\ntwo\n"}).value(), 8);
    EXPECT_TRUE(logs.find_again(out(1)));
    EXPECT_EQ(logs.read(out(1), 0, 9).error().code, ErrorCode::kNotFound);
    for (const auto& one : logs.waiting())
        EXPECT_TRUE(logs.store_next(one.base, true));
    EXPECT_TRUE(logs.waiting().empty());
    EXPECT_EQ(pieces(), 0U);
}

TEST(EndedJobs, AreThoseThatHaveEndedInOrder) {
    State state;
    for (std::uint64_t number = 1; number <= 5; ++number) {
        Job job;
        job.id = JobId{number};
        job.fence = Fence{number};
        job.ended_wall = kNow;
        if (number % 2 == 1) job.phase = phase::Succeeded{};
        state.jobs.emplace(job.id, job);
    }
    EndedJobs found = ended_jobs(state, JobId{}, 3);
    ASSERT_EQ(found.jobs.size(), 2U);
    EXPECT_EQ(found.jobs[1].job, JobId{3});
    EXPECT_EQ(found.jobs[1].attempts, 3U);
    EXPECT_EQ(found.last, JobId{3});
    EXPECT_FALSE(found.is_end);
    found = ended_jobs(state, found.last, 3);
    EXPECT_EQ(found.jobs.size(), 1U);
    EXPECT_TRUE(found.is_end);
    EXPECT_TRUE(ended_jobs(state, JobId{5}, 3).is_end);
}

}  // namespace
}  // namespace herder::api
