#include "worker/folder_listing.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "worker/file_structure.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr int kDepthMax = 16;

}  // namespace

std::vector<SeenFile> FolderListing::list() {
    std::vector<SeenFile> files;
    std::map<std::string, SeenFile> known;
    std::error_code error;
    cut_.clear();
    const auto options = fs::directory_options::skip_permission_denied;
    fs::recursive_directory_iterator it(folder_, options, error);
    // A folder that is not there has no files, and that is all there is to know of it.
    if (error == std::errc::no_such_file_or_directory) error.clear();
    for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
        struct stat info{};
        if (::lstat(it->path().c_str(), &info) != 0) continue;
        if (S_ISDIR(info.st_mode) && it.depth() >= kDepthMax) {
            it.disable_recursion_pending();
            cut_ = "it has folders more than " + std::to_string(kDepthMax) + " deep";
        }
        if (!S_ISREG(info.st_mode)) continue;
        if (files.size() >= files_max_) {
            cut_ = "it has more than " + std::to_string(files_max_) + " files";
            break;
        }
        SeenFile file;
        file.path = it->path().lexically_relative(folder_).generic_string();
        file.size_bytes = info.st_size;
        file.changed_us = info.st_mtim.tv_sec * 1'000'000 + info.st_mtim.tv_nsec / 1000;
        const auto before = known_.find(file.path);
        if (before != known_.end() && before->second.size_bytes == file.size_bytes &&
            before->second.changed_us == file.changed_us) {
            file = before->second;
        } else {
            read_structure(it->path().string(), file);
        }
        known[file.path] = file;
        files.push_back(std::move(file));
    }
    if (error) cut_ = "it cannot be read: " + error.message();
    known_ = std::move(known);
    return files;
}

}  // namespace herder
