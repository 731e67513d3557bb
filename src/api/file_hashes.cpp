#include "api/file_hashes.h"

#include <sys/stat.h>

#include <fstream>

#include "base/digest.h"

namespace herder::api {

namespace {

constexpr std::size_t kBlock = 1 << 18;
constexpr std::size_t kKnownMax = 100'000;

}  // namespace

Result<std::string> hash_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return unavailable("cannot read the file " + path);
    Sha256Stream hash;
    std::string block(kBlock, '\0');
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())) ||
           file.gcount() > 0) {
        hash.update(std::string_view(block).substr(0, static_cast<std::size_t>(file.gcount())));
    }
    if (file.bad()) return unavailable("cannot read the file " + path);
    return hash.finish_hex();
}

FileHashes::Stamp FileHashes::stamp_of(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return {path, -1, 0};
    return {path, info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

std::int64_t FileHashes::unread(const std::string& path) const {
    const Stamp stamp = stamp_of(path);
    return known_.contains(stamp) ? 0 : std::max<std::int64_t>(0, std::get<1>(stamp));
}

Result<std::string> FileHashes::of(const std::string& path) {
    const Stamp stamp = stamp_of(path);
    const auto found = known_.find(stamp);
    if (found != known_.end()) return found->second;
    Result<std::string> hash = hash_file(path);
    if (!hash) return hash;
    if (known_.size() >= kKnownMax) known_.clear();
    known_.emplace(stamp, *hash);
    return hash;
}

}  // namespace herder::api
