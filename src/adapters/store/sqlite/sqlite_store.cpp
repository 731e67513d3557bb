#include "adapters/store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "adapters/store/sqlite/leader_lock.h"
#include "adapters/store/sqlite/schema.h"
#include "adapters/store/sqlite/statement.h"
#include "base/log.h"
#include "core/step/event_records.h"

namespace herder {

namespace {

using sqlite::Connection;
using sqlite::ResetAtEnd;
using sqlite::Statement;
using sqlite::Step;

struct Statements {
    Statement begin;
    Statement end;
    Statement rollback;
    Statement read_leader;
    Statement take_term;
    Statement mark;
    Statement put_row;
    Statement remove_row;
    Statement add_event;
    Statement load;
    Statement events;
    Statement job_events;
};

Result<Statements> prepare_statements(const Connection& db) {
    const std::pair<Statement Statements::*, const char*> texts[] = {
        {&Statements::begin, "BEGIN IMMEDIATE"},
        {&Statements::end, "COMMIT"},
        {&Statements::rollback, "ROLLBACK"},
        {&Statements::read_leader,
         "SELECT term, commit_term, commit_seq, logical_now, wall, boot_id, monotonic FROM leader"},
        {&Statements::take_term, "UPDATE leader SET term = term + 1 RETURNING term"},
        {&Statements::mark,
         "UPDATE leader SET commit_term = ?, commit_seq = ?, logical_now = ?, wall = ?, "
         "boot_id = ?, monotonic = ?"},
        {&Statements::put_row,
         "INSERT INTO row (kind, key, record) VALUES (?, ?, ?) "
         "ON CONFLICT (kind, key) DO UPDATE SET record = excluded.record"},
        {&Statements::remove_row, "DELETE FROM row WHERE kind = ? AND key = ?"},
        {&Statements::add_event, "INSERT INTO event (seq, job, image, body) VALUES (?, ?, ?, ?)"},
        {&Statements::load, "SELECT kind, key, record FROM row"},
        {&Statements::events, "SELECT body FROM event WHERE seq > ? ORDER BY seq LIMIT ?"},
        {&Statements::job_events,
         "SELECT body FROM event WHERE job = ? AND job <> 0 AND image = 0 AND seq > ? "
         "ORDER BY seq LIMIT ?"},
    };
    Statements statements;
    for (const auto& [member, sql] : texts) {
        auto prepared = Statement::prepare(db, sql);
        if (!prepared) return prepared.error();
        statements.*member = std::move(*prepared);
    }
    return statements;
}

class SqliteStore : public Store {
  public:
    SqliteStore(std::string path, Connection db, Statements statements)
        : path_(std::move(path)), db_(std::move(db)), sql_(std::move(statements)) {}

    Result<Term> lead() override {
        if (auto locked = lock_.take(path_ + ".lock"); !locked) return locked.error();
        const ResetAtEnd reset(sql_.take_term);
        if (sql_.take_term.step() != Step::kRow) return fail("taking the lead");
        const Term term{sql_.take_term.unsigned_integer(0)};
        if (sql_.take_term.step() != Step::kDone) return fail("taking the lead");
        return term;
    }

    CommitOutcome commit(Term term, std::uint64_t seq, const Commit& commit) override {
        if (!sql_.begin.execute()) return refuse(seq);
        Term leader;
        CommitMark mark;
        if (!read_leader(leader, mark)) return roll_back(seq);
        if (term != leader) {
            (void)sql_.rollback.execute();
            return CommitOutcome::kFenced;
        }
        if (seq <= mark.seq) {
            (void)sql_.rollback.execute();
            return CommitOutcome::kCommitted;
        }
        if (seq != mark.seq + 1) {
            (void)sql_.rollback.execute();
            log_error("store.commit_out_of_order",
                      {{"seq", std::to_string(seq)}, {"newest", std::to_string(mark.seq)}});
            return CommitOutcome::kFailed;
        }
        if (!write(term, seq, commit)) return roll_back(seq);
        if (sql_.end.execute()) return CommitOutcome::kCommitted;
        // Still inside the transaction: nothing was written. Otherwise only reading back can tell.
        if (sqlite3_get_autocommit(db_.handle()) == 0) return roll_back(seq);
        (void)refuse(seq);
        return CommitOutcome::kUnknown;
    }

    Result<CommitMark> last_commit() override {
        Term leader;
        CommitMark mark;
        if (!read_leader(leader, mark)) return fail("reading the newest commit");
        return mark;
    }

    Status load(const std::function<Status(const RowChange&)>& row) override {
        const ResetAtEnd reset(sql_.load);
        Step step = sql_.load.step();
        for (; step == Step::kRow; step = sql_.load.step()) {
            const RowChange change{static_cast<Table>(sql_.load.integer(0)), sql_.load.text(1),
                                   sql_.load.blob(2)};
            if (auto taken = row(change); !taken) return taken;
        }
        if (step == Step::kFailed) return fail("loading the rows");
        return ok();
    }

    Status read_events(std::uint64_t after, std::size_t limit,
                       const std::function<Status(const Event&)>& event) override {
        sql_.events.bind(1, after).bind(2, static_cast<std::uint64_t>(limit));
        return stream(sql_.events, event);
    }

    Status read_job_events(JobId job, std::uint64_t after, std::size_t limit,
                           const std::function<Status(const Event&)>& event) override {
        sql_.job_events.bind(1, job.value)
            .bind(2, after)
            .bind(3, static_cast<std::uint64_t>(limit));
        return stream(sql_.job_events, event);
    }

  private:
    bool read_leader(Term& leader, CommitMark& mark) {
        const ResetAtEnd reset(sql_.read_leader);
        const Statement& row = sql_.read_leader;
        if (sql_.read_leader.step() != Step::kRow) return false;
        leader = Term{row.unsigned_integer(0)};
        mark = {Term{row.unsigned_integer(1)}, row.unsigned_integer(2), Instant{row.integer(3)},
                WallTime{row.integer(4)}, BootMoment{row.text(5), Instant{row.integer(6)}}};
        return true;
    }

    bool write(Term term, std::uint64_t seq, const Commit& commit) {
        for (const RowChange& change : commit.changes) {
            if (!write_row(change)) return false;
        }
        for (const Event& event : commit.events) {
            const std::string body = encode_event(event);
            const std::int64_t is_image = event.row ? 1 : 0;
            sql_.add_event.bind(1, event.seq).bind(2, event.job.value).bind(3, is_image);
            if (!sql_.add_event.bind_blob(4, body).execute()) return false;
        }
        return sql_.mark.bind(1, term.value)
            .bind(2, seq)
            .bind(3, commit.logical_now.us)
            .bind(4, commit.wall.us)
            .bind_text(5, commit.moment.boot_id)
            .bind(6, commit.moment.at.us)
            .execute();
    }

    bool write_row(const RowChange& change) {
        Statement& statement = change.record ? sql_.put_row : sql_.remove_row;
        statement.bind(1, static_cast<std::int64_t>(change.table)).bind_text(2, change.key);
        if (change.record) statement.bind_blob(3, *change.record);
        return statement.execute();
    }

    Status stream(Statement& statement, const std::function<Status(const Event&)>& visit) {
        const ResetAtEnd reset(statement);
        Step step = statement.step();
        for (; step == Step::kRow; step = statement.step()) {
            auto event = decode_event(statement.blob(0));
            if (!event) return event.error();
            if (auto taken = visit(*event); !taken) return taken;
        }
        if (step == Step::kFailed) return fail("reading events");
        return ok();
    }

    Error fail(const std::string& what) const {
        return sqlite::to_error(db_.handle(), what + " of " + path_);
    }
    CommitOutcome refuse(std::uint64_t seq) const {
        log_error("store.commit_failed",
                  {{"seq", std::to_string(seq)}, {"why", sqlite3_errmsg(db_.handle())}});
        return CommitOutcome::kFailed;
    }
    CommitOutcome roll_back(std::uint64_t seq) {
        const CommitOutcome outcome = refuse(seq);
        // SQLite may have rolled back by itself (disk full); then there is nothing to undo.
        if (sqlite3_get_autocommit(db_.handle()) == 0) (void)sql_.rollback.execute();
        return outcome;
    }

    const std::string path_;
    sqlite::LeaderLock lock_;
    Connection db_;
    Statements sql_;  // after db_: finalized before it is closed
};

// SQLite gives its log the permissions of the database file.
Status create_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return unavailable("opening the database " + path + ": " + std::strerror(errno));
    const bool is_private = ::fchmod(file, 0600) == 0;
    const int why = errno;
    ::close(file);
    if (is_private) return ok();
    return unavailable("making the database " + path + " private: " + std::strerror(why));
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    if (auto local = sqlite::check_is_local(folder.string()); !local) return local.error();
    if (auto created = create_private(path); !created) return created.error();
    auto db = Connection::open(path);
    if (!db) return db.error();
    // FULL syncs the log at every commit; NORMAL may lose the newest ones with the power, after
    // their create call was sent. The automatic checkpoints are passive ones.
    const Status set_up = db->run(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        "PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864;");
    if (!set_up) return set_up.error().with_context("setting up the database " + path);
    if (auto ready = sqlite::prepare_schema(*db); !ready) {
        return ready.error().with_context("preparing the database " + path);
    }
    auto statements = prepare_statements(*db);
    if (!statements) return statements.error();
    return std::make_unique<SqliteStore>(path, std::move(*db), std::move(*statements));
}

}  // namespace herder
