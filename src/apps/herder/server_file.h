#pragma once
// server.json in the data folder: which server works on it, for the command line and for the next
// server. The lock of the store decides who may write; this file only tells where to find it.
#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace herder {

struct RunningServer {
    pid_t pid = 0;
    std::string url;
    bool ends_market = false;  // its pretend market and the machines in it end with it
};

// What becomes of running jobs when a server stops, as half a sentence.
std::string after_stop(bool ends_market);

// pid 0 when none is noted, or the process that is noted is no herder any more.
RunningServer find_running_server(const std::string& data_dir);
// kConflict, with what to do, when a server works on the folder already.
Status check_no_server_runs(const std::string& data_dir);

struct ServerFile {
    std::string url;
    std::string agent_url;
    std::string market_url;
    bool ends_market = false;
};
// Replaces the file at once; the writer's own process id stands in it.
Status write_server_file(const std::string& data_dir, const ServerFile& file);
// Removes it if this process wrote it.
void remove_server_file(const std::string& data_dir);

}  // namespace herder
