#include "worker/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/confined_path.h"
#include "worker/tree_files.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 512;
constexpr std::int64_t kLongNameMax = 64 << 10;

// POSIX.1-2001 pax, "ustar interchange format": offsets of the fields in a header block.
struct Header {
    std::array<char, kBlock> block{};

    std::string text(std::size_t at, std::size_t size) const {
        const char* begin = block.data() + at;
        return {begin, strnlen(begin, size)};
    }
    char type() const { return block[156]; }
    std::string name() const {
        const std::string prefix =
            std::memcmp(block.data() + 257, "ustar", 5) == 0 && block[262] == '\0' ? text(345, 155)
                                                                                   : "";
        return prefix.empty() ? text(0, 100) : prefix + "/" + text(0, 100);
    }
    std::string link() const { return text(157, 100); }
    // Octal, or base 256 with the first bit set; -1 if neither.
    std::int64_t number(std::size_t at, std::size_t size) const {
        std::int64_t value = 0;
        if ((static_cast<unsigned char>(block[at]) & 0x80U) != 0) {
            for (std::size_t i = at + size - 8; i < at + size; ++i)
                value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 |
                                                  static_cast<unsigned char>(block[i]));
            return value;
        }
        for (std::size_t i = at; i < at + size; ++i) {
            if (block[i] == ' ' || block[i] == '\0') continue;
            if (block[i] < '0' || block[i] > '7') return -1;
            value = value * 8 + (block[i] - '0');
        }
        return value;
    }
    bool is_zero() const {
        for (const char c : block) {
            if (c != '\0') return false;
        }
        return true;
    }
    bool checksum_holds() const {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < kBlock; ++i)
            sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(block[i]);
        return sum == number(148, 8);
    }
};

class Unpacker {
  public:
    Unpacker(gzFile file, std::string folder, const ArchiveLimits& limits)
        : file_(file), folder_(std::move(folder)), limits_(limits) {}

    Status run() {
        Header header;
        while (true) {
            const int n = gzread(file_, header.block.data(), kBlock);
            if (n == 0) break;
            if (n != static_cast<int>(kBlock)) return corrupt("is cut off");
            if (header.is_zero()) break;
            if (!header.checksum_holds()) return corrupt("has a damaged header");
            const Status done = take(header);
            if (!done) return done;
        }
        return make_links();
    }

  private:
    static Error corrupt(const std::string& why) {
        return {ErrorCode::kCorrupt, "the archive " + why};
    }

    Status take(const Header& header) {
        const std::int64_t size = header.number(124, 12);
        if (size < 0 || ++entries_ > limits_.entries)
            return corrupt("has wrong or too many entries");
        switch (header.type()) {
            case 'L':
                return read_text(size, long_name_);
            case 'K':
                return read_text(size, long_link_);
            case 'x':
                return read_pax(size);
            case 'g': {
                std::string ignored;
                return read_text(size, ignored);
            }
            default:
                return take_entry(header, size);
        }
    }

    Status take_entry(const Header& header, std::int64_t size) {
        std::string name = long_name_.empty() ? header.name() : long_name_;
        const std::string link = long_link_.empty() ? header.link() : long_link_;
        long_name_.clear();
        long_link_.clear();
        while (name.starts_with("./"))
            name.erase(0, 2);
        while (!name.empty() && name.back() == '/')
            name.pop_back();
        if (name.empty() || name == ".") return ok();
        if (!is_confined_path(name)) return corrupt("has the path '" + name + "', which leaves it");
        const fs::path path = fs::path(folder_) / name;
        const int mode = static_cast<int>(header.number(100, 8) & 0777);
        switch (header.type()) {
            case '0':
            case '\0':
                return write_file(path, size, mode);
            case '5':
                return make_folder(path);
            case '2': {
                if (!is_confined_link(name, link)) {
                    return corrupt("links '" + name + "' to '" + link + "' outside");
                }
                links_.emplace_back(path, link);
                return ok();
            }
            default:
                return corrupt("has '" + name + "', which is no file, folder or symbolic link");
        }
    }

    static Status make_folder(const fs::path& path) {
        std::error_code error;
        fs::create_directories(path, error);
        if (error) return unavailable("making folder " + path.string() + ": " + error.message());
        return ok();
    }

    Status write_file(const fs::path& path, std::int64_t size, int mode) {
        unpacked_ += size;
        if (unpacked_ > limits_.unpacked.count) return corrupt("unpacks to too many bytes");
        Status made = make_folder(path.parent_path());
        if (!made) return made;
        // Links are made last, so that no path component here can be one.
        const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                              static_cast<mode_t>(mode | 0600));
        if (fd < 0) return file_error("writing " + path.string());
        const Status copied = copy(fd, size);
        ::close(fd);
        return copied;
    }

    Status copy(int fd, std::int64_t size) {
        std::vector<char> buffer(256 << 10);
        for (std::int64_t left = size; left > 0;) {
            const auto want = static_cast<unsigned>(
                std::min<std::int64_t>(left, static_cast<std::int64_t>(buffer.size())));
            const int n = gzread(file_, buffer.data(), want);
            if (n <= 0) return corrupt("is cut off or damaged");
            if (!write_all(fd, {buffer.data(), static_cast<std::size_t>(n)}))
                return file_error("writing a file");
            left -= n;
        }
        return skip_padding(size);
    }

    Status skip_padding(std::int64_t size) {
        const auto rest = static_cast<unsigned>(static_cast<std::size_t>(size) % kBlock);
        if (rest == 0) return ok();
        std::array<char, kBlock> ignored{};
        const unsigned padding = kBlock - rest;
        if (gzread(file_, ignored.data(), padding) != static_cast<int>(padding)) {
            return corrupt("is cut off");
        }
        return ok();
    }

    Status read_text(std::int64_t size, std::string& text) {
        if (size > kLongNameMax) return corrupt("has a name that is too long");
        text.resize(static_cast<std::size_t>(size));
        if (gzread(file_, text.data(), static_cast<unsigned>(size)) != static_cast<int>(size)) {
            return corrupt("is cut off");
        }
        while (!text.empty() && text.back() == '\0')
            text.pop_back();
        return skip_padding(size);
    }

    // Records "LENGTH KEY=VALUE\n".
    Status read_pax(std::int64_t size) {
        std::string text;
        Status read = read_text(size, text);
        if (!read) return read;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t blank = text.find(' ', at);
            const std::size_t length = std::strtoull(text.c_str() + at, nullptr, 10);
            if (blank == std::string::npos || length == 0 || at + length > text.size() ||
                blank >= at + length) {
                return corrupt("has a damaged extended header");
            }
            const std::string record = text.substr(blank + 1, at + length - blank - 2);
            if (record.starts_with("path=")) long_name_ = record.substr(5);
            if (record.starts_with("linkpath=")) long_link_ = record.substr(9);
            at += length;
        }
        return ok();
    }

    Status make_links() {
        for (const auto& [path, target] : links_) {
            Status made = make_folder(path.parent_path());
            if (!made) return made;
            if (::symlink(target.c_str(), path.c_str()) != 0)
                return file_error("linking " + path.string());
        }
        return ok();
    }

    gzFile file_;
    std::string folder_;
    ArchiveLimits limits_;
    std::int64_t entries_ = 0;
    std::int64_t unpacked_ = 0;
    std::string long_name_;
    std::string long_link_;
    std::vector<std::pair<fs::path, std::string>> links_;
};

}  // namespace

Status unpack_archive(const std::string& archive_path, const std::string& folder,
                      const ArchiveLimits& limits) {
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(archive_path.c_str(), "rb"),
                                                          gzclose_r);
    if (!file) return not_found("opening the archive " + archive_path);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return unavailable("making folder " + folder + ": " + error.message());
    return Unpacker(file.get(), folder, limits).run();
}

}  // namespace herder
