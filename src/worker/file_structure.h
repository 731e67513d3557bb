#pragma once
// What a file of a checkpoint tells of itself without any framework: whether it is cut off, as its
// format says at its head and its tail, and the few words that the rules of layouts need. Nothing
// is unpickled; of large files only some kilobytes are read.
#include "core/worker/checkpoint_layout.h"

namespace herder {

// Fills everything but path, size and time, which the caller knows. `path` is the file on the disk,
// `file.path` decides by its name what is looked at.
void read_structure(const std::string& path, SeenFile& file);

}  // namespace herder
