#include "adapters/http/body_collector.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/digest.h"

namespace herder::http {

void BodyCollector::start_in_memory(std::uint64_t limit) {
    discard();
    limit_ = limit;
}

int BodyCollector::start_in_file(const std::string& folder, std::uint64_t limit) {
    discard();
    limit_ = limit;
    file_path_ = folder + "/body-XXXXXX";
    descriptor_ = ::mkostemp(file_path_.data(), O_CLOEXEC);
    if (descriptor_ >= 0) return 0;
    file_path_.clear();
    return errno == ENOSPC || errno == EDQUOT ? 507 : 500;
}

bool BodyCollector::add(std::string_view piece) {
    if (failure_ != 0) return false;
    if (piece.size() > limit_ - size_) {
        failure_ = 413;
        return false;
    }
    size_ += piece.size();
    if (descriptor_ < 0) {
        memory_.append(piece);
        return true;
    }
    crc32c_ = crc32c(piece, crc32c_);
    while (!piece.empty()) {
        const ssize_t count = ::write(descriptor_, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            failure_ = errno == ENOSPC || errno == EDQUOT ? 507 : 500;
            return false;
        }
        piece.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void BodyCollector::hand_over(Request& request) {
    request.body = std::move(memory_);
    request.body_file = std::exchange(file_path_, {});
    request.body_size = size_;
    request.body_crc32c = request.body_file.empty() ? 0 : crc32c_;
    discard();
}

void BodyCollector::discard() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!file_path_.empty()) ::unlink(file_path_.c_str());
    descriptor_ = -1;
    file_path_.clear();
    memory_ = {};
    size_ = 0;
    crc32c_ = 0;
    failure_ = 0;
}

}  // namespace herder::http
