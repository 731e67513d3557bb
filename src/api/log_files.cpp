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
#include <set>

#include "base/log.h"
#include "protocol/layout.h"

namespace herder::api {

namespace fs = std::filesystem;

namespace {

constexpr char kText[] = ".log";
constexpr char kIndex[] = ".index";
constexpr char kTimes[] = ".times";
// Empty: says that indexes of an attempt were forgotten, so that none is begun as if it were new.
constexpr char kForgotten[] = ".forgotten";
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

Status write_whole(const std::string& path, const std::string& text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool is_done =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (file >= 0) ::close(file);
    if (is_done) return ok();
    return unavailable("cannot write " + path + ": " + std::strerror(errno));
}

bool sync_path(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_done = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    return is_done;
}

// "j1/2" of "j1/2.out".
std::string attempt_of(const std::string& base) {
    return base.substr(0, base.rfind('.'));
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

Status LogFiles::save(const std::string& base, const LogIndex& index) {
    const std::string path = path_of(base, kIndex);
    std::error_code error;
    fs::create_directories(fs::path(path).parent_path(), error);
    const std::int64_t before = disk_size(path);
    if (auto written = write_whole(path + ".new", to_text(index)); !written) return written;
    fs::rename(path + ".new", path, error);
    if (error) return unavailable("cannot write " + path + ": " + error.message());
    used_ += disk_size(path) - before;
    return ok();
}

Status LogFiles::make_durable(const std::string& base) const {
    const std::string path = path_of(base, kIndex);
    if (sync_path(path) && sync_path(fs::path(path).parent_path().string())) return ok();
    return unavailable("cannot write " + path + ": " + std::strerror(errno));
}

std::optional<std::string> LogFiles::find_prefix(const std::string& base) const {
    const std::lock_guard lock(mutex_);
    const std::string attempt = attempt_of(base);
    const std::size_t slash = attempt.find('/');
    if (slash == std::string::npos) return std::nullopt;
    const std::string folder =
        "/" + attempt.substr(0, slash) + "/attempts/" + attempt.substr(slash + 1) + "/logs/";
    for (const std::string part : kParts) {
        std::ifstream file(path_of(attempt + "." + part, kIndex), std::ios::binary);
        std::string format, version, local_begin, prefix;
        file >> format >> version >> local_begin >> prefix;
        const std::string own = part + "/";
        // A prefix that is cut is none.
        if (!file || !prefix.ends_with(folder + own)) continue;
        prefix.resize(prefix.size() - own.size());
        return prefix + base.substr(attempt.size() + 1) + "/";
    }
    return std::nullopt;
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

// All streams of an attempt that writes here begin here: nobody has to look for them elsewhere. Not
// those of which something is here, or was: the store knows what became of them.
Status LogFiles::begin(const LogName& name) {
    const std::string own = part_of(name.stream);
    for (const std::string part : kParts) {
        const std::string base = base_text(name.attempt, part);
        if (file_size(path_of(base, kIndex)) >= 0 || file_size(path_of(base, kText)) > 0) continue;
        if (part != own && file_size(path_of(attempt_of(base), kForgotten)) >= 0) continue;
        LogIndex index;
        index.prefix = protocol::log_prefix(name.team, name.attempt, part);
        if (auto saved = save(base, index); !saved) return saved;
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
Status LogFiles::note_loss(const std::string& base) {
    {
        const std::lock_guard lock(mutex_);
        const std::int64_t there = size_of(base);
        if (there == 0 || file_size(path_of(base, kText)) >= there) return ok();
        LogIndex index = load(base).value_or(LogIndex{});
        const LogIndex before = index;
        index.local_begin = std::max(index.local_begin, there);
        if (!index.stored.empty()) index.stored.back().is_closed = true;
        if (index == before) return ok();
        if (auto saved = save(base, index); !saved) return saved;
    }
    return make_durable(base);
}

Result<std::int64_t> LogFiles::append(const LogName& name, const LogChunk& chunk) {
    const Result<std::string> base = base_of(name);
    if (!base) return base.error();
    if (auto noted = note_loss(*base); !noted) return noted.error();
    const std::lock_guard lock(mutex_);
    const std::int64_t there = size_of(*base);
    const std::int64_t end = chunk.offset + static_cast<std::int64_t>(chunk.data.size());
    // A full stream is still acknowledged, so that the machine does not fill up in our place; so is
    // one that was deleted on purpose.
    if (chunk.offset >= 0 && there >= options_.stream_limit) return end;
    if (const auto index = load(*base); index && index->deletion) return end;
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
    if (auto written = write(*base, there, data); !written) return written.error();
    const std::string times = path_of(*base, kTimes);
    const std::int64_t before = disk_size(times);
    for (const LogMark& mark : chunk.marks) {
        const LogMark here{std::max(mark.offset, there), mark.first, mark.last};
        if (mark.offset < end) (void)add_log_mark(times, here);
    }
    used_ += disk_size(times) - before;
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
    if (!index || index->deletion) return std::nullopt;  // it may be in the store
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
    const std::string times = path_of(base, kTimes);
    const auto index = load(base);
    if (!index) return;
    const std::int64_t before = disk_size(path) + disk_size(times);
    if (whole && index->local_begin == size_of(base)) {
        (void)::unlink(path.c_str());
        (void)::unlink(times.c_str());  // the names of the pieces tell theirs
    } else {
        const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        const std::int64_t size = index->local_begin / kBlock * kBlock;
        // Where the file system has no holes the file stays as it is; nothing else depends on it.
        if (file >= 0 && size > 0)
            (void)::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size);
        if (file >= 0) ::close(file);
    }
    used_ -= before - disk_size(path) - disk_size(times);
}

void LogFiles::erase(const std::string& base) {
    const std::lock_guard lock(mutex_);
    for (const char* suffix : {kText, kTimes}) {
        const std::string path = path_of(base, suffix);
        const std::int64_t bytes = disk_size(path);
        if (::unlink(path.c_str()) == 0) used_ -= bytes;
    }
}

void LogFiles::forget(const std::string& base) {
    const std::lock_guard lock(mutex_);
    const std::string path = path_of(base, kIndex);
    if (file_size(path) < 0 || file_size(path_of(base, kText)) >= 0) return;
    if (!write_whole(path_of(attempt_of(base), kForgotten), "")) return;
    const std::int64_t bytes = disk_size(path);
    if (::unlink(path.c_str()) == 0) used_ -= bytes;
}

LogFiles::File LogFiles::look_at(const std::string& base) const {
    File file;
    file.base = base;
    for (const char* suffix : {kText, kIndex, kTimes}) {
        struct stat info{};
        if (::stat(path_of(base, suffix).c_str(), &info) != 0) continue;
        file.bytes += info.st_blocks * 512;
        file.modified = std::max<std::int64_t>(file.modified, info.st_mtim.tv_sec);
    }
    const std::int64_t here = file_size(path_of(base, kText));
    const auto index = load(base);
    const bool is_known = index && !index->prefix.empty();
    file.is_waiting = here > 0 && (!is_known || index->stored_end() < here);
    return file;
}

std::vector<LogFiles::File> LogFiles::list() {
    std::set<std::string> bases;
    std::error_code error;
    for (fs::directory_iterator job(options_.folder, error), end; !error && job != end;
         job.increment(error)) {
        std::error_code inner;
        for (fs::directory_iterator it(job->path(), inner), none; !inner && it != none;
             it.increment(inner)) {
            const std::string suffix = it->path().extension().string();
            if (suffix == kText || suffix == kIndex || suffix == kTimes)
                bases.insert(job->path().filename().string() + "/" + it->path().stem().string());
        }
    }
    std::vector<File> files;
    const std::lock_guard lock(mutex_);
    used_ = 0;
    for (const std::string& base : bases) {
        files.push_back(look_at(base));
        used_ += files.back().bytes;
    }
    std::sort(files.begin(), files.end(),
              [](const File& a, const File& b) { return a.modified < b.modified; });
    return files;
}

}  // namespace herder::api
