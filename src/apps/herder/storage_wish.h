#pragma once
// Where checkpoints and outputs shall go, as the command line or a context says it.
#include <string>

namespace herder {

// What stands for the folder of artifacts beside the database.
inline constexpr const char* kFolderStorage = "folder";

struct StorageWish {
    std::string where;     // a name, s3://BUCKET/PREFIX or "folder"; empty: as before
    std::string endpoint;  // of an s3:// that names none; empty: as the environment says, else AWS
    bool operator==(const StorageWish&) const = default;
};

}  // namespace herder
