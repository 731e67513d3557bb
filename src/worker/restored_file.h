#pragma once
// A file that is put together from pieces in any order, by several threads, past the page cache
// where its file system lets it.
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace herder {

// Memory that O_DIRECT takes.
class AlignedBuffer {
  public:
    static constexpr std::size_t kAlignment = 4096;
    // A multiple of kAlignment.
    explicit AlignedBuffer(std::size_t size);
    char* data() const { return bytes_.get(); }
    std::size_t size() const { return size_; }

  private:
    struct Free {
        void operator()(char* bytes) const;
    };
    std::size_t size_;
    std::unique_ptr<char, Free> bytes_;
};

class RestoredFile {
  public:
    // Keeps what is in it. kNoCapacity where the disk has no room for `size`.
    static Result<std::unique_ptr<RestoredFile>> open(const std::string& path, Bytes size);
    ~RestoredFile();
    RestoredFile(const RestoredFile&) = delete;
    RestoredFile& operator=(const RestoredFile&) = delete;

    // `offset` is a multiple of the alignment; only the last piece of the file may have a size that
    // is not, and then the buffer is filled up with zeros. Thread-safe.
    Status write(std::int64_t offset, const AlignedBuffer& buffer, std::size_t size);
    // The checksum of a range that was written before.
    Result<std::uint32_t> checksum(std::int64_t offset, std::int64_t size,
                                   const AlignedBuffer& buffer) const;
    // Ends it: its size and mode.
    Status finish(int mode);

  private:
    RestoredFile(std::string path, Bytes size, int descriptor, bool is_direct)
        : path_(std::move(path)), size_(size), descriptor_(descriptor), is_direct_(is_direct) {}

    // After a failed call: through the page cache from now on, if that may be the cure.
    bool falls_back() const;

    const std::string path_;
    const Bytes size_;
    const int descriptor_;
    const bool is_direct_;  // at first
};

}  // namespace herder
