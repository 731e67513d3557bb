#pragma once
// A connection and its prepared statements, with the ownership that sqlite3.h leaves to its users.
// Only for this folder.
#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder::sqlite {

// The error of the newest call on `db`, with `what` before it.
Error to_error(sqlite3* db, const std::string& what);

class Connection {
  public:
    static Result<Connection> open(const std::string& path);
    Connection() = default;
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;

    // One or several statements without results.
    Status run(const char* sql);
    Result<std::int64_t> read_integer(const char* sql);
    sqlite3* handle() const { return db_; }

  private:
    sqlite3* db_ = nullptr;
};

enum class Step { kRow, kDone, kFailed };

// Prepared once, used for ever by its owner. Bound texts and blobs must live until `reset`.
class Statement {
  public:
    static Result<Statement> prepare(const Connection& connection, const char* sql);
    Statement() = default;
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::uint64_t value);
    Statement& bind_text(int index, std::string_view value);
    Statement& bind_blob(int index, std::string_view value);
    Step step();
    // Runs to the end and resets. False on any failure.
    bool execute();
    void reset();

    std::int64_t integer(int column) const;
    std::uint64_t unsigned_integer(int column) const;
    std::string text(int column) const;
    std::string blob(int column) const;

  private:
    sqlite3_stmt* statement_ = nullptr;
};

// Resets at the end of a scope, so that no read transaction stays open after an early return.
class ResetAtEnd {
  public:
    explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
    ~ResetAtEnd() { statement_.reset(); }
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;

  private:
    Statement& statement_;
};

}  // namespace herder::sqlite
