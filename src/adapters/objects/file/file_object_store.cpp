#include "adapters/objects/file/file_object_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "adapters/objects/file/descriptor.h"
#include "base/digest.h"
#include "ports/object_key.h"

namespace herder {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kChunk = 1 << 20;
constexpr std::size_t kChecksumsMax = 100'000;

Error system_error(int why, const std::string& what) {
    if (why == ENOENT || why == ENOTDIR) return not_found(what + ": there is no such object");
    if (why == ENOSPC || why == EDQUOT) {
        return {ErrorCode::kNoCapacity, what + ": the disk is full; free some space"};
    }
    return unavailable(what + ": " + std::strerror(why));
}

Result<std::uint32_t> checksum_of(int file, const std::string& key) {
    std::string chunk(kChunk, '\0');
    std::uint32_t crc = 0;
    for (off_t offset = 0;;) {
        const ssize_t size = ::pread(file, chunk.data(), chunk.size(), offset);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return system_error(errno, "reading the object " + key);
        if (size == 0) return crc;
        crc = crc32c(std::string_view(chunk.data(), static_cast<std::size_t>(size)), crc);
        offset += size;
    }
}

Result<std::int64_t> size_of_all(const std::string& folder) {
    std::error_code why;
    std::int64_t sum = 0;
    for (fs::recursive_directory_iterator i(folder, why), end; !why && i != end; i.increment(why)) {
        if (!i->is_regular_file(why)) continue;
        sum += static_cast<std::int64_t>(i->file_size(why));
    }
    if (why) return unavailable("reading the folder " + folder + ": " + why.message());
    return sum;
}

Status make_private_folder(const std::string& folder) {
    std::error_code why;
    fs::create_directories(folder, why);
    if (!why) fs::permissions(folder, fs::perms::owner_all, why);
    if (why) return unavailable("making the folder " + folder + ": " + why.message());
    return ok();
}

}  // namespace

Result<std::unique_ptr<FileObjectStore>> FileObjectStore::open(FileStoreOptions options) {
    const std::string objects = options.folder + "/objects";
    const std::string spool = options.folder + "/spool";
    std::error_code ignored;
    fs::remove_all(spool, ignored);
    for (const std::string& folder : {options.folder, objects, spool}) {
        if (auto made = make_private_folder(folder); !made) return made.error();
    }
    const auto used = size_of_all(objects);
    if (!used) return used.error();
    const int root = ::open(objects.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (root < 0) return system_error(errno, "opening the folder " + objects);
    std::unique_ptr<FileObjectStore> store(new FileObjectStore(std::move(options), root));
    store->used_ = *used;
    return store;
}

FileObjectStore::FileObjectStore(FileStoreOptions options, int root)
    : options_(std::move(options)),
      signer_(options_.secret),
      objects_(options_.folder + "/objects"),
      spool_(options_.folder + "/spool"),
      root_(root) {}

FileObjectStore::~FileObjectStore() {
    ::close(root_);
}

FileObjectStore::Stamp FileObjectStore::stamp_of(const struct stat& info) {
    return {info.st_ino, info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

// Walks part by part without following links, so that nothing outside the folder is ever reached.
// The caller closes what it gets.
Result<int> FileObjectStore::open_parent(const std::vector<std::string>& parts, bool make) const {
    Descriptor folder(::dup(root_));
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        const char* name = parts[i].c_str();
        if (make && ::mkdirat(folder.get(), name, 0700) == 0) {
            if (::fsync(folder.get()) != 0) return system_error(errno, "syncing a new folder");
        }
        folder = Descriptor(
            ::openat(folder.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
        if (folder.is_open()) continue;
        const bool is_taken = make && (errno == ENOTDIR || errno == ELOOP);
        if (is_taken) {
            return Error{ErrorCode::kConflict,
                         "the key runs through " + parts[i] + ", which is no folder"};
        }
        return system_error(errno == ELOOP ? ENOENT : errno, "opening " + parts[i]);
    }
    return folder.release();
}

Result<FileObjectStore::Opened> FileObjectStore::open_object(const std::string& key) const {
    const auto parts = parse_object_key(key);
    if (!parts) return parts.error();
    const auto parent = open_parent(*parts, false);
    if (!parent) return parent.error().with_context("finding the object " + key);
    const Descriptor folder(*parent);
    Descriptor file(::openat(folder.get(), parts->back().c_str(),
                             O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat info{};
    if (!file.is_open() || ::fstat(file.get(), &info) != 0) {
        return system_error(errno == ELOOP ? ENOENT : errno, "opening the object " + key);
    }
    if (!S_ISREG(info.st_mode)) return system_error(ENOENT, "opening the object " + key);
    return Opened{file.release(), stamp_of(info)};
}

Status FileObjectStore::put(const std::string& key, const std::string& data, bool only_if_absent) {
    if (const Status is_key = check_object_key(key); !is_key) return is_key.error();
    const auto file = make_temporary(data);
    if (!file) return file.error().with_context("putting the object " + key);
    return publish(key, *file, only_if_absent);
}

Result<std::string> FileObjectStore::make_temporary(const std::string& data) {
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        number = ++temporaries_;
    }
    const std::string path = spool_ + "/put-" + std::to_string(number);
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open()) return unavailable("creating a file in " + spool_);
    if (write_all(file.get(), data)) return path;
    const int why = errno;
    ::unlink(path.c_str());
    return system_error(why, "writing");
}

// The content is synced before its name, so that the name never stands for less.
Status FileObjectStore::publish(const std::string& key, const std::string& file,
                                bool only_if_absent) {
    const Descriptor content(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat info{};
    Status placed = ok();
    if (!content.is_open() || ::fsync(content.get()) != 0 || ::fstat(content.get(), &info) != 0) {
        placed = system_error(errno == ENOENT ? EIO : errno, "syncing the object " + key);
    } else {
        const std::lock_guard lock(mutex_);
        placed = place(key, file, only_if_absent, info.st_size);
    }
    // After a rename there is nothing left to unlink.
    ::unlink(file.c_str());
    return placed;
}

// Under the lock.
Status FileObjectStore::place(const std::string& key, const std::string& file, bool only_if_absent,
                              std::int64_t size) {
    const auto parts = parse_object_key(key);
    if (!parts) return parts.error();
    const auto parent = open_parent(*parts, true);
    if (!parent) return parent.error().with_context("putting the object " + key);
    const Descriptor folder(*parent);
    const char* name = parts->back().c_str();
    struct stat old{};
    const bool exists = ::fstatat(folder.get(), name, &old, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && only_if_absent) {
        return Error{ErrorCode::kConflict, "putting the object " + key + ": it exists already"};
    }
    const std::int64_t used = used_ - (exists ? old.st_size : 0) + size;
    if (options_.quota.count != 0 && used > options_.quota.count) {
        prune(*parts);
        return Error{ErrorCode::kNoCapacity,
                     "putting the object " + key + ": the store's quota of " +
                         to_text(options_.quota) + " is used up; delete something or raise it"};
    }
    const bool done = only_if_absent ? ::linkat(AT_FDCWD, file.c_str(), folder.get(), name, 0) == 0
                                     : ::renameat(AT_FDCWD, file.c_str(), folder.get(), name) == 0;
    if (!done && (errno == EEXIST || errno == EISDIR || errno == ENOTEMPTY)) {
        return Error{ErrorCode::kConflict, "putting the object " + key + ": the name is taken"};
    }
    if (!done || ::fsync(folder.get()) != 0) {
        return system_error(errno, "putting the object " + key);
    }
    used_ = used;
    return ok();
}

Result<std::string> FileObjectStore::get(const std::string& key, std::size_t limit) {
    const auto opened = open_object(key);
    if (!opened) return opened.error();
    const Descriptor file(opened->file);
    if (static_cast<std::size_t>(opened->stamp.size) > limit) {
        return invalid("reading the object " + key + ": it has " +
                       std::to_string(opened->stamp.size) + " bytes, more than the " +
                       std::to_string(limit) + " expected");
    }
    std::string data(static_cast<std::size_t>(opened->stamp.size), '\0');
    if (!read_all(file.get(), data)) return system_error(errno, "reading the object " + key);
    return data;
}

Result<ObjectInfo> FileObjectStore::head(const std::string& key) {
    const auto opened = open_object(key);
    if (!opened) return opened.error();
    const Descriptor file(opened->file);
    ObjectInfo info{key, Bytes{opened->stamp.size}, std::nullopt, std::nullopt};
    {
        const std::lock_guard lock(mutex_);
        const auto known = checksums_.find(opened->stamp);
        if (known != checksums_.end()) info.crc32c = known->second;
    }
    if (info.crc32c) return info;
    const auto crc = checksum_of(file.get(), key);
    if (!crc) return crc.error();
    remember(opened->stamp, *crc);
    info.crc32c = *crc;
    return info;
}

void FileObjectStore::remember(const Stamp& stamp, std::uint32_t crc) {
    const std::lock_guard lock(mutex_);
    if (checksums_.size() >= kChecksumsMax) checksums_.clear();
    checksums_.insert_or_assign(stamp, crc);
}

Result<std::vector<ObjectInfo>> FileObjectStore::list(const std::string& prefix,
                                                      std::size_t limit) {
    // The folder that all keys with this prefix lie in; a prefix need not be a key itself.
    const std::size_t slash = prefix.rfind('/');
    const std::string below = slash == std::string::npos ? "" : prefix.substr(0, slash);
    if (!below.empty()) {
        if (const Status is_key = check_object_key(below); !is_key) return is_key.error();
    }
    std::vector<ObjectInfo> found;
    std::error_code why;
    fs::recursive_directory_iterator i(objects_ + "/" + below, why);
    for (const fs::recursive_directory_iterator end; !why && i != end; i.increment(why)) {
        if (i->is_symlink(why) || !i->is_regular_file(why)) continue;
        std::string key = i->path().lexically_relative(objects_).generic_string();
        if (!key.starts_with(prefix)) continue;
        struct stat info{};
        if (::stat(i->path().c_str(), &info) != 0) continue;  // removed meanwhile
        found.push_back({std::move(key), Bytes{info.st_size}, std::nullopt,
                         WallTime{stamp_of(info).modified_ns / 1000}});
    }
    const bool is_gone = why == std::errc::no_such_file_or_directory;
    if (why && !is_gone && why != std::errc::not_a_directory) {
        return unavailable("listing the objects " + prefix + ": " + why.message());
    }
    const auto by_key = [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; };
    std::sort(found.begin(), found.end(), by_key);
    if (found.size() > limit) found.resize(limit);
    return found;
}

Status FileObjectStore::remove(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto opened = open_object(key);
    if (!opened) return opened.error();
    const Descriptor file(opened->file);
    const auto parts = parse_object_key(key);
    const auto parent = open_parent(*parts, false);
    if (!parent) return parent.error();
    const Descriptor folder(*parent);
    if (::unlinkat(folder.get(), parts->back().c_str(), 0) != 0 || ::fsync(folder.get()) != 0) {
        return system_error(errno, "removing the object " + key);
    }
    used_ -= opened->stamp.size;
    checksums_.erase(opened->stamp);
    prune(*parts);
    return ok();
}

// Removes the folders that have become empty, from the inside out.
void FileObjectStore::prune(std::vector<std::string> parts) const {
    for (parts.pop_back(); !parts.empty(); parts.pop_back()) {
        const auto parent = open_parent(parts, false);
        if (!parent) return;
        const Descriptor folder(*parent);
        if (::unlinkat(folder.get(), parts.back().c_str(), AT_REMOVEDIR) != 0) return;
    }
}

Result<std::string> FileObjectStore::sign(UrlVerb verb, const std::string& key, WallTime expires) {
    if (const Status is_key = check_object_key(key); !is_key) return is_key.error();
    return options_.base_url() + signer_.sign(verb, key, expires);
}

Status FileObjectStore::adopt(const std::string& key, const std::string& file, std::uint32_t crc,
                              bool only_if_absent) {
    struct stat info{};
    const bool is_there = ::stat(file.c_str(), &info) == 0;
    // Moving the file keeps its stamp.
    if (is_there) remember(stamp_of(info), crc);
    Status placed = publish(key, file, only_if_absent);
    if (placed || !is_there || placed.error().code != ErrorCode::kConflict) return placed;
    const auto there = head(key);
    const bool is_same = there && there->size.count == info.st_size && there->crc32c == crc;
    return is_same ? ok() : placed;
}

Result<std::string> FileObjectStore::file_of(const std::string& key) {
    const auto opened = open_object(key);
    if (!opened) return opened.error();
    ::close(opened->file);
    return objects_ + "/" + key;
}

Bytes FileObjectStore::used() const {
    const std::lock_guard lock(mutex_);
    return Bytes{used_};
}

}  // namespace herder
