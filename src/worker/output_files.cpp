#include "worker/output_files.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/confined_path.h"
#include "base/digest.h"
#include "base/utf8.h"
#include "protocol/join_json.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 300;
// Beyond it the files of a folder are not even counted.
constexpr std::size_t kSeenMax = 100'000;
// What is told of each file that goes by another name; the rest is counted.
constexpr std::size_t kToldMax = 3;

// The characters of a store's key (ports/object_store.h).
bool is_of_a_key(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '/' || c == '-';
}

// The name itself, if a store's key can hold it; else with '_' for each other character. Never
// twice the same of two names if `is_marked`.
std::string storable_name(const std::string& name, bool is_marked) {
    std::string stored;
    for (std::string_view rest = name; !rest.empty();) {
        stored += is_of_a_key(rest.front()) ? rest.front() : '_';
        rest.remove_prefix(std::max<std::size_t>(utf8_character_length(rest), 1));
    }
    if (!is_marked && stored.size() <= kNameMax) return stored;
    const std::string mark = "-" + sha256_hex(name).substr(0, 16);
    return stored.substr(0, kNameMax - mark.size()) + mark;
}

// Which files there are, by name; those that cannot be stored under it are among them.
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
    const bool is_wanted = fs::is_regular_file(path, error) && is_confined_path(name);
    if (is_wanted && found.size() < kSeenMax) found.emplace(name, path.string());
}

// Two files never go by one name, and one that can keeps its own.
std::string free_name(const std::string& name, const Named& found,
                      const std::set<std::string>& taken) {
    const std::string stored = storable_name(name, false);
    const bool is_taken = found.contains(stored) || taken.contains(stored);
    return is_taken ? storable_name(name, true) : stored;
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
    std::set<std::string> taken;
    for (const auto& [name, path] : found) {
        if (outputs.files.size() >= protocol::kOutputsMax) {
            ++outputs.too_many;
        } else if (storable_name(name, false) == name) {
            outputs.files.push_back({name, path});
        } else {
            const std::string stored = free_name(name, found, taken);
            taken.insert(stored);
            outputs.renamed.emplace_back(name, stored);
            outputs.files.push_back({stored, path});
        }
    }
    return outputs;
}

std::string tell_left_out(const FoundOutputs& found) {
    if (found.too_many == 0) return "";
    return std::to_string(found.too_many) + " more outputs were not stored: a job has " +
           std::to_string(protocol::kOutputsMax) + " at most; pack them into an archive";
}

std::string tell_renamed(const FoundOutputs& found) {
    std::string text;
    for (std::size_t i = 0; i < std::min(found.renamed.size(), kToldMax); ++i) {
        const auto& [name, stored] = found.renamed[i];
        text += (i == 0 ? "the output '" : "; '") + name + "' is stored as '" + stored + "'";
    }
    if (found.renamed.size() <= kToldMax) return text;
    return text + "; and so it is with " + std::to_string(found.renamed.size() - kToldMax) +
           " more";
}

}  // namespace herder
