#include "adapters/http/cancellable_wait.h"

#include <gtest/gtest.h>

#include <thread>

namespace herder::http {
namespace {

TEST(CancellableWait, EndsWhenItIsCancelledOrOver) {
    CancelToken cancel;
    wait_unless_cancelled(milliseconds(1), cancel);
    std::thread other([&cancel] { cancel.cancel(); });
    wait_unless_cancelled(hours(1), cancel);
    other.join();
    EXPECT_TRUE(cancel.is_cancelled());
    wait_unless_cancelled(hours(1), cancel);
}

}  // namespace
}  // namespace herder::http
