#include "core/worker/checkpoint_layout.h"

#include <algorithm>
#include <map>

#include "core/worker/framework_rules.h"

namespace herder {
namespace {

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

bool is_below(const std::string& path, const std::string& folder) {
    return folder.empty() ||
           (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

bool is_unfinished(const std::string& path) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (is_unfinished_name(std::string_view(path).substr(begin, end - begin))) return true;
        begin = end + 1;
    }
    return false;
}

// Orbax renames the whole step, and each item of it: a step with an item under a temporary name is
// looked at, a step under a temporary name is not there yet.
bool is_in_temporary_step(const std::string& path) {
    constexpr std::string_view kMark = ".orbax-checkpoint-tmp";
    const std::size_t mark = path.find(kMark);
    if (mark == std::string::npos) return false;
    const std::size_t begin = path.rfind('/', mark) + 1;
    return path.find_first_not_of("0123456789", begin) == mark;
}

std::vector<SeenFolder> folders_of(const std::vector<SeenFile>& files) {
    std::map<std::string, SeenFolder> folders;
    for (const SeenFile& file : files) {
        std::string place = file.path;
        do {
            place = parent_of(place);
            SeenFolder& folder = folders[place];
            folder.path = place;
            folder.parent = parent_of(place);
            folder.name = place.substr(place.rfind('/') + 1);
            folder.files.push_back(&file);
        } while (!place.empty());
    }
    std::vector<SeenFolder> made;
    for (auto& [path, folder] : folders)
        made.push_back(std::move(folder));
    return made;  // outer folders come before inner ones
}

bool is_of_the_sdk(const SeenFolder& folder) {
    if (folder.path.empty()) return false;
    const bool has_state =
        folder.find("state.json") != nullptr || folder.find("rank-00000/state.json") != nullptr;
    return has_state && folder.find("manifest.json") != nullptr;
}

}  // namespace

std::int64_t CheckpointLayout::changed_us() const {
    std::int64_t newest = 0;
    for (const SeenFile& file : files)
        newest = std::max(newest, file.changed_us);
    return newest;
}

bool CheckpointLayout::is_loose() const {
    return std::any_of(files.begin(), files.end(),
                       [&](const SeenFile& file) { return file.path == path; });
}

std::vector<CheckpointLayout> find_layouts(std::vector<SeenFile> files) {
    std::erase_if(files, [](const SeenFile& file) {
        return is_unfinished(file.path) || is_in_temporary_step(file.path);
    });
    std::sort(files.begin(), files.end(),
              [](const SeenFile& a, const SeenFile& b) { return a.path < b.path; });
    std::vector<CheckpointLayout> found;
    std::vector<std::string> taken;
    const auto is_taken = [&](const std::string& path) {
        return std::any_of(taken.begin(), taken.end(), [&](const std::string& folder) {
            return path == folder || is_below(path, folder);
        });
    };
    for (const SeenFolder& folder : folders_of(files)) {
        if (!taken.empty() && is_taken(folder.path)) continue;
        if (is_of_the_sdk(folder)) {
            taken.push_back(folder.path);
        } else if (auto layout = judge_folder(folder, files)) {
            taken.push_back(folder.path);
            found.push_back(std::move(*layout));
        }
    }
    std::vector<const SeenFile*> loose;
    for (const SeenFile& file : files) {
        if (!is_taken(file.path)) loose.push_back(&file);
    }
    for (CheckpointLayout& layout : judge_files(loose))
        found.push_back(std::move(layout));
    std::sort(found.begin(), found.end(),
              [](const CheckpointLayout& a, const CheckpointLayout& b) { return a.path < b.path; });
    return found;
}

const char* to_string(Framework framework) {
    switch (framework) {
        case Framework::kTransformers:
            return "transformers";
        case Framework::kAccelerate:
            return "accelerate";
        case Framework::kLightning:
            return "lightning";
        case Framework::kKeras:
            return "keras";
        case Framework::kOrbax:
            return "orbax";
        case Framework::kDcp:
            return "dcp";
        case Framework::kDeepSpeed:
            return "deepspeed";
        case Framework::kMegatron:
            return "megatron";
        case Framework::kPlain:
            return "plain";
    }
    return "unknown";
}

}  // namespace herder
