#include "worker/line_tail.h"

#include <fcntl.h>
#include <unistd.h>

namespace herder {
namespace {

constexpr std::size_t kReadSize = 256 * 1024;
constexpr std::size_t kLineMax = 1 << 20;

}  // namespace

std::vector<std::string> LineTail::poll() {
    std::vector<std::string> lines;
    const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return lines;
    std::string buffer(kReadSize, '\0');
    for (int reads = 0; reads < 4; ++reads) {
        const ssize_t n = ::pread(fd, buffer.data(), buffer.size(), offset_);
        if (n <= 0) break;
        offset_ += n;
        rest_.append(buffer, 0, static_cast<std::size_t>(n));
        std::size_t from = 0;
        for (std::size_t end = 0; (end = rest_.find('\n', from)) != std::string::npos;
             from = end + 1) {
            if (!skipping_ && end > from) lines.push_back(rest_.substr(from, end - from));
            skipping_ = false;
        }
        rest_.erase(0, from);
        if (rest_.size() > kLineMax) {
            rest_.clear();
            skipping_ = true;
        }
    }
    ::close(fd);
    return lines;
}

}  // namespace herder
