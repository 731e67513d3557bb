#pragma once
// Copies of the files that machines fetch by their hash: the agent and the SDK. A package upgrade
// replaces the originals under a running server, and a machine that was rented before a restart
// still asks for what it was told.
#include <map>
#include <string>

#include "base/result.h"

namespace herder::api {

struct ServedFile {
    std::string sha256;  // hex
    std::string path;
};

// Copies the file into the folder, under its hash; what is there already is only freshened. The
// file itself where it cannot be copied.
Result<ServedFile> keep_served(const std::string& file, const std::string& folder);

// All that the folder holds, by hash; the oldest are deleted beyond a few.
std::map<std::string, std::string> served_files(const std::string& folder);

}  // namespace herder::api
