#pragma once
// A temporary file that takes bytes, compresses them and knows the hash of the result. The file is
// removed with the object.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder::cli {

class GzipFile {
  public:
    // In $TMPDIR, else /tmp.
    static Result<std::unique_ptr<GzipFile>> create();
    ~GzipFile();
    GzipFile(const GzipFile&) = delete;
    GzipFile& operator=(const GzipFile&) = delete;

    Status write(std::string_view bytes);
    // Once, after the last write. The same bytes in give the same hash.
    Status finish();

    const std::string& path() const { return path_; }
    const std::string& sha256() const { return sha256_; }  // after finish()
    std::uint64_t size() const { return size_; }

  private:
    struct Parts;
    GzipFile(std::string path, std::unique_ptr<Parts> parts);
    Status deflate_input(int flush);

    std::string path_;
    std::unique_ptr<Parts> parts_;
    std::string sha256_;
    std::uint64_t size_ = 0;
};

}  // namespace herder::cli
