#include "cli/patience.h"

#include <gtest/gtest.h>
#include <pthread.h>

namespace herder::cli {
namespace {

TEST(Patience, EndsAtCtrlCAndNotBefore) {
    Patience patience;
    EXPECT_TRUE(patience.wait(true));
    pthread_kill(pthread_self(), SIGINT);
    EXPECT_FALSE(patience.wait(true));
    EXPECT_TRUE(patience.wait(true));
}

}  // namespace
}  // namespace herder::cli
