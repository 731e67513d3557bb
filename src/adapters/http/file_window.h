#pragma once
// A stretch of a file in memory, for the kernel to copy from into a socket. Private to this folder.
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace herder::http {

// Whoever holds it may hand the bytes to a system call and must not read them: where the file was
// cut short meanwhile the call fails with EFAULT, but a read ends the process (SIGBUS, mmap(2)).
class FileWindow {
  public:
    // Mapping costs a round of the CPUs, not bytes: windows are large.
    static constexpr std::uint64_t kSize = 16 << 20;

    // `descriptor` is kept and must stay open.
    explicit FileWindow(int descriptor) : descriptor_(descriptor) {}
    ~FileWindow() { unmap(); }
    FileWindow(const FileWindow&) = delete;
    FileWindow& operator=(const FileWindow&) = delete;

    // At least one byte from `offset` on and at most `size`, valid until the next call.
    // kUnavailable: such a file cannot be mapped.
    Result<std::string_view> at(std::uint64_t offset, std::uint64_t size);

  private:
    void unmap();

    const int descriptor_;
    char* mapped_ = nullptr;
    std::uint64_t first_ = 0;
    std::uint64_t length_ = 0;
};

}  // namespace herder::http
