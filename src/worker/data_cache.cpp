#include "worker/data_cache.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <filesystem>

namespace herder {
namespace {

// Of the disk, unless the variable says otherwise.
constexpr std::int64_t kDiskShare = 10;

std::string value_of(const std::map<std::string, std::string>& variables, const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
}

std::int64_t size_of(const std::string& path) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(path, failed);
    return failed ? 0 : static_cast<std::int64_t>(size);
}

struct Disk {
    dev_t device = 0;
    Bytes size;
    bool operator==(const Disk&) const = default;
};

// The one that the folder is on, or will be.
std::optional<Disk> disk_of(const std::string& folder) {
    std::error_code failed;
    std::filesystem::path place = folder;
    while (!std::filesystem::exists(place, failed) && place.has_relative_path())
        place = place.parent_path();
    struct statvfs disk{};
    struct stat info{};
    if (::statvfs(place.c_str(), &disk) != 0 || ::stat(place.c_str(), &info) != 0)
        return std::nullopt;
    return Disk{info.st_dev, {static_cast<std::int64_t>(disk.f_blocks * disk.f_frsize)}};
}

// A container's own disk and a folder of its host may be one disk with two names: then they have
// one size.
bool may_be_one(const std::optional<Disk>& a, const std::optional<Disk>& b) {
    return !a || !b || a->device == b->device || a->size == b->size;
}

}  // namespace

std::unique_ptr<DataCache> DataCache::open(const std::map<std::string, std::string>& variables,
                                           const Job& job, const Say& say) {
    const std::string folder = value_of(variables, kFolderVariable);
    if (folder.empty()) return nullptr;
    const auto off = [&say](const std::string& why) {
        say("data is fetched without the host's cache: " + why);
        return nullptr;
    };
    if (!folder.starts_with('/') || folder == "/")
        return off(std::string(kFolderVariable) + " is '" + folder + "', which is no full path");
    const std::optional<Disk> disk = disk_of(folder);
    Bytes quota{disk ? disk->size.count / kDiskShare : 0};
    const std::string size = value_of(variables, kSizeVariable);
    if (!size.empty()) {
        const auto wanted = parse_bytes(size);
        if (!wanted) return off(std::string(kSizeVariable) + ": " + wanted.error().message);
        quota = *wanted;
    }
    const Bytes keep_free = may_be_one(disk, disk_of(job.folder)) ? job.disk : Bytes{};
    auto cache = std::make_unique<DataCache>(folder, CacheEntries::Limits{quota, keep_free}, say);
    const Status prepared = cache->entries_.prepare();
    if (!prepared) return off(prepared.error().message);
    return cache;
}

DataCache::DataCache(const std::string& folder, CacheEntries::Limits limits, Say say)
    : folder_(folder), entries_(folder, std::move(limits)), say_(std::move(say)) {}

bool DataCache::take_content(const std::string& sha256, const Wish& wish) {
    DiskRoom::Writing giving(entries_.disk(), wish.path);
    switch (entries_.take(sha256, wish.path, wish.cancel)) {
        case CacheEntries::Taken::kHere:
            spared_ += size_of(wish.path);
            giving.give(Bytes{size_of(wish.path)});
            return true;
        case CacheEntries::Taken::kDamaged:
            say_("the host's cache held a damaged copy (" + sha256 + "); it is fetched anew");
            return false;
        case CacheEntries::Taken::kMissing:
            return false;
    }
    return false;
}

bool DataCache::take(const Wish& wish) {
    if (!wish.sha256.empty()) return take_content(wish.sha256, wish);
    const auto content = entries_.content_of(wish.name);
    return content && take_content(*content, wish);
}

CacheFlight DataCache::begin(const std::string& key, const http::CancelToken& cancel) {
    return {folder_, key, cancel, [this] {
                if (has_waited_.exchange(true)) return;
                say_("waiting for data that is being fetched on this host already");
            }};
}

Status DataCache::bring(const Wish& wish, const std::function<Status()>& fetch) {
    const std::string& key = wish.sha256.empty() ? wish.name : wish.sha256;
    if (take(wish)) return ok();
    const CacheFlight flight = begin(key, wish.cancel);
    if (take(wish)) return ok();  // brought by the flight before
    Status fetched = ok();
    {
        DiskRoom::Writing giving(entries_.disk(), wish.path);
        fetched = fetch();
        if (!fetched) return fetched;
        giving.give(Bytes{size_of(wish.path)});
    }
    const auto kept = entries_.put(wish.path, wish.sha256, wish.cancel);
    if (kept && wish.sha256.empty()) entries_.note(wish.name, *kept);
    return fetched;
}

Result<std::string> DataCache::bring_piece(const PieceWish& wish,
                                           const std::function<Result<std::string>()>& fetch) {
    const auto size = static_cast<std::int64_t>(wish.size);
    const auto look = [&] {
        auto content = entries_.read(wish.sha256, wish.size);
        if (content) spared_ += size;
        if (content) entries_.disk().note_given(Bytes{size});
        return content;
    };
    if (auto content = look()) return std::move(*content);
    const CacheFlight flight = begin(wish.sha256, wish.cancel);
    if (auto content = look()) return std::move(*content);
    auto fetched = fetch();
    if (!fetched) return fetched;
    entries_.write(wish.sha256, *fetched);
    entries_.disk().note_given(Bytes{size});
    return fetched;
}

}  // namespace herder
