#pragma once
// Unpacks a tar.gz (ustar, with GNU and pax long names) into a fresh folder and nowhere else:
// absolute names, "..", devices, and links that leave the folder are refused. Images may have no
// tar, and a foreign archive must not write outside.
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace herder {

struct ArchiveLimits {
    Bytes unpacked = gigabytes(50);
    std::int64_t entries = 500'000;
};

Status unpack_archive(const std::string& archive_path, const std::string& folder,
                      const ArchiveLimits& limits = {});

}  // namespace herder
