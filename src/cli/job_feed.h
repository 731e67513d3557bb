#pragma once
// What a job says while it goes on: its events and the lines of its output, asked for again and
// again from where the last answer ended. Survives a restart of the server; prints nothing itself.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/server_link.h"

namespace herder::cli {

// Which output is wanted.
struct LogChoice {
    std::vector<std::string> streams = {"out", "err"};
    std::int64_t first_attempt = 1;
    std::int64_t last_attempt = 0;       // 0: also those that are yet to come
    std::optional<std::string> since{};  // as the server reads times
    std::optional<std::string> until{};
    std::size_t tail = 0;  // lines of each stream to begin with; 0: all

    // Whether the server has to say where the wanted part begins.
    bool is_part() const { return since || until || tail > 0; }
};

struct LogPiece {
    std::int64_t attempt = 0;
    std::string stream;
    std::string_view text;
};

class JobFeed {
  public:
    using OnLog = std::function<void(const LogPiece& piece)>;

    // `path` as job_path gives it.
    JobFeed(ServerLink& server, std::string path, LogChoice choice)
        : server_(server), path_(std::move(path)), choice_(std::move(choice)) {}

    // The events since the last call, in order.
    Result<protocol::Json::Array> new_events();
    // Hands on the output since the last call, attempt by attempt. `attempts` is how many the job
    // has had. True if there was any.
    Result<bool> new_logs(std::int64_t attempts, const OnLog& on_log);
    // What of it is lost for good, said once each; it was left out.
    std::vector<std::string> take_lost() { return std::exchange(lost_, {}); }
    // Which logs were deleted on purpose, said once each.
    std::vector<std::string> take_deleted() { return std::exchange(deleted_, {}); }
    Result<protocol::Json> job() { return server_.get(path_); }

  private:
    struct Place {
        bool is_found = false;
        bool is_asked = false;  // why there is nothing
        bool is_deleted = false;
        std::uint64_t offset = 0;
        std::optional<std::uint64_t> end{};
    };
    Result<bool> read(std::int64_t attempt, const std::string& stream, const OnLog& on_log);
    // Whether this range of the server is of a log that was deleted; notes it then.
    bool note_deleted(const protocol::Json& range, std::int64_t attempt, const std::string& stream,
                      Place& place);
    Status find_out_why(std::int64_t attempt, const std::string& stream, Place& place);
    Status find(std::int64_t attempt, const std::string& stream, Place& place);
    Status pass_lost(std::int64_t attempt, const std::string& stream, Place& place,
                     const Error& error);

    ServerLink& server_;
    std::string path_;
    LogChoice choice_;
    std::string last_event_ = "0";
    std::map<std::pair<std::int64_t, std::string>, Place> places_;
    std::vector<std::string> lost_;
    std::vector<std::string> deleted_;
    std::int64_t oldest_open_ = 1;  // older attempts were read to their end
};

}  // namespace herder::cli
