#include "api/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "protocol/layout.h"

namespace herder::api {

namespace fs = std::filesystem;

namespace {

constexpr char kText[] = ".log";
constexpr char kIndex[] = ".index";
constexpr char kTimes[] = ".times";
constexpr std::int64_t kBlock = 4096;
constexpr const char* kParts[] = {"out", "err", "system", "metrics"};

std::string part_of(const std::string& stream) {
    if (stream == "out" || stream == "stdout") return "out";
    if (stream == "err" || stream == "stderr") return "err";
    if (stream == "system" || stream == "agent") return "system";
    if (stream == "metrics") return "metrics";
    return "";
}

std::string base_text(AttemptKey attempt, const std::string& part) {
    return to_text(attempt.job) + "/" + std::to_string(attempt.fence.value) + "." + part;
}

// -1: there is none.
std::int64_t file_size(const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_size : -1;
}
std::int64_t disk_size(const std::string& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_blocks * 512 : 0;
}

Status write_whole(const std::string& path, const std::string& text, bool is_durable) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_done =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    is_done = is_done && (!is_durable || ::fsync(file) == 0);
    if (file >= 0) ::close(file);
    if (is_done) return ok();
    return unavailable("cannot write " + path + ": " + std::strerror(errno));
}

}  // namespace

bool is_stream(const std::string& name) {
    return !part_of(name).empty();
}

LogFiles::LogFiles(Options options) : options_(std::move(options)) {
    std::error_code ignored;
    fs::create_directories(options_.folder, ignored);
}

Result<std::string> LogFiles::base_of(const LogName& name) {
    const std::string part = part_of(name.stream);
    if (part.empty())
        return invalid("there is no log stream '" + name.stream +
                       "'; use out, err, system or metrics");
    return base_text(name.attempt, part);
}

std::optional<LogIndex> LogFiles::load(const std::string& base) const {
    const std::string path = path_of(base, kIndex);
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    Result<LogIndex> index = parse_log_index(text);
    if (index) return std::move(*index);
    // As if there were none: what is in the store is then found by its names.
    log_error("logs.index_damaged", {{"file", path}, {"why", index.error().message}});
    return std::nullopt;
}

Status LogFiles::save(const std::string& base, const LogIndex& index, bool is_durable) {
    const std::string path = path_of(base, kIndex);
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    if (auto written = write_whole(path + ".new", to_text(index), is_durable); !written)
        return written;
    fs::rename(path + ".new", path, error);
    if (!error) return ok();
    return unavailable("cannot write " + path + ": " + error.message());
}

std::int64_t LogFiles::size_of(const std::string& base) const {
    const std::int64_t here = file_size(path_of(base, kText));
    const auto index = load(base);
    return std::max<std::int64_t>({0, here, index ? index->stored_end() : 0});
}

std::int64_t LogFiles::size(const std::string& base) const {
    const std::lock_guard lock(mutex_);
    return size_of(base);
}

std::int64_t LogFiles::used() const {
    const std::lock_guard lock(mutex_);
    return used_;
}

// All streams of an attempt that writes here begin here: nobody has to look for them elsewhere.
Status LogFiles::begin(const LogName& name) {
    for (const char* part : kParts) {
        const std::string base = base_text(name.attempt, part);
        if (file_size(path_of(base, kIndex)) >= 0) continue;
        LogIndex index;
        index.prefix = protocol::log_prefix(name.team, name.attempt, part);
        if (auto saved = save(base, index, false); !saved) return saved;
    }
    return ok();
}

Status LogFiles::write(const std::string& base, std::int64_t at, std::string_view data) {
    const std::string path = path_of(base, kText);
    const std::int64_t before = disk_size(path);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const bool is_done = file >= 0 && ::pwrite(file, data.data(), data.size(), at) ==
                                          static_cast<ssize_t>(data.size());
    if (file >= 0) {
        // Half a chunk would be taken for all of it.
        [[maybe_unused]] const int cut = is_done ? 0 : ::ftruncate(file, at);
        ::close(file);
    }
    if (!is_done) return unavailable("cannot write " + path + "; the server's disk may be full");
    used_ += disk_size(path) - before;
    return ok();
}

// What the store has and this disk lost with the power, or gave up, is not the hole that it would
// look like once something stands behind it.
Status LogFiles::note_loss(const std::string& base, std::int64_t there) {
    if (there == 0 || file_size(path_of(base, kText)) >= there) return ok();
    LogIndex index = load(base).value_or(LogIndex{});
    index.local_begin = std::max(index.local_begin, there);
    if (!index.stored.empty()) index.stored.back().is_closed = true;
    return save(base, index, true);
}

Result<std::int64_t> LogFiles::append(const LogName& name, const LogChunk& chunk) {
    const Result<std::string> base = base_of(name);
    if (!base) return base.error();
    const std::lock_guard lock(mutex_);
    const std::int64_t there = size_of(*base);
    const std::int64_t end = chunk.offset + static_cast<std::int64_t>(chunk.data.size());
    // A full stream is still acknowledged, so that the machine does not fill up in our place.
    if (chunk.offset >= 0 && there >= options_.stream_limit) return end;
    if (chunk.offset < 0 || chunk.offset > there) {
        return invalid("log chunk begins at " + std::to_string(chunk.offset) + " but only " +
                       std::to_string(there) + " bytes are stored; send from there");
    }
    if (end <= there) return there;
    // Not before: a stream of which this disk has lost the beginning is still found in the store.
    if (auto begun = begin(name); !begun) return begun.error();
    if (used_ >= options_.disk_limit) {
        return unavailable("the logs on this server take up the " +
                           to_text(Bytes{options_.disk_limit}) +
                           " that they may; they wait on their machines until the artifact store "
                           "takes some");
    }
    std::string data = chunk.data.substr(static_cast<std::size_t>(there - chunk.offset));
    if (end >= options_.stream_limit)
        data += "\n[herder: the log is cut here, its limit is reached]\n";
    if (auto noted = note_loss(*base, there); !noted) return noted.error();
    if (auto written = write(*base, there, data); !written) return written.error();
    for (const LogMark& mark : chunk.marks) {
        const LogMark here{std::max(mark.offset, there), mark.first, mark.last};
        if (mark.offset < end) (void)add_log_mark(path_of(*base, kTimes), here);
    }
    return end;
}

std::optional<std::string> LogFiles::read(const std::string& base, std::int64_t offset,
                                          std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    const std::optional<LogIndex> index = load(base);
    const int file = ::open(path_of(base, kText).c_str(), O_RDONLY | O_CLOEXEC);
    std::string data(limit, '\0');
    ssize_t got = 0;
    bool is_here = index && offset >= index->local_begin;
    if (file >= 0) {
        // Without its index only a hole tells what was dropped.
        if (!index) is_here = ::lseek(file, offset, SEEK_DATA) == offset;
        if (is_here) got = ::pread(file, data.data(), limit, offset);
        ::close(file);
    }
    data.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (!data.empty()) return data;
    if (!index) return std::nullopt;  // it may be in the store
    if (offset < index->stored_end()) return std::nullopt;
    return std::string();
}

std::optional<LogIndex> LogFiles::index(const std::string& base) const {
    const std::lock_guard lock(mutex_);
    return load(base);
}

std::vector<LogMark> LogFiles::marks(const std::string& base) const {
    const std::lock_guard lock(mutex_);
    return read_log_marks(path_of(base, kTimes));
}

void LogFiles::drop(const std::string& base, bool whole) {
    const std::lock_guard lock(mutex_);
    const std::string path = path_of(base, kText);
    const auto index = load(base);
    if (!index) return;
    const std::int64_t before = disk_size(path);
    if (whole && index->local_begin == size_of(base)) {
        (void)::unlink(path.c_str());
    } else {
        const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        const std::int64_t size = index->local_begin / kBlock * kBlock;
        // Where the file system has no holes the file stays as it is; nothing else depends on it.
        if (file >= 0 && size > 0)
            (void)::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size);
        if (file >= 0) ::close(file);
    }
    used_ -= before - disk_size(path);
}

std::vector<LogFiles::File> LogFiles::list() {
    std::vector<File> files;
    std::error_code error;
    for (fs::directory_iterator job(options_.folder, error), end; !error && job != end;
         job.increment(error)) {
        std::error_code inner;
        for (fs::directory_iterator it(job->path(), inner), none; !inner && it != none;
             it.increment(inner)) {
            if (it->path().extension() != kText) continue;
            struct stat info{};
            if (::stat(it->path().c_str(), &info) != 0) continue;
            File file;
            file.base = job->path().filename().string() + "/" + it->path().stem().string();
            file.modified = info.st_mtim.tv_sec;
            file.bytes = info.st_blocks * 512;
            const auto found = index(file.base);
            file.is_waiting = found && !found->prefix.empty() &&
                              found->stored_end() < static_cast<std::int64_t>(info.st_size);
            files.push_back(std::move(file));
        }
    }
    std::sort(files.begin(), files.end(),
              [](const File& a, const File& b) { return a.modified < b.modified; });
    const std::lock_guard lock(mutex_);
    used_ = 0;
    for (const File& file : files)
        used_ += file.bytes;
    return files;
}

}  // namespace herder::api
