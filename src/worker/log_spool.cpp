#include "worker/log_spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "protocol/log_ages.h"

namespace herder {
namespace {

// A fully acknowledged file longer than this is emptied.
constexpr std::uint64_t kForgetSize = 4 << 20;
constexpr Duration kTimesApart = seconds(1);

std::string missing_text(std::uint64_t bytes) {
    return "\n[herder: " + std::to_string(bytes) +
           " bytes of this log are missing here: the server lost them after it had taken them, and "
           "the machine had deleted its copy]\n";
}

}  // namespace

LogSpool::LogSpool(std::string folder, std::uint64_t limit, std::function<Instant()> now,
                   Before before)
    : folder_(std::move(folder)), limit_(limit), now_(std::move(now)) {
    std::error_code ignored;
    if (before == Before::kForget) std::filesystem::remove_all(folder_, ignored);
    std::filesystem::create_directories(folder_, ignored);
    load();
}

// How far the server has it is not known here: it is sent again, and its answer says so.
void LogSpool::load() {
    std::error_code error;
    for (std::filesystem::directory_iterator it(folder_, error), end; !error && it != end;
         it.increment(error)) {
        std::filesystem::path name = it->path().filename();
        if (name.extension() != ".log") continue;
        name = name.stem();
        const std::string number = name.extension().string();  // ".4194304"
        if (number.size() < 2 || number.find_first_not_of("0123456789", 1) != std::string::npos)
            continue;
        const std::uint64_t base = std::strtoull(number.c_str() + 1, nullptr, 10);
        const std::uint64_t size = it->file_size(error);
        const auto [known, is_new] = streams_.try_emplace(name.stem().string());
        Stream& state = known->second;
        // Of two the older one was about to be removed.
        if (error || (!is_new && base < state.base)) continue;
        state.base = state.acked = base;
        state.end = base + size;
    }
}

void LogSpool::append(const std::string& stream, std::string_view text) {
    const std::lock_guard lock(mutex_);
    const auto [it, is_new] = streams_.try_emplace(stream);
    if (is_new) it->second.redactor = Redactor(needles_);
    take(stream, it->second, it->second.redactor.feed(text));
}

void LogSpool::hide(std::vector<std::string> needles) {
    const std::lock_guard lock(mutex_);
    for (auto& [name, state] : streams_) {
        take(name, state, state.redactor.finish());
        state.redactor = Redactor(needles);
    }
    needles_ = std::move(needles);
}

void LogSpool::release_held() {
    const std::lock_guard lock(mutex_);
    for (auto& [name, state] : streams_)
        take(name, state, state.redactor.finish());
}

void LogSpool::take(const std::string& stream, Stream& state, std::string_view text) {
    if (text.empty()) return;
    if (state.end - state.acked + text.size() > limit_) {
        if (!state.dropping) write(stream, state, "\n[herder: output was dropped here]\n");
        state.dropping = true;
        return;
    }
    state.dropping = false;
    write(stream, state, text);
}

void LogSpool::write(const std::string& stream, Stream& state, std::string_view text) {
    const int fd =
        ::open(path_of(stream, state.base).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    const ssize_t n =
        ::pwrite(fd, text.data(), text.size(), static_cast<off_t>(state.end - state.base));
    ::close(fd);
    if (n <= 0) return;
    const Instant now = now_ ? now_() : Instant{};
    if (now_ && (state.written.empty() || now - state.written.back().at >= kTimesApart))
        state.written.push_back({state.end, now});
    state.end += static_cast<std::uint64_t>(n);
}

// As many as one message tells; the chunk ends before the next.
void LogSpool::add_times(const Stream& state, Chunk& chunk) {
    for (const Written& written : state.written) {
        const std::uint64_t size = chunk.text.size();
        if (written.offset >= chunk.offset + size) return;
        if (!chunk.written.empty() && written.offset <= chunk.offset) chunk.written.clear();
        if (chunk.written.size() == protocol::kLogAgesMax)
            return chunk.text.resize(written.offset - chunk.offset);
        chunk.written.push_back(written);
    }
}

// What comes next of it; empty where it cannot be read.
std::string LogSpool::read(const std::string& stream, const Stream& state, std::size_t size) const {
    if (state.acked < state.base)
        return state.notice.substr(state.notice.size() - (state.base - state.acked), size);
    const int fd = ::open(path_of(stream, state.base).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return "";
    std::string text(std::min<std::uint64_t>(size, state.end - state.acked), '\0');
    const ssize_t n =
        ::pread(fd, text.data(), text.size(), static_cast<off_t>(state.acked - state.base));
    ::close(fd);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return text;
}

std::vector<LogSpool::Chunk> LogSpool::next_chunks(std::size_t size) {
    const std::lock_guard lock(mutex_);
    std::vector<Chunk> chunks;
    for (const auto& [name, state] : streams_) {
        if (state.acked == state.end) continue;
        Chunk chunk{name, state.acked, read(name, state, size), {}};
        if (chunk.text.empty()) continue;
        add_times(state, chunk);
        chunks.push_back(std::move(chunk));
    }
    return chunks;
}

bool LogSpool::acknowledge(const std::string& stream, std::uint64_t next) {
    const std::lock_guard lock(mutex_);
    const auto it = streams_.find(stream);
    if (it == streams_.end()) return false;
    Stream& state = it->second;
    if (next <= state.acked || next > state.end) return false;
    state.acked = next;
    while (state.written.size() > 1 && state.written[1].offset <= next)
        state.written.pop_front();
    if (state.acked == state.end && state.end - state.base > kForgetSize) forget(stream, state);
    return true;
}

void LogSpool::forget(const std::string& stream, Stream& state) {
    // The new file first: whoever goes on with these must find where the stream is.
    const int fd = ::open(path_of(stream, state.end).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    ::close(fd);
    ::unlink(path_of(stream, state.base).c_str());
    state.base = state.end;
    state.notice.clear();
    state.missing = 0;
}

void LogSpool::go_back(const std::string& stream, std::uint64_t next) {
    const std::lock_guard lock(mutex_);
    const auto it = streams_.find(stream);
    if (it == streams_.end() || next >= it->second.acked) return;
    Stream& state = it->second;
    if (next < state.base - state.notice.size()) {
        const std::uint64_t missing = state.missing + state.base - state.notice.size() - next;
        const std::string notice = missing_text(missing);
        const std::uint64_t base = next + notice.size();
        const std::string now = path_of(stream, base);
        // Asked for again by the server's next answer.
        if (::rename(path_of(stream, state.base).c_str(), now.c_str()) != 0) return;
        state.missing = missing;
        state.notice = notice;
        state.end = state.end - state.base + base;
        for (Written& written : state.written)
            written.offset = std::max(written.offset, state.base) - state.base + base;
        state.base = base;
    }
    state.acked = next;
}

bool LogSpool::is_empty() const {
    const std::lock_guard lock(mutex_);
    return std::all_of(streams_.begin(), streams_.end(),
                       [](const auto& entry) { return entry.second.acked == entry.second.end; });
}

std::uint64_t LogSpool::fullest() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t most = 0;
    for (const auto& [name, state] : streams_)
        most = std::max(most, state.end - state.acked);
    return most;
}

}  // namespace herder
