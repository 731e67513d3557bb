#include "adapters/store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/store/sqlite/schema.h"
#include "core/step/event_records.h"
#include "tests/conformance/store_conformance.h"

namespace herder {

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = ::testing::TempDir() + "herder-sqlite-XXXXXX";
        path = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::string path;
};

struct SqlitePlace {
    TemporaryFolder folder;
    std::string file() const { return folder.path + "/herder.db"; }
    std::unique_ptr<Store> open() const {
        auto store = open_sqlite_store(file());
        EXPECT_TRUE(store) << store.error().message;
        return store ? std::move(*store) : nullptr;
    }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreConformance, SqlitePlace);

namespace {

TEST(SqliteStore, SecondLeaderIsRefusedWhileTheFirstLives) {
    const SqlitePlace place;
    auto first = place.open();
    auto second = place.open();
    ASSERT_TRUE(first->lead());
    const auto refused = second->lead();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    first.reset();
    EXPECT_TRUE(second->lead());
}

TEST(SqliteStore, SecondHandleReadsWhatTheLeaderCommits) {
    const SqlitePlace place;
    auto leader = place.open();
    auto reader = place.open();
    const Term term = *leader->lead();
    ASSERT_EQ(leader->commit(term, 1, make_commit({make_row("a", "1")}, {make_event(1, "x")})),
              CommitOutcome::kCommitted);
    EXPECT_EQ(read_rows(*reader).size(), 1U);
    EXPECT_EQ(read_all_events(*reader).size(), 1U);
}

TEST(SqliteStore, FilesAreReadableByTheirOwnerAlone) {
    const SqlitePlace place;
    auto store = place.open();
    ASSERT_TRUE(store->lead());
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
        struct stat info{};
        ASSERT_EQ(::stat((place.file() + suffix).c_str(), &info), 0) << suffix;
        EXPECT_EQ(info.st_mode & 0777U, 0600U) << suffix;
    }
}

TEST(SqliteStore, NewerSchemaIsRefused) {
    const SqlitePlace place;
    place.open().reset();
    auto db = sqlite::Connection::open(place.file());
    ASSERT_TRUE(db->run("PRAGMA user_version = 99"));
    const auto store = open_sqlite_store(place.file());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kConflict);
    EXPECT_NE(store.error().message.find("schema 99"), std::string::npos);
}

TEST(SqliteStore, DatabaseOfAnotherProgramIsRefusedAndLeftAlone) {
    const SqlitePlace place;
    auto db = sqlite::Connection::open(place.file());
    ASSERT_TRUE(db->run("CREATE TABLE photos (id INTEGER)"));
    const auto store = open_sqlite_store(place.file());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kConflict);
    EXPECT_EQ(db->read_integer("SELECT count(*) FROM sqlite_master").value(), 1);
}

TEST(SqliteStore, Version1IsMigratedWithItsContent) {
    const SqlitePlace place;
    {
        auto db = sqlite::Connection::open(place.file());
        ASSERT_TRUE(db->run(sqlite::schema_step(1)));
        ASSERT_TRUE(
            db->run("PRAGMA application_id = 1752327282; PRAGMA user_version = 1;"
                    "UPDATE leader SET term = 4, commit_term = 4, commit_seq = 9;"
                    "INSERT INTO row VALUES (2, 'j1', x'01')"));
        auto add = sqlite::Statement::prepare(*db, "INSERT INTO event VALUES (1, 1, 0, ?)");
        const std::string body = encode_event(make_event(1, "job.submitted", JobId{1}));
        ASSERT_TRUE(add->bind_blob(1, body).execute());
    }
    auto store = place.open();
    EXPECT_EQ(store->last_commit()->seq, 9U);
    EXPECT_EQ(*store->lead(), Term{5});
    EXPECT_EQ(read_rows(*store).size(), 1U);
    int events = 0;
    ASSERT_TRUE(store->read_job_events(JobId{1}, 0, 10, [&events](const Event&) {
        ++events;
        return ok();
    }));
    EXPECT_EQ(events, 1);
    auto db = sqlite::Connection::open(place.file());
    EXPECT_EQ(db->read_integer("PRAGMA user_version").value(), sqlite::kSchemaVersion);
    const char* indexes = "SELECT count(*) FROM sqlite_master WHERE name = 'event_by_job'";
    EXPECT_EQ(db->read_integer(indexes).value(), 1);
}

// Commits for ever and writes the number of each finished one into the pipe.
[[noreturn]] void commit_until_killed(const std::string& file, int pipe) {
    auto store = open_sqlite_store(file);
    if (!store) ::_exit(1);
    const auto term = (*store)->lead();
    if (!term) ::_exit(2);
    for (std::uint64_t seq = (*store)->last_commit()->seq + 1;; ++seq) {
        const std::string value = std::to_string(seq);
        const Commit commit = make_commit(
            {make_row("a", value), make_row("b", value, Table::kIntent), make_row(value, value)},
            {make_event(2 * seq, "x"), make_event(2 * seq + 1, "y")});
        if ((*store)->commit(*term, seq, commit) != CommitOutcome::kCommitted) ::_exit(3);
        if (::write(pipe, &seq, sizeof seq) != sizeof seq) ::_exit(4);
    }
}

// Kills the child after it has reported `acks` commits; returns the newest one reported.
std::uint64_t kill_after(const std::string& file, int acks) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) commit_until_killed(file, ends[1]);
    ::close(ends[1]);
    std::uint64_t seq = 0;
    for (int i = 0; i < acks; ++i)
        EXPECT_EQ(::read(ends[0], &seq, sizeof seq), static_cast<ssize_t>(sizeof seq));
    ::kill(child, SIGKILL);
    for (std::uint64_t more = 0; ::read(ends[0], &more, sizeof more) == sizeof more;)
        seq = more;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    return seq;
}

TEST(SqliteStore, KilledProcessLosesNothingAcknowledgedAndLeavesNoHalfCommit) {
    const SqlitePlace place;
    for (int round = 1; round <= 5; ++round) {
        const std::uint64_t acknowledged = kill_after(place.file(), round * 3);
        auto store = place.open();
        const std::uint64_t seq = store->last_commit()->seq;
        EXPECT_GE(seq, acknowledged);
        EXPECT_LE(seq, acknowledged + 1);
        const TableRows rows = read_rows(*store);
        EXPECT_EQ(rows.at({Table::kJob, "a"}), std::to_string(seq));
        EXPECT_EQ(rows.at({Table::kIntent, "b"}), std::to_string(seq));
        EXPECT_EQ(rows.size(), seq + 2);
        EXPECT_EQ(read_all_events(*store).size(), 2 * seq);
    }
}

// A limit on the size of files is the full disk that a test can have without a disk of its own.
TEST(SqliteStore, FullDiskFailsTheCommitAndTheSameCommitGoesThroughLater) {
    const SqlitePlace place;
    auto store = place.open();
    const Term term = *store->lead();
    const Commit commit = make_commit({make_row("big", std::string(3'000'000, 'x'))});
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1'000'000, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const CommitOutcome full = store->commit(term, 1, commit);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, old_handler);

    EXPECT_EQ(full, CommitOutcome::kFailed);
    EXPECT_TRUE(read_rows(*store).empty());
    EXPECT_EQ(store->commit(term, 1, commit), CommitOutcome::kCommitted);
    EXPECT_EQ(read_rows(*store).size(), 1U);
}

}  // namespace
}  // namespace herder
