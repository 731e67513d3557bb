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
    const timespec time{.tv_sec = next_.us / 1'000'000, .tv_nsec = next_.us % 1'000'000 * 1000};
    next_ = std::min(next_ * 2, longest);
    return sigtimedwait(&interrupt_, nullptr, &time) != SIGINT;
}

}  // namespace herder::cli
