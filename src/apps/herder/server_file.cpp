#include "server_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "protocol/value_json.h"

namespace herder {

namespace {

constexpr std::size_t kFileMax = 64 << 10;

std::string path_in(const std::string& data_dir) {
    return data_dir + "/server.json";
}

RunningServer read_server_file(const std::string& data_dir) {
    std::ifstream file(path_in(data_dir));
    std::ostringstream text;
    text << file.rdbuf();
    const auto noted = protocol::parse_json(text.str(), kFileMax);
    if (!noted) return {};
    RunningServer found;
    const protocol::Json* number = noted->find("pid");
    const auto* pid = number == nullptr ? nullptr : number->if_signed();
    if (pid != nullptr) found.pid = static_cast<pid_t>(*pid);
    const protocol::Json* url = noted->find("url");
    if (url != nullptr && url->if_string() != nullptr) found.url = *url->if_string();
    const protocol::Json* ends_market = noted->find("ends_market");
    found.ends_market = ends_market != nullptr && *ends_market == protocol::Json(true);
    return found;
}

// A number may belong to another program by now, and one that was killed stays in the list until
// its parent has looked: in a container without an init for ever. "PID (NAME) STATE ...".
bool is_herder(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line)) return false;
    const std::size_t begin = line.find(" (herder) ");
    if (begin == std::string::npos) return false;
    const char state = line[begin + std::string_view(" (herder) ").size()];
    return state != 'Z' && state != 'X';
}

}  // namespace

std::string after_stop(bool ends_market) {
    return ends_market ? "its pretend market and the machines there end with it; unfinished jobs "
                         "start again "
                         "from their last checkpoints with the next 'herder up --demo'"
                       : "running jobs go on without it and are taken up again by 'herder up'";
}

RunningServer find_running_server(const std::string& data_dir) {
    const RunningServer found = read_server_file(data_dir);
    return found.pid > 0 && is_herder(found.pid) ? found : RunningServer{};
}

Status check_no_server_runs(const std::string& data_dir) {
    const RunningServer found = find_running_server(data_dir);
    if (found.pid == 0 || found.pid == getpid()) return ok();
    return Error{ErrorCode::kConflict,
                 "a server works on the data folder " + data_dir + " already: " + found.url +
                     " (process " + std::to_string(found.pid) +
                     "); use it, stop it with 'herder down', or give another --data-dir"};
}

Status write_server_file(const std::string& data_dir, const ServerFile& content) {
    const std::string path = path_in(data_dir);
    protocol::Json document;
    document.set("url", content.url);
    document.set("agent_url", content.agent_url);
    document.set("market_url", content.market_url);
    document.set("ends_market", content.ends_market);
    document.set("pid", std::int64_t{getpid()});
    std::ofstream file(path + ".new");
    file << document.to_text() << '\n';
    file.close();
    std::error_code error;
    std::filesystem::rename(path + ".new", path, error);
    if (file && !error) return ok();
    return unavailable("cannot write " + path + "; is the disk full?");
}

void remove_server_file(const std::string& data_dir) {
    std::error_code ignored;
    if (read_server_file(data_dir).pid == getpid()) {
        std::filesystem::remove(path_in(data_dir), ignored);
    }
}

}  // namespace herder
