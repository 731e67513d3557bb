#include "worker/process_tree.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace herder {
namespace {

TEST(ProcessTree, FindsAndKillsWhatForkedTwice) {
    ASSERT_TRUE(become_subreaper());
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGTERM, SIG_IGN);
        const pid_t grandchild = ::fork();
        if (grandchild == 0) {
            ::setsid();
            const pid_t self = ::getpid();
            [[maybe_unused]] const auto n = ::write(pipe[1], &self, sizeof self);
            while (true)
                ::pause();
        }
        ::_exit(0);  // its child is an orphan now, and ours
    }
    pid_t orphan = 0;
    ASSERT_EQ(::read(pipe[0], &orphan, sizeof orphan), static_cast<ssize_t>(sizeof orphan));
    ::waitpid(child, nullptr, 0);
    const auto found = list_descendants(::getpid());
    EXPECT_NE(std::find(found.begin(), found.end(), orphan), found.end());
    EXPECT_EQ(kill_descendants(::getpid()), 0U);
    reap_orphans();
    EXPECT_NE(::kill(orphan, 0), 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

}  // namespace
}  // namespace herder
