#include "adapters/store/sqlite/statement.h"

#include <utility>

namespace herder::sqlite {

Error to_error(sqlite3* db, const std::string& what) {
    const int code = sqlite3_errcode(db);
    const bool is_corrupt = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return {is_corrupt ? ErrorCode::kCorrupt : ErrorCode::kUnavailable,
            what + ": " + sqlite3_errmsg(db)};
}

Result<Connection> Connection::open(const std::string& path) {
    Connection connection;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path.c_str(), &connection.db_, flags, nullptr) != SQLITE_OK) {
        return to_error(connection.db_, "opening the database " + path);
    }
    // Only the odd tool (a backup, a curious sqlite3 shell) ever holds the lock.
    sqlite3_busy_timeout(connection.db_, 5'000);
    return connection;
}

Connection::~Connection() {
    if (db_ != nullptr) sqlite3_close_v2(db_);
}

Connection::Connection(Connection&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(db_, other.db_);
    return *this;
}

Status Connection::run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return ok();
    return to_error(db_, "running a statement");
}

Result<std::int64_t> Connection::read_integer(const char* sql) {
    auto statement = Statement::prepare(*this, sql);
    if (!statement) return statement.error();
    if (statement->step() != Step::kRow) return to_error(db_, std::string("running ") + sql);
    return statement->integer(0);
}

Result<Statement> Statement::prepare(const Connection& connection, const char* sql) {
    Statement statement;
    const int done = sqlite3_prepare_v3(connection.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &statement.statement_, nullptr);
    if (done != SQLITE_OK) {
        return to_error(connection.handle(), std::string("preparing ") + sql);
    }
    return statement;
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    return *this;
}

Statement& Statement::bind(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
    return *this;
}

Statement& Statement::bind(int index, std::uint64_t value) {
    return bind(index, static_cast<std::int64_t>(value));
}

Statement& Statement::bind_text(int index, std::string_view value) {
    sqlite3_bind_text64(statement_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

// An empty view may have no data at all, which SQLite would store as NULL.
Statement& Statement::bind_blob(int index, std::string_view value) {
    if (value.empty()) {
        sqlite3_bind_zeroblob(statement_, index, 0);
    } else {
        sqlite3_bind_blob64(statement_, index, value.data(), value.size(), SQLITE_STATIC);
    }
    return *this;
}

Step Statement::step() {
    switch (sqlite3_step(statement_)) {
        case SQLITE_ROW:
            return Step::kRow;
        case SQLITE_DONE:
            return Step::kDone;
        default:
            return Step::kFailed;
    }
}

bool Statement::execute() {
    Step result = step();
    while (result == Step::kRow)
        result = step();
    reset();
    return result == Step::kDone;
}

void Statement::reset() {
    sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::uint64_t Statement::unsigned_integer(int column) const {
    return static_cast<std::uint64_t>(integer(column));
}

std::string Statement::text(int column) const {
    const unsigned char* data = sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(data, data + size);
}

std::string Statement::blob(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

}  // namespace herder::sqlite
