#pragma once
// What of a local folder goes along to a machine: files, folders and symbolic links that no ignore
// file holds back, in order of their paths. Never anything outside of the folder.
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace herder::cli {

struct LocalEntry {
    enum class Kind { kFile, kFolder, kLink };
    std::string path;  // relative, with '/'
    Kind kind = Kind::kFile;
    bool executable = false;
    std::uint64_t size = 0;
    std::string link_target{};
    bool operator==(const LocalEntry&) const = default;
};

struct ListingLimits {
    std::size_t entries = 100'000;
    std::uint64_t bytes = 10ULL << 30;
};

// With `with_ignore_files` it obeys .gitignore and .herderignore in the folder, below it, and
// .gitignore above it up to the top of its git repository. Sockets, devices and pipes are left
// out. kInvalid names the biggest files where a limit is exceeded, and a link that leads outside.
Result<std::vector<LocalEntry>> list_folder(const std::string& folder, bool with_ignore_files,
                                            const ListingLimits& limits = {});

}  // namespace herder::cli
