#pragma once
// The bytes of one object or part, kept in memory, in a file, or not at all (then they read as
// zeros, for measuring clients). Immutable once made.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace herder::s3d {

enum class Keeping { kMemory, kFolder, kDiscard };

class Blob {
  public:
    virtual ~Blob() = default;
    virtual std::uint64_t size() const = 0;
    // Fills all of `size` bytes from `offset`, which must lie inside.
    virtual Status read(std::uint64_t offset, char* out, std::size_t size) const = 0;
};
// Shared by the vault and by the connections that are sending it.
using BlobPtr = std::shared_ptr<const Blob>;

// Takes the bytes as they come in.
class BlobWriter {
  public:
    // `file`: where they are kept with kFolder; must not exist.
    static Result<std::unique_ptr<BlobWriter>> make(Keeping keeping, const std::string& file);
    virtual ~BlobWriter() = default;
    virtual Status append(std::string_view data) = 0;
    // Counts bytes that nobody looked at; only where nothing is kept.
    virtual void skip(std::uint64_t) {}
    virtual Result<BlobPtr> finish() = 0;
};

// An existing file; it is removed with the last user of the blob if `is_temporary`.
Result<BlobPtr> open_blob(const std::string& file, bool is_temporary);
// One after the other.
BlobPtr join_blobs(std::vector<BlobPtr> parts);
// All of it, for tests and small documents.
Result<std::string> read_all(const Blob& blob);

}  // namespace herder::s3d
