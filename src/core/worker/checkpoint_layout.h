#pragma once
// Checkpoints that unchanged training code leaves in a folder: which framework wrote them, their
// step, and whether each is complete. Pure: the shell lists the files and says what their own
// structure tells. Not for checkpoints of the SDK, which announces its own.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace herder {

// What the shell saw of one file. Only what a rule below needs is read from the file itself.
struct SeenFile {
    std::string path = {};  // relative to the watched folder, with '/'
    std::int64_t size_bytes = 0;
    std::int64_t changed_us = 0;  // only compared
    std::string fault = {};       // why its structure says that it is cut off; empty: nothing
    std::string text = {};        // of the small files that name a checkpoint, as `latest`
    std::vector<std::string> names = {};    // the files that an index (*.index.json) promises
    std::optional<std::int64_t> step = {};  // that the file itself gives, as trainer_state.json
    bool is_untold = false;                 // the fault is that nobody can tell
};

enum class Framework : int {
    kTransformers = 1,
    kAccelerate = 2,
    kLightning = 3,
    kKeras = 4,
    kOrbax = 5,
    kDcp = 6,  // torch.distributed.checkpoint
    kDeepSpeed = 7,
    kMegatron = 8,
    kPlain = 9,  // files of one number, as model_500.pt and optimizer_500.pt
};
const char* to_string(Framework framework);

struct CheckpointLayout {
    Framework framework = Framework::kPlain;
    std::string path;                  // of its folder, or of its first file
    std::optional<std::int64_t> step;  // none: the names do not tell
    std::string fault;                 // why it is not complete; empty: it is
    std::vector<SeenFile> files;       // all that belongs to it, and what points to it
    // The fault is only that nobody can tell, or that no pointer names it: it may be whole.
    bool is_untold = false;

    std::int64_t changed_us() const;  // of the file written last
    // Files without a folder of their own: only their names tell the step, and any of them may be
    // written again in its place.
    bool is_loose() const;
};

// Every checkpoint in the listing, complete or not, in the order of their paths.
std::vector<CheckpointLayout> find_layouts(std::vector<SeenFile> files);

}  // namespace herder
