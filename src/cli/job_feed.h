#pragma once
// What a job says while it goes on: its events and the lines of its output, asked for again and
// again from where the last answer ended. Survives a restart of the server; prints nothing itself.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "cli/server_link.h"

namespace herder::cli {

// Which output is wanted.
struct LogChoice {
    std::vector<std::string> streams = {"out", "err"};
    std::int64_t first_attempt = 1;
    std::int64_t last_attempt = 0;  // 0: also those that are yet to come
};

class JobFeed {
  public:
    // `path` as job_path gives it.
    JobFeed(ServerLink& server, std::string path, LogChoice choice)
        : server_(server), path_(std::move(path)), choice_(std::move(choice)) {}

    // The events since the last call, in order.
    Result<protocol::Json::Array> new_events();
    // Hands on the output since the last call, attempt by attempt. `attempts` is how many the job
    // has had. True if there was any.
    Result<bool> new_logs(std::int64_t attempts,
                          const std::function<Status(std::string_view piece)>& on_piece);
    Result<protocol::Json> job() { return server_.get(path_); }

  private:
    ServerLink& server_;
    std::string path_;
    LogChoice choice_;
    std::string last_event_ = "0";
    std::map<std::pair<std::int64_t, std::string>, std::uint64_t> offsets_;
    std::int64_t oldest_open_ = 1;  // older attempts were read to their end
};

}  // namespace herder::cli
