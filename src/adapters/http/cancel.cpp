#include "adapters/http/cancel.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace herder::http {

CancelToken::CancelToken() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

CancelToken::~CancelToken() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void CancelToken::cancel() {
    cancelled_.store(true, std::memory_order_release);
    const std::uint64_t one = 1;
    // A full counter is readable too, so a failed write loses nothing.
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

}  // namespace herder::http
