#include "worker/folder_listing.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "worker/file_structure.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr int kDepthMax = 8;
constexpr std::size_t kFilesMax = 20'000;

}  // namespace

std::vector<SeenFile> FolderListing::list() {
    std::vector<SeenFile> files;
    std::map<std::string, SeenFile> known;
    std::error_code error;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator it(folder_, options, error), end;
         !error && it != end && files.size() < kFilesMax; it.increment(error)) {
        if (it.depth() >= kDepthMax) it.disable_recursion_pending();
        struct stat info{};
        if (::lstat(it->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
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
    known_ = std::move(known);
    return files;
}

}  // namespace herder
