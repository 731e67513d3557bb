#pragma once
// Checkpoints of unchanged training code on their way out of its folder and back into it: the name
// that each file has there travels with the checkpoint, so that the code finds it again.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/worker/checkpoint_layout.h"

namespace herder {

// The file in the checkpoint that says so; it is not put back.
inline constexpr const char* kLayoutFile = ".herder-layout.json";

// What kLayoutFile holds.
std::string layout_text(const CheckpointLayout& layout);

// Puts a restored checkpoint that was found, not announced, back into the job's checkpoint folder
// and returns the path that it has there; `restored` itself for any other. Its files are moved,
// or copied where the folders are on two disks, and replace what stands in their place.
// kNoCapacity: that disk is full.
Result<std::string> put_back_found(const std::string& restored,
                                   const std::string& checkpoint_folder);

// Moves what an earlier life of this disk left half written aside, into `superseded`: frameworks
// resume from the highest number without a look at what it holds. So does a folder that is named as
// one of a step and holds no file. Returns what was moved.
std::vector<std::string> move_torn_aside(const std::vector<SeenFile>& files,
                                         const std::string& checkpoint_folder);

}  // namespace herder
