#pragma once
// A response body that comes from a file, or from the range of it that the client asked for.
// Private to this folder.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder::http {

// [first, first + length) of something `total` long.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
    bool operator==(const ByteRange&) const = default;
};

enum class RangeVerdict { kWhole, kPart, kUnsatisfiable };

// Reads "bytes=a-b", "bytes=a-" and "bytes=-n". Several ranges and what it does not understand
// mean the whole file, as RFC 9110 section 14.2 allows.
RangeVerdict parse_range(std::string_view header, std::uint64_t total, ByteRange& range);

class FileBody {
  public:
    // kNotFound when it cannot be opened or is no regular file.
    static Result<FileBody> open(const std::string& path);
    ~FileBody();
    FileBody(FileBody&& other) noexcept;
    FileBody& operator=(FileBody&&) = delete;

    std::uint64_t total() const { return total_; }
    void select(ByteRange range) { left_ = range; }
    bool is_done() const { return left_.length == 0; }
    // The next piece, at most `size` bytes. kCorrupt when the file has become shorter.
    Status read(std::string& out, std::size_t size);

  private:
    FileBody(int descriptor, std::uint64_t total)
        : descriptor_(descriptor), total_(total), left_{0, total} {}

    int descriptor_;
    std::uint64_t total_;
    ByteRange left_;
};

}  // namespace herder::http
