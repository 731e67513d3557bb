#pragma once
// One rule a framework: is this folder (or file) a checkpoint of it, which step, is it complete.
// Used by find_layouts alone.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/worker/checkpoint_layout.h"

namespace herder {

// A folder of the listing with everything below it.
struct SeenFolder {
    std::string path;    // empty: the watched folder itself
    std::string name;    // its last part
    std::string parent;  // its path without that
    std::vector<const SeenFile*> files;

    // By the path below this folder; null: there is none.
    const SeenFile* find(std::string_view below) const;
    std::string below(const SeenFile& file) const;
};

// The layout if the folder is a checkpoint of some framework. `all` is the whole listing.
std::optional<CheckpointLayout> judge_folder(const SeenFolder& folder,
                                             const std::vector<SeenFile>& all);
// Files that are checkpoints by themselves, grouped by folder and number.
std::vector<CheckpointLayout> judge_files(const std::vector<const SeenFile*>& loose);

// A name that a framework gives to what it has not finished, or that people hide.
bool is_unfinished_name(std::string_view part);

}  // namespace herder
