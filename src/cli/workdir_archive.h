#pragma once
// Packs a work folder as tar.gz so that the same content gives the same bytes: sorted, without
// times and owners. Not a general archiver: files, folders and symbolic links only.
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "cli/gzip_file.h"

namespace herder::cli {

struct WorkdirArchive {
    std::unique_ptr<GzipFile> file;
    std::size_t files = 0;
    std::uint64_t bytes = 0;  // before packing
};

// Leaves out what the folder's .herderignore says. Sockets and devices are left out too.
Result<WorkdirArchive> pack_workdir(const std::string& folder);

// One header block of a ustar archive (POSIX.1-1988): exactly 512 bytes.
struct TarEntry {
    std::string path;  // relative, folders end with '/'
    char type = '0';   // '0' file, '2' symbolic link, '5' folder
    bool executable = false;
    std::uint64_t size = 0;
    std::string link_target{};
};
Result<std::string> tar_header(const TarEntry& entry);

}  // namespace herder::cli
