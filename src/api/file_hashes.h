#pragma once
// SHA-256 of files on disk, remembered for as long as a file does not change. For one thread.
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "base/result.h"

namespace herder::api {

// Streams the file; memory stays small however large it is.
Result<std::string> hash_file(const std::string& path);

class FileHashes {
  public:
    Result<std::string> of(const std::string& path);
    // How much of the file would have to be read now.
    std::int64_t unread(const std::string& path) const;

  private:
    // Path, size, time of change.
    using Stamp = std::tuple<std::string, std::int64_t, std::int64_t>;
    static Stamp stamp_of(const std::string& path);
    std::map<Stamp, std::string> known_;
};

}  // namespace herder::api
