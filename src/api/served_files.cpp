#include "api/served_files.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "api/file_hashes.h"
#include "base/log.h"

namespace herder::api {

namespace fs = std::filesystem;

namespace {

// Of both kinds together: a machine boots within an hour or never, and some upgrades follow each
// other quickly.
constexpr std::size_t kKeptMax = 12;

bool is_hash(const std::string& name) {
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Status copy(const std::string& file, const std::string& folder, ServedFile& kept) {
    const std::string fresh = folder + "/new";
    std::error_code failed;
    fs::copy_file(file, fresh, fs::copy_options::overwrite_existing, failed);
    if (failed) return unavailable("copying to " + fresh + ": " + failed.message());
    // It may have been replaced between the two readings.
    const auto copied = hash_file(fresh);
    if (!copied) return copied.error();
    const std::string path = folder + "/" + *copied;
    fs::rename(fresh, path, failed);
    if (failed) return unavailable("naming " + path + ": " + failed.message());
    kept = {*copied, path};
    return ok();
}

}  // namespace

Result<ServedFile> keep_served(const std::string& file, const std::string& folder) {
    const auto hash = hash_file(file);
    if (!hash) return hash.error();
    std::error_code failed;
    fs::create_directories(folder, failed);
    ServedFile kept{*hash, folder + "/" + *hash};
    const auto there = hash_file(kept.path);
    if (!there || *there != *hash) {
        // A full disk must not keep a server from starting.
        if (const Status copied = copy(file, folder, kept); !copied) {
            log_warn("server.file_not_copied", {{"file", file}, {"why", copied.error().message}});
            return ServedFile{*hash, file};
        }
    }
    fs::last_write_time(kept.path, fs::file_time_type::clock::now(), failed);
    return kept;
}

std::map<std::string, std::string> served_files(const std::string& folder) {
    std::vector<std::pair<fs::file_time_type, std::string>> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
        const std::string name = entry.path().filename();
        std::error_code ignored;
        if (is_hash(name)) found.emplace_back(entry.last_write_time(ignored), name);
    }
    std::sort(found.rbegin(), found.rend());
    std::map<std::string, std::string> files;
    for (const auto& [time, name] : found) {
        if (files.size() < kKeptMax)
            files[name] = folder + "/" + name;
        else
            fs::remove(folder + "/" + name, failed);
    }
    return files;
}

}  // namespace herder::api
