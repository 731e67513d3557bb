#include "worker/output_files.h"

#include <glob.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/confined_path.h"
#include "base/digest.h"
#include "protocol/join_json.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

// The characters of a store's key (ports/object_store.h).
bool is_storable(const std::string& name) {
    return name.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
               "/-") == std::string::npos &&
           name.size() <= 300;
}

void take(const fs::path& path, const fs::path& base, std::map<std::string, std::string>& found) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
             it.increment(error)) {
            if (it->is_regular_file(error)) take(it->path(), base, found);
        }
        return;
    }
    const std::string name = path.lexically_relative(base).generic_string();
    if (!fs::is_regular_file(path, error) || !is_confined_path(name) || !is_storable(name)) return;
    if (found.size() < protocol::kOutputsMax) found.emplace(name, path.string());
}

}  // namespace

Result<std::string> hash_output(const std::string& path, const http::CancelToken* stop) {
    std::ifstream file(path, std::ios::binary);
    Sha256Stream hash;
    std::string block(1 << 18, '\0');
    while (file.read(block.data(), static_cast<std::streamsize>(block.size())) ||
           file.gcount() > 0) {
        if (stop != nullptr && stop->is_cancelled())
            return Error{ErrorCode::kCancelled, "hashing " + path + " was broken off"};
        hash.update(std::string_view(block).substr(0, static_cast<std::size_t>(file.gcount())));
    }
    if (!file.eof()) return unavailable("cannot read the output " + path);
    return hash.finish_hex();
}

std::vector<OutputFile> find_output_files(const std::string& work_folder,
                                          const std::vector<std::string>& patterns,
                                          const std::string& output_folder) {
    std::map<std::string, std::string> found;
    for (const std::string& pattern : patterns) {
        if (!is_confined_path(pattern)) continue;
        glob_t matches{};
        if (::glob((work_folder + "/" + pattern).c_str(), 0, nullptr, &matches) == 0) {
            for (std::size_t i = 0; i < matches.gl_pathc; ++i)
                take(fs::path(matches.gl_pathv[i]).lexically_normal(), work_folder, found);
        }
        ::globfree(&matches);
    }
    take(output_folder, output_folder, found);
    std::vector<OutputFile> files;
    for (const auto& [name, path] : found)
        files.push_back({name, path});
    return files;
}

}  // namespace herder
