#include "worker/cache_entries.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/digest.h"
#include "worker/cloned_file.h"
#include "worker/tree_files.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashSize = 64;
constexpr std::array kKept{"/contents", "/names"};
// Of the quota: so much more than needed goes at a time, and after so much that was put it is
// measured what the others have.
constexpr std::int64_t kShare = 16;

bool is_hash(const std::string& text) {
    return text.size() == kHashSize &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::int64_t last_use(const struct stat& info) {
    return info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec;
}

// What is written a moment ago may have no blocks yet; a small file takes a whole one.
std::int64_t size_on_disk(const struct stat& info) {
    return std::max<std::int64_t>(info.st_size, info.st_blocks * 512);
}

std::optional<std::int64_t> free_of(const std::string& folder) {
    struct statvfs disk{};
    if (::statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
    return static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
}

// Of every regular file below.
void for_each_file(const std::string& folder,
                   const std::function<void(const fs::path&, const struct stat&)>& visit) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
        struct stat info{};
        if (::lstat(it->path().c_str(), &info) == 0 && S_ISREG(info.st_mode))
            visit(it->path(), info);
    }
}

// The folder may be one that others used before: what does not look like ours is left alone.
constexpr const char* kPartialName = "herder-";

void for_each_entry(const std::string& folder,
                    const std::function<void(const fs::path&, const struct stat&)>& visit) {
    for_each_file(folder, [&visit](const fs::path& path, const struct stat& info) {
        if (is_hash(path.filename().string())) visit(path, info);
    });
}

// A file of this process in partial/, gone with it unless it was placed. Its lock says that
// somebody still writes it.
class Partial {
  public:
    explicit Partial(const std::string& folder)
        : path_(folder + "/partial/" + kPartialName + "XXXXXX") {
        fd_ = ::mkostemp(path_.data(), O_CLOEXEC);
        if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) != 0) close();
    }
    ~Partial() {
        if (fd_ < 0) return;
        ::unlink(path_.c_str());
        close();
    }
    Partial(const Partial&) = delete;
    Partial& operator=(const Partial&) = delete;
    bool is_open() const { return fd_ >= 0; }
    const std::string& path() const { return path_; }

  private:
    void close() {
        ::close(fd_);
        fd_ = -1;
    }
    std::string path_;
    int fd_ = -1;
};

}  // namespace

CacheEntries::CacheEntries(std::string folder, Limits limits)
    : folder_(std::move(folder)),
      limits_(std::move(limits)),
      disk_(limits_.keep_free, limits_.free ? limits_.free : [this] { return free_of(folder_); }) {}

CacheEntries::Room::Room(CacheEntries& entries, std::int64_t size) {
    const std::lock_guard lock(entries.mutex_);
    if (entries.make_room(size)) coming_.emplace(entries.disk_, size);
}

std::string CacheEntries::content_path(const std::string& sha256) const {
    return folder_ + "/contents/" + sha256.substr(0, 2) + "/" + sha256;
}

std::string CacheEntries::name_path(const std::string& name) const {
    const std::string hash = sha256_hex(name);
    return folder_ + "/names/" + hash.substr(0, 2) + "/" + hash;
}

Status CacheEntries::prepare() {
    for (const char* part : {"", "/contents", "/names", "/partial"}) {
        const std::string place = folder_ + part;
        std::error_code failed;
        // A folder that was there keeps its mode: it may be everybody's.
        if (fs::create_directories(place, failed)) ::chmod(place.c_str(), 0700);
        if (failed) return unavailable("making folder " + place + ": " + failed.message());
    }
    if (!Partial(folder_).is_open()) return file_error("writing below " + folder_);
    sweep_partial();
    const Room none(*this, 0);
    return ok();
}

void CacheEntries::sweep_partial() const {
    for_each_file(folder_ + "/partial", [](const fs::path& path, const struct stat&) {
        if (!path.filename().string().starts_with(kPartialName)) return;
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0) return;
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
        ::close(fd);
    });
}

CacheEntries::Taken CacheEntries::take(const std::string& sha256, const std::string& path,
                                       const http::CancelToken& cancel) {
    if (!is_hash(sha256)) return Taken::kMissing;
    const std::string content = content_path(sha256);
    const std::string part = path + ".part";
    const auto found = clone_file(content, part, cancel);
    if (!found) return Taken::kMissing;
    if (*found != sha256) {
        ::unlink(part.c_str());
        ::unlink(content.c_str());
        return Taken::kDamaged;
    }
    // Whether it works says nothing about the content.
    ::utimensat(AT_FDCWD, content.c_str(), nullptr, 0);
    if (::rename(part.c_str(), path.c_str()) == 0) return Taken::kHere;
    ::unlink(part.c_str());
    return Taken::kMissing;
}

std::optional<std::string> CacheEntries::read(const std::string& sha256, std::size_t size) {
    if (!is_hash(sha256)) return std::nullopt;
    const std::string path = content_path(sha256);
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string content(size + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() != size || sha256_hex(content) != sha256) {
        ::unlink(path.c_str());
        return std::nullopt;
    }
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    return content;
}

bool CacheEntries::place(const std::string& partial, const std::string& path) const {
    std::error_code failed;
    fs::create_directories(fs::path(path).parent_path(), failed);
    return !failed && ::rename(partial.c_str(), path.c_str()) == 0;
}

std::optional<std::string> CacheEntries::put(const std::string& path, const std::string& sha256,
                                             const http::CancelToken& cancel) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return std::nullopt;
    Room room(*this, info.st_size);
    if (!room.is_there()) return std::nullopt;
    const Partial partial(folder_);
    if (!partial.is_open()) return std::nullopt;
    room.begin(partial.path());
    const auto found = clone_file(path, partial.path(), cancel);
    if (!found || (!sha256.empty() && *found != sha256)) return std::nullopt;
    return place(partial.path(), content_path(*found)) ? std::optional(*found) : std::nullopt;
}

void CacheEntries::write(const std::string& sha256, std::string_view content) {
    if (!is_hash(sha256)) return;
    Room room(*this, static_cast<std::int64_t>(content.size()));
    if (!room.is_there()) return;
    const Partial partial(folder_);
    if (!partial.is_open()) return;
    room.begin(partial.path());
    std::ofstream file(partial.path(), std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    if (file) place(partial.path(), content_path(sha256));
}

std::optional<std::string> CacheEntries::content_of(const std::string& name) const {
    std::ifstream file(name_path(name));
    std::string hash(kHashSize, '\0');
    file.read(hash.data(), kHashSize);
    if (!file || !is_hash(hash)) return std::nullopt;
    ::utimensat(AT_FDCWD, name_path(name).c_str(), nullptr, 0);
    return hash;
}

void CacheEntries::note(const std::string& name, const std::string& sha256) {
    const Partial partial(folder_);
    if (!partial.is_open()) return;
    std::ofstream file(partial.path(), std::ios::trunc);
    file << sha256;
    file.close();
    if (file) place(partial.path(), name_path(name));
}

// How much has to go before so much may come; nothing helps where it is more than there is.
std::int64_t CacheEntries::lacking(std::int64_t used, std::int64_t incoming) const {
    return std::max(used + incoming - limits_.quota.count, disk_.lacking(incoming));
}

std::vector<CacheEntries::Use> CacheEntries::measure() const {
    std::vector<Use> uses;
    for (const char* part : kKept) {
        for_each_entry(folder_ + part, [&uses](const fs::path&, const struct stat& info) {
            uses.push_back({last_use(info), size_on_disk(info)});
        });
    }
    return uses;
}

bool CacheEntries::make_room(std::int64_t incoming) {
    if (incoming > limits_.quota.count) return false;
    const bool is_known = is_measured_ && put_since_ < limits_.quota.count / kShare;
    if (!is_known || lacking(used_, incoming) > 0) {
        const auto sum = [this](const std::vector<Use>& uses) {
            std::int64_t total = disk_.coming();  // it is not among them yet
            for (const Use& use : uses)
                total += use.size;
            return total;
        };
        std::vector<Use> uses = measure();
        const std::int64_t lacks = lacking(sum(uses), incoming);
        if (lacks > 0) {
            evict(std::move(uses), lacks + limits_.quota.count / kShare);
            uses = measure();
        }
        used_ = sum(uses);
        put_since_ = 0;
        is_measured_ = true;
        if (lacking(used_, incoming) > 0) return false;
    }
    used_ += incoming;
    put_since_ += incoming;
    return true;
}

// Two passes with little memory: up to when the last use of those that go was, and those.
void CacheEntries::evict(std::vector<Use> uses, std::int64_t wanted) {
    std::sort(uses.begin(), uses.end(),
              [](const Use& a, const Use& b) { return a.last_ns < b.last_ns; });
    std::int64_t until = -1;
    for (std::int64_t sum = 0; const Use& use : uses) {
        until = use.last_ns;
        sum += use.size;
        if (sum >= wanted) break;
    }
    for (const char* part : kKept) {
        for_each_entry(folder_ + part, [until](const fs::path& path, const struct stat& info) {
            if (last_use(info) <= until) ::unlink(path.c_str());
        });
    }
}

}  // namespace herder
