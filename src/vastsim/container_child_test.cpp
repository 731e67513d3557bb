#include "vastsim/container_child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace herder::vastsim {
namespace {

TEST(ContainerChild, PlainChildExecutesInItsFolderAndReportsItsCode) {
    ChildPlan plan;
    plan.isolated = false;
    plan.root = "/";
    plan.working_folder = "/tmp";
    plan.arguments = {"/bin/sh", "-c", "test \"$(pwd)\" = /tmp && exit 7"};
    plan.environment = {"PATH=/usr/bin:/bin"};
    plan.log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const int pid = spawn_child(plan);
    close(plan.log_fd);
    ASSERT_GT(pid, 0);
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7);
}

}  // namespace
}  // namespace herder::vastsim
