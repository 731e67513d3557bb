#pragma once
// A file that is fetched from the server or the store: compared while it arrives, and under another
// name until it is whole, so that nobody takes a part for the file.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/server_link.h"

namespace herder::cli {

struct PulledFile {
    std::string target;  // below /api/v1
    std::string name;    // relative, from a rented machine: refused where it leaves the folder
    std::string folder;
    std::string sha256;                   // hex; empty: not known
    std::optional<std::uint32_t> crc32c;  // nothing: not known
    // As they arrive; may be empty.
    std::function<void(std::int64_t bytes)> on_bytes{};
};

// Whether a file of this size and hash lies there already; false where no hash is known.
bool is_pulled(const PulledFile& file, std::int64_t size);

// Where it will lie. kInvalid for a name that leaves the folder.
Result<std::string> place_of(const PulledFile& file);

// Where it lies now. kCorrupt: it does not have the hash or checksum.
Result<std::string> pull_file(ServerLink& server, const PulledFile& file);

// Reads it and compares, and keeps nothing.
Status compare_file(ServerLink& server, const PulledFile& file);

}  // namespace herder::cli
