#include "worker/found_checkpoint.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "protocol/value_json.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLayoutMax = 64 * 1024;
constexpr const char* kSuperseded = "superseded";

std::optional<std::string> read_layout_path(const std::string& restored) {
    std::ifstream file(restored + "/" + kLayoutFile, std::ios::binary);
    if (!file) return std::nullopt;
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto json = protocol::parse_json(text, kLayoutMax);
    const auto* path = json ? json->find("path") : nullptr;
    if (path == nullptr || path->if_string() == nullptr) return std::nullopt;
    const std::string& at = *path->if_string();
    if (at.find("..") != std::string::npos || at.starts_with('/')) return std::nullopt;
    return at;
}

Status put_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (!error) fs::rename(from, to, error);
    if (error == std::errc::cross_device_link) {
        error.clear();
        fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
        if (!error) fs::remove(from, error);
    }
    if (!error) return ok();
    const bool is_full = error == std::errc::no_space_on_device;
    return Error{is_full ? ErrorCode::kNoCapacity : ErrorCode::kUnavailable,
                 "putting " + to.string() + " in its place: " + error.message()};
}

// What was moved aside before stays: it may be all that is left of a run.
fs::path free_name(const fs::path& wanted) {
    std::error_code error;
    fs::path name = wanted;
    for (int i = 2; fs::exists(fs::symlink_status(name, error)); ++i)
        name = wanted.string() + "-" + std::to_string(i);
    return name;
}

bool move_aside(const fs::path& folder, const std::string& path) {
    std::error_code error;
    const fs::path aside = free_name(folder / kSuperseded / path);
    fs::create_directories(aside.parent_path(), error);
    fs::rename(folder / path, aside, error);
    return !error;
}

// As frameworks and scripts name the folder of a step: checkpoint-500, step_500, epoch_3.
bool is_name_of_step(const std::string& name) {
    const std::size_t end = name.find_last_not_of("0123456789");
    if (end == std::string::npos || end + 1 == name.size()) return false;
    const std::string word = name.substr(0, end);
    const bool is_word = word == "checkpoint" || word == "step" || word == "epoch";
    return is_word && (name[end] == '-' || name[end] == '_');
}

bool holds_files(const fs::path& folder) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
        if (!it->is_directory(error) || it->is_symlink(error)) return true;
    }
    return static_cast<bool>(error);  // nobody knows
}

// Folders of steps that were made, and nothing was written into them: no listing of files has them.
std::vector<std::string> find_empty_steps(const fs::path& folder) {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (!it->is_directory(error) || it->is_symlink(error)) continue;
        if (it.depth() == 0 && name == kSuperseded) it.disable_recursion_pending();
        if (!is_name_of_step(name)) continue;
        it.disable_recursion_pending();
        if (!holds_files(it->path()))
            found.push_back(it->path().lexically_relative(folder).generic_string());
    }
    return found;
}

}  // namespace

std::string layout_text(const CheckpointLayout& layout) {
    protocol::Json document;
    document.set("framework", to_string(layout.framework)).set("path", layout.path);
    return document.to_text() + "\n";
}

Result<std::string> put_back_found(const std::string& restored,
                                   const std::string& checkpoint_folder) {
    const auto path = read_layout_path(restored);
    if (!path) return restored;
    std::error_code error;
    const fs::path target = fs::path(checkpoint_folder) / *path;
    // A folder of that name may hold files that the checkpoint has not.
    if (!path->empty() && fs::is_directory(target, error)) fs::remove_all(target, error);
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator it(restored, error), end; !error && it != end;
         it.increment(error)) {
        const fs::path relative = it->path().lexically_relative(restored);
        if (it->is_regular_file() && relative != kLayoutFile) files.push_back(relative);
    }
    if (error) return unavailable("reading " + restored + ": " + error.message());
    for (const fs::path& file : files) {
        const Status put = put_file(restored / file, checkpoint_folder / file);
        if (!put) return put.error();
    }
    fs::remove_all(restored, error);
    return path->empty() ? checkpoint_folder : target.string();
}

std::vector<std::string> move_torn_aside(const std::vector<SeenFile>& files,
                                         const std::string& checkpoint_folder) {
    std::vector<std::string> moved;
    for (const CheckpointLayout& layout : find_layouts(files)) {
        // A plain file may be something else that the user keeps here.
        const bool is_ours = layout.framework != Framework::kPlain && !layout.path.empty();
        // One that no pointer names, or that nobody can tell of, may be whole.
        if (layout.fault.empty() || layout.is_untold || !is_ours) continue;
        if (move_aside(checkpoint_folder, layout.path))
            moved.push_back(layout.path + ": " + layout.fault);
    }
    for (const std::string& path : find_empty_steps(checkpoint_folder)) {
        if (move_aside(checkpoint_folder, path)) moved.push_back(path + ": it is empty");
    }
    return moved;
}

}  // namespace herder
