#include "vastsim/process_table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace herder::vastsim {
namespace {

TEST(ProcessTable, FindsThisProcess) {
    const auto tree = process_tree(getpid());
    ASSERT_FALSE(tree.empty());
    EXPECT_EQ(tree.front(), getpid());
    EXPECT_TRUE(process_tree(1'999'999'999).empty());
}

TEST(ProcessTable, FindsNothingByAVariableThatNobodyHas) {
    EXPECT_TRUE(processes_with_variable("VASTSIM_NOBODY=ever").empty());
}

}  // namespace
}  // namespace herder::vastsim
