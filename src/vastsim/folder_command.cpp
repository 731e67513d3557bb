#include "vastsim/folder_command.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

namespace herder::vastsim {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kEntriesMost = 10'000;

// Empty when the path leads out of the folder.
fs::path inside(const std::string& root, const std::string& wanted) {
    std::error_code failed;
    const fs::path base = fs::weakly_canonical(root, failed);
    const fs::path path = fs::weakly_canonical(base / fs::path(wanted).relative_path(), failed);
    const auto end = std::mismatch(base.begin(), base.end(), path.begin(), path.end()).first;
    return end == base.end() ? path : fs::path();
}

std::string list(const fs::path& path) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(path, failed)) {
        names.push_back(entry.path().filename().string());
        if (names.size() >= kEntriesMost) break;
    }
    std::sort(names.begin(), names.end());
    std::string out;
    for (const std::string& name : names)
        out += name + "\n";
    return out;
}

std::uintmax_t size_of(const fs::path& path) {
    std::error_code failed;
    if (fs::is_regular_file(path, failed)) return fs::file_size(path, failed);
    std::uintmax_t total = 0;
    std::size_t entries = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path, failed)) {
        if (++entries > kEntriesMost) break;
        if (entry.is_regular_file(failed) && !entry.is_symlink(failed)) {
            total += entry.file_size(failed);
        }
    }
    return total;
}

}  // namespace

std::string run_folder_command(const std::string& root, const std::string& command) {
    std::istringstream words(command);
    std::string verb;
    words >> verb;
    std::string target = "/";
    for (std::string word; words >> word;) {
        if (!word.starts_with('-')) target = word;
    }
    const fs::path path = root.empty() ? fs::path() : inside(root, target);
    std::error_code failed;
    if (path.empty() || !fs::exists(path, failed)) {
        return verb + ": cannot access '" + target + "': No such file or directory\n";
    }
    if (verb == "ls") return fs::is_directory(path, failed) ? list(path) : target + "\n";
    if (verb == "du") return std::to_string(size_of(path) / 1024) + "\t" + target + "\n";
    if (verb == "rm" && path != inside(root, "/")) fs::remove_all(path, failed);
    return "";
}

}  // namespace herder::vastsim
