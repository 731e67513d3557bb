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

constexpr std::size_t kNameMax = 300;

// The characters of a store's key (ports/object_store.h).
bool is_storable(const std::string& name) {
    return name.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
               "/-") == std::string::npos &&
           name.size() <= kNameMax;
}

// Which files there are, by name; those that cannot be stored are among them.
using Named = std::map<std::string, std::string>;

void take(const fs::path& path, const fs::path& base, Named& found) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        for (fs::recursive_directory_iterator it(path, error), end; !error && it != end;
             it.increment(error)) {
            if (it->is_regular_file(error)) take(it->path(), base, found);
        }
        return;
    }
    const std::string name = path.lexically_relative(base).generic_string();
    if (fs::is_regular_file(path, error) && is_confined_path(name))
        found.emplace(name, path.string());
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

FoundOutputs find_output_files(const std::string& work_folder,
                               const std::vector<std::string>& patterns,
                               const std::string& output_folder) {
    FoundOutputs outputs;
    Named found;
    for (const std::string& pattern : patterns) {
        if (!is_confined_path(pattern)) continue;
        Named matching;
        glob_t matches{};
        const std::string wanted = (fs::path(work_folder) / pattern).string();
        // NOLINTNEXTLINE(concurrency-mt-unsafe): only with GLOB_TILDE
        if (::glob(wanted.c_str(), 0, nullptr, &matches) == 0) {
            for (std::size_t i = 0; i < matches.gl_pathc; ++i)
                take(fs::path(matches.gl_pathv[i]).lexically_normal(), work_folder, matching);
        }
        ::globfree(&matches);
        if (matching.empty()) outputs.unmatched.push_back(pattern);
        found.merge(matching);
    }
    take(output_folder, output_folder, found);
    for (const auto& [name, path] : found) {
        if (!is_storable(name))
            outputs.unstorable.push_back(name);
        else if (outputs.files.size() < protocol::kOutputsMax)
            outputs.files.push_back({name, path});
        else
            ++outputs.too_many;
    }
    return outputs;
}

std::string tell_left_out(const FoundOutputs& found) {
    std::string text;
    if (!found.unstorable.empty()) {
        text = "the output '" + found.unstorable.front() +
               "' was not stored: its name may have letters of English, digits, . _ - and / alone, "
               "and " +
               std::to_string(kNameMax) + " characters; rename it, or pack it into an archive";
        const std::size_t more = found.unstorable.size() - 1;
        if (more > 0) text += "; and so it is with " + std::to_string(more) + " more";
    }
    if (found.too_many == 0) return text;
    return text + (text.empty() ? "" : "; ") + std::to_string(found.too_many) +
           " more outputs were not stored: a job has " + std::to_string(protocol::kOutputsMax) +
           " at most; pack them into an archive";
}

}  // namespace herder
