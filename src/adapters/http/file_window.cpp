#include "adapters/http/file_window.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace herder::http {

namespace {

constexpr std::uint64_t kAligned = 64 << 10;  // any system's pages

}  // namespace

Result<std::string_view> FileWindow::at(std::uint64_t offset, std::uint64_t size) {
    if (mapped_ == nullptr || offset < first_ || offset >= first_ + length_) {
        unmap();
        const std::uint64_t first = offset / kAligned * kAligned;
        const std::uint64_t length = std::min(kSize, offset - first + size);
        void* mapped =
            ::mmap(nullptr, length, PROT_READ, MAP_SHARED, descriptor_, static_cast<off_t>(first));
        if (mapped == MAP_FAILED)
            return unavailable("mapping a file: " + std::generic_category().message(errno));
        mapped_ = static_cast<char*>(mapped);
        first_ = first;
        length_ = length;
    }
    const std::uint64_t skipped = offset - first_;
    return std::string_view(mapped_ + skipped, std::min(size, length_ - skipped));
}

void FileWindow::unmap() {
    if (mapped_ != nullptr) ::munmap(mapped_, length_);
    mapped_ = nullptr;
}

}  // namespace herder::http
