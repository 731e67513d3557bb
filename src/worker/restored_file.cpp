#include "worker/restored_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/assert.h"
#include "base/digest.h"

namespace herder {

namespace {

Error failed(const std::string& doing, const std::string& path) {
    const int code = errno;
    const bool is_full = code == ENOSPC || code == EDQUOT;
    return {is_full ? ErrorCode::kNoCapacity : ErrorCode::kUnavailable,
            doing + " " + path + ": " + std::strerror(code)};
}

std::size_t round_up(std::size_t size) {
    return (size + AlignedBuffer::kAlignment - 1) / AlignedBuffer::kAlignment *
           AlignedBuffer::kAlignment;
}

}  // namespace

void AlignedBuffer::Free::operator()(char* bytes) const {
    std::free(bytes);
}

AlignedBuffer::AlignedBuffer(std::size_t size)
    : size_(size), bytes_(static_cast<char*>(std::aligned_alloc(kAlignment, size))) {
    HERDER_ASSERT(size > 0 && size % kAlignment == 0 && bytes_ != nullptr);
}

Result<std::unique_ptr<RestoredFile>> RestoredFile::open(const std::string& path, Bytes size) {
    constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    // Through the page cache a large restore is throttled to the speed at which the kernel writes
    // it back. tmpfs and some network file systems know no other way.
    int descriptor = ::open(path.c_str(), kFlags | O_DIRECT, 0600);
    const bool is_direct = descriptor >= 0;
    if (!is_direct) descriptor = ::open(path.c_str(), kFlags, 0600);
    if (descriptor < 0) return failed("writing", path);
    std::unique_ptr<RestoredFile> file(new RestoredFile(path, size, descriptor, is_direct));
    const auto length = static_cast<off_t>(size.count);
    // Reserved at once: a full disk is told before the transfer, and writers do not wait for each
    // other to make the file longer.
    if (length > 0 && ::fallocate(descriptor, 0, 0, length) != 0) {
        if (errno != EOPNOTSUPP && errno != ENOSYS) return failed("reserving the space of", path);
        if (::ftruncate(descriptor, length) != 0) return failed("writing", path);
    }
    return file;
}

RestoredFile::~RestoredFile() {
    ::close(descriptor_);
}

// Some file systems take O_DIRECT when a file is opened and refuse the first write with EINVAL.
bool RestoredFile::falls_back() const {
    if (errno != EINVAL) return false;
    const int flags = ::fcntl(descriptor_, F_GETFL);
    return (flags & O_DIRECT) != 0 && ::fcntl(descriptor_, F_SETFL, flags & ~O_DIRECT) == 0;
}

Status RestoredFile::write(std::int64_t offset, const AlignedBuffer& buffer, std::size_t size) {
    std::size_t count = size;
    if (is_direct_) {
        count = round_up(size);
        HERDER_ASSERT(count <= buffer.size());
        std::memset(buffer.data() + size, 0, count - size);
    }
    for (std::size_t done = 0; done < count;) {
        const ssize_t written = ::pwrite(descriptor_, buffer.data() + done, count - done,
                                         static_cast<off_t>(offset) + static_cast<off_t>(done));
        if (written < 0 && (errno == EINTR || falls_back())) continue;
        if (written <= 0) return failed("writing", path_);
        done += static_cast<std::size_t>(written);
    }
    return ok();
}

Result<std::uint32_t> RestoredFile::checksum(std::int64_t offset, std::int64_t size,
                                             const AlignedBuffer& buffer) const {
    std::uint32_t sum = 0;
    for (std::int64_t done = 0; done < size;) {
        const auto wanted =
            std::min<std::int64_t>(static_cast<std::int64_t>(buffer.size()), size - done);
        const std::size_t count = is_direct_ ? round_up(static_cast<std::size_t>(wanted))
                                             : static_cast<std::size_t>(wanted);
        const ssize_t got =
            ::pread(descriptor_, buffer.data(), count, static_cast<off_t>(offset + done));
        if (got < 0 && (errno == EINTR || falls_back())) continue;
        if (got <= 0) return failed("reading", path_);
        const auto used = std::min<std::int64_t>(got, wanted);
        sum = crc32c({buffer.data(), static_cast<std::size_t>(used)}, sum);
        done += used;
    }
    return sum;
}

Status RestoredFile::finish(int mode) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size_.count)) != 0)
        return failed("ending", path_);
    if (::fchmod(descriptor_, static_cast<mode_t>(mode & 0777) | 0600U) != 0)
        return failed("ending", path_);
    return ok();
}

}  // namespace herder
