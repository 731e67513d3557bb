#include "worker/cache_flight.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "base/digest.h"
#include "worker/machine_clock.h"

namespace herder {
namespace {

constexpr Duration kWaitMax = minutes(30);
constexpr int kLookMs = 100;
// Lock files are never deleted, so there is a fixed number of them: 16 to the power of this.
constexpr std::size_t kDigits = 3;

}  // namespace

CacheFlight::CacheFlight(const std::string& folder, const std::string& key,
                         const http::CancelToken& cancel, const std::function<void()>& on_wait) {
    std::error_code failed;
    std::filesystem::create_directories(folder + "/locks", failed);
    const std::string path = folder + "/locks/" + sha256_hex(key).substr(0, kDigits);
    // Without a lock it is fetched all the same.
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd_ < 0) return;
    const Instant until = real_now() + kWaitMax;
    for (int i = 0; ::flock(fd_, LOCK_EX | LOCK_NB) != 0; ++i) {
        if (i == 0) on_wait();
        pollfd stop{cancel.descriptor(), POLLIN, 0};
        if (::poll(&stop, 1, kLookMs) > 0 || real_now() >= until) return;
    }
}

CacheFlight::~CacheFlight() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace herder
