#include "api/log_marks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace herder::api {

namespace {

constexpr std::size_t kMarksMax = 1 << 16;
constexpr Duration kApart = seconds(1);
constexpr std::size_t kRecord = 3 * sizeof(std::int64_t);

struct File {
    explicit File(const std::string& path, int flags)
        : descriptor(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~File() {
        if (descriptor >= 0) ::close(descriptor);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    std::size_t records() const {
        struct stat info{};
        return ::fstat(descriptor, &info) == 0 ? static_cast<std::size_t>(info.st_size) / kRecord
                                               : 0;
    }
    const int descriptor;
};

// The file stays on this machine: its numbers are written as this machine has them.
void put(const LogMark& mark, char* to) {
    const std::int64_t numbers[] = {mark.offset, mark.first.us, mark.last.us};
    std::memcpy(to, numbers, kRecord);
}
LogMark get(const char* from) {
    std::int64_t numbers[3];
    std::memcpy(numbers, from, kRecord);
    return {numbers[0], WallTime{numbers[1]}, WallTime{numbers[2]}};
}

Status write_at(const File& file, std::size_t record, const LogMark& mark,
                const std::string& path) {
    char bytes[kRecord];
    put(mark, bytes);
    if (::pwrite(file.descriptor, bytes, kRecord, static_cast<off_t>(record * kRecord)) ==
        static_cast<ssize_t>(kRecord))
        return ok();
    return unavailable("cannot write " + path + "; the server's disk may be full");
}

// Every second record goes; the one before it then speaks for both.
void thin_out(const std::string& path, const File& file) {
    const std::vector<LogMark> marks = read_log_marks(path);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < marks.size(); i += 2) {
        LogMark mark = marks[i];
        if (i + 1 < marks.size()) mark.last = std::max(mark.last, marks[i + 1].last);
        if (!write_at(file, kept, mark, path)) return;
        ++kept;
    }
    // Where this fails, some marks are there twice, which does no harm.
    [[maybe_unused]] const int cut =
        ::ftruncate(file.descriptor, static_cast<off_t>(kept * kRecord));
}

}  // namespace

Status add_log_mark(const std::string& path, const LogMark& mark) {
    const File file(path, O_RDWR | O_CREAT);
    if (file.descriptor < 0) return unavailable("cannot write " + path);
    if (file.records() >= kMarksMax) thin_out(path, file);
    const std::size_t count = file.records();
    char bytes[kRecord];
    const bool has_last = count > 0 && ::pread(file.descriptor, bytes, kRecord,
                                               static_cast<off_t>((count - 1) * kRecord)) ==
                                           static_cast<ssize_t>(kRecord);
    if (has_last) {
        LogMark last = get(bytes);
        // A calendar that was set back must not make the search go wrong.
        const WallTime from = std::max(mark.first, last.first);
        const WallTime to = std::max({mark.last, last.last, from});
        if (from < last.first + kApart) {
            last.last = to;
            return write_at(file, count - 1, last, path);
        }
        return write_at(file, count, {mark.offset, from, to}, path);
    }
    return write_at(file, count, mark, path);
}

std::vector<LogMark> read_log_marks(const std::string& path) {
    std::vector<LogMark> marks;
    const File file(path, O_RDONLY);
    if (file.descriptor < 0) return marks;
    std::string bytes(file.records() * kRecord, '\0');
    const ssize_t got = ::pread(file.descriptor, bytes.data(), bytes.size(), 0);
    for (std::size_t at = 0; at + kRecord <= static_cast<std::size_t>(std::max<ssize_t>(got, 0));
         at += kRecord)
        marks.push_back(get(bytes.data() + at));
    return marks;
}

std::int64_t begin_since(const std::vector<LogMark>& marks, WallTime since, std::int64_t end) {
    for (const LogMark& mark : marks) {
        if (mark.last >= since) return std::min(mark.offset, end);
    }
    return marks.empty() ? 0 : end;
}

std::int64_t end_until(const std::vector<LogMark>& marks, WallTime until, std::int64_t end) {
    for (const LogMark& mark : marks) {
        if (mark.first > until) return std::min(mark.offset, end);
    }
    return end;
}

}  // namespace herder::api
