#include "api/log_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace herder::api {

namespace fs = std::filesystem;

namespace {

// People say out, err and system; agents say stdout, stderr and agent.
std::string file_part(const std::string& stream) {
    if (stream == "out" || stream == "stdout") return "out";
    if (stream == "err" || stream == "stderr") return "err";
    if (stream == "system" || stream == "agent") return "system";
    if (stream == "metrics") return "metrics";
    return "";
}

}  // namespace

bool is_stream(const std::string& name) {
    return !file_part(name).empty();
}

LogStore::LogStore(std::string folder, std::int64_t stream_limit)
    : folder_(std::move(folder)), stream_limit_(stream_limit) {
    std::error_code ignored;
    fs::create_directories(folder_, ignored);
}

Result<std::string> LogStore::path_of(AttemptKey attempt, const std::string& stream) const {
    if (!is_stream(stream))
        return invalid("there is no log stream '" + stream + "'; use out, err or system");
    return folder_ + "/" + to_text(attempt.job) + "/" + std::to_string(attempt.fence.value) + "." +
           file_part(stream) + ".log";
}

std::int64_t LogStore::size(AttemptKey attempt, const std::string& stream) const {
    const Result<std::string> path = path_of(attempt, stream);
    std::error_code error;
    const auto bytes = path ? fs::file_size(*path, error) : 0;
    return error ? 0 : static_cast<std::int64_t>(bytes);
}

Result<std::int64_t> LogStore::append(AttemptKey attempt, const std::string& stream,
                                      std::int64_t offset, const std::string& data) {
    const Result<std::string> path = path_of(attempt, stream);
    if (!path) return path.error();
    const std::lock_guard lock(mutex_);
    std::error_code error;
    fs::create_directories(fs::path(*path).parent_path(), error);
    const std::int64_t there = size(attempt, stream);
    const std::int64_t end = offset + static_cast<std::int64_t>(data.size());
    // A full stream is still acknowledged, so that the machine does not fill up in our place.
    if (offset >= 0 && there >= stream_limit_) return end;
    if (offset < 0 || offset > there) {
        return invalid("log chunk begins at " + std::to_string(offset) + " but only " +
                       std::to_string(there) + " bytes are stored; send from there");
    }
    if (end <= there) return there;
    std::ofstream file(*path, std::ios::binary | std::ios::app);
    const auto skip = static_cast<std::size_t>(there - offset);
    file.write(data.data() + skip, static_cast<std::streamsize>(data.size() - skip));
    if (end >= stream_limit_) file << "\n[herder: the log is cut here, its limit is reached]\n";
    file.flush();
    if (!file) return unavailable("cannot write " + *path + "; the server's disk may be full");
    return end;
}

Result<std::string> LogStore::read(AttemptKey attempt, const std::string& stream,
                                   std::int64_t offset, std::size_t limit) const {
    const Result<std::string> path = path_of(attempt, stream);
    if (!path) return path.error();
    std::ifstream file(*path, std::ios::binary);
    if (!file) return std::string();
    file.seekg(offset);
    std::string data(limit, '\0');
    file.read(data.data(), static_cast<std::streamsize>(limit));
    data.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return data;
}

}  // namespace herder::api
