#include "cli/patience.h"

#include <algorithm>
#include <ctime>

namespace herder::cli {

Patience::Patience() {
    sigemptyset(&interrupt_);
    sigaddset(&interrupt_, SIGINT);
    // Only this thread takes part; the threads of a server in the same process were made before
    // and keep what they had.
    pthread_sigmask(SIG_BLOCK, &interrupt_, &before_);
}

Patience::~Patience() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool Patience::wait(bool had_news, Duration longest) {
    if (had_news) next_ = milliseconds(10);
    const Duration time = next_;
    next_ = std::min(next_ * 2, longest);
    return pause(time);
}

bool Patience::pause(Duration time) {
    const timespec wait{.tv_sec = time.us / 1'000'000, .tv_nsec = time.us % 1'000'000 * 1000};
    return sigtimedwait(&interrupt_, nullptr, &wait) != SIGINT;
}

}  // namespace herder::cli
