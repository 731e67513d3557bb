#include "worker/tree_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/digest.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

// Opens without following a link in the last place; the folders before it are our own.
class File {
  public:
    File(const std::string& path, int flags)
        : fd_(::open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0600)) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    bool is_open() const { return fd_ >= 0; }
    int fd() const { return fd_; }

  private:
    int fd_;
};

bool write_all(int fd, std::string_view text, std::int64_t at) {
    while (!text.empty()) {
        const ssize_t n = ::pwrite(fd, text.data(), text.size(), at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(n));
        at += n;
    }
    return true;
}

bool read_all(int fd, std::string& text, std::int64_t at) {
    for (std::size_t had = 0; had < text.size();) {
        const ssize_t n =
            ::pread(fd, text.data() + had, text.size() - had, at + static_cast<std::int64_t>(had));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        had += static_cast<std::size_t>(n);
    }
    return true;
}

}  // namespace

Error file_error(const std::string& what) {
    const int why = errno;
    const ErrorCode code =
        why == ENOSPC || why == EDQUOT ? ErrorCode::kNoCapacity : ErrorCode::kUnavailable;
    return {code, what + ": " + std::generic_category().message(why)};
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

TreeFiles::TreeFiles(const protocol::Tree& tree, std::string folder)
    : tree_(tree), folder_(std::move(folder)), was_there_(tree.entries.size(), false) {
    std::int64_t at = 0;
    for (const protocol::TreeEntry& entry : tree_.entries) {
        file_begins_.push_back(at);
        at += entry.size;
    }
    at = 0;
    for (const protocol::TreeChunk& chunk : tree_.chunks) {
        chunk_begins_.push_back(at);
        at += chunk.size;
    }
}

std::string TreeFiles::path_of(std::size_t entry) const {
    return folder_ + "/" + tree_.entries[entry].path;
}

std::int64_t TreeFiles::missing_bytes() const {
    std::int64_t missing = 0;
    for (std::size_t i = 0; i < tree_.entries.size(); ++i) {
        struct stat info{};
        const bool is_there = ::lstat(path_of(i).c_str(), &info) == 0 && S_ISREG(info.st_mode);
        const std::int64_t has = is_there ? info.st_blocks * 512 : 0;
        missing += std::max<std::int64_t>(0, tree_.entries[i].size - has);
    }
    return missing;
}

Status TreeFiles::create() {
    std::error_code failed;
    fs::create_directories(folder_, failed);
    if (failed) return unavailable("making folder " + folder_ + ": " + failed.message());
    for (std::size_t i = 0; i < tree_.entries.size(); ++i) {
        const protocol::TreeEntry& entry = tree_.entries[i];
        const std::string path = path_of(i);
        const fs::file_status status = fs::symlink_status(path, failed);
        if (entry.folder) {
            if (!fs::is_directory(status) && ::mkdir(path.c_str(), 0755) != 0)
                return file_error("making folder " + path);
        } else if (entry.link.empty()) {
            was_there_[i] = fs::is_regular_file(status);
            const File file(path, O_WRONLY | O_CREAT);
            if (!file.is_open() || ::ftruncate(file.fd(), entry.size) != 0)
                return file_error("making " + path);
        }
    }
    return ok();
}

std::vector<TreeFiles::Segment> TreeFiles::segments_of(std::size_t chunk) const {
    const std::int64_t begin = chunk_begins_[chunk];
    const std::int64_t end = begin + tree_.chunks[chunk].size;
    // The last entry that begins at or before the piece, or an empty one there.
    const auto after = std::upper_bound(file_begins_.begin(), file_begins_.end(), begin);
    auto entry = static_cast<std::size_t>(after - file_begins_.begin()) - 1;
    std::vector<Segment> segments;
    for (std::int64_t at = begin; at < end; ++entry) {
        const std::int64_t stop = std::min(end, file_begins_[entry] + tree_.entries[entry].size);
        if (stop <= at) continue;
        segments.push_back({entry, at - file_begins_[entry], stop - at});
        at = stop;
    }
    return segments;
}

bool TreeFiles::has(std::size_t chunk) const {
    Sha256Stream digest;
    std::string part;
    for (const Segment& segment : segments_of(chunk)) {
        if (!was_there_[segment.entry]) return false;
        const File file(path_of(segment.entry), O_RDONLY);
        part.resize(static_cast<std::size_t>(segment.size));
        if (!file.is_open() || !read_all(file.fd(), part, segment.at)) return false;
        digest.update(part);
    }
    return digest.finish_hex() == tree_.chunks[chunk].sha256;
}

Status TreeFiles::write(std::size_t chunk, std::string_view content) const {
    for (const Segment& segment : segments_of(chunk)) {
        const std::string path = path_of(segment.entry);
        const auto size = static_cast<std::size_t>(segment.size);
        const File file(path, O_WRONLY);
        if (!file.is_open() || !write_all(file.fd(), content.substr(0, size), segment.at))
            return file_error("writing " + path);
        content.remove_prefix(size);
    }
    return ok();
}

Status TreeFiles::finish() const {
    for (std::size_t i = 0; i < tree_.entries.size(); ++i) {
        const protocol::TreeEntry& entry = tree_.entries[i];
        const std::string path = path_of(i);
        if (!entry.link.empty()) {
            struct stat info{};
            const bool is_taken = ::lstat(path.c_str(), &info) == 0;
            if (is_taken && S_ISLNK(info.st_mode)) ::unlink(path.c_str());
            if (::symlink(entry.link.c_str(), path.c_str()) != 0)
                return file_error("linking " + path);
        } else if (!entry.folder && ::chmod(path.c_str(), entry.executable ? 0755 : 0644) != 0) {
            return file_error("setting the mode of " + path);
        }
    }
    return ok();
}

}  // namespace herder
