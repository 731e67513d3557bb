#include "core/worker/framework_rules.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

// The rules as such are tested through find_layouts (checkpoint_layout_test.cpp).

TEST(FrameworkRules, AFolderFindsWhatIsBelowIt) {
    const SeenFile outer{.path = "a/x"};
    const SeenFile inner{.path = "a/b/y"};
    const SeenFolder folder{"a", "a", "", {&outer, &inner}};
    EXPECT_EQ(folder.find("b/y"), &inner);
    EXPECT_EQ(folder.find("y"), nullptr);
    EXPECT_EQ(folder.below(outer), "x");
    const SeenFolder root{"", "", "", {&outer}};
    EXPECT_EQ(root.below(outer), "a/x");
}

TEST(FrameworkRules, NumbersThatNoIntegerHoldsAreNoSteps) {
    const SeenFile file{.path = "ckpt_99999999999999999999999.pt", .size_bytes = 1};
    const auto found = judge_files({&file});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found[0].step);
}

TEST(FrameworkRules, UnfinishedNames) {
    for (const char* name : {".tmp-1", "x.tmp", "x.part", "tmp-checkpoint-4", "superseded"})
        EXPECT_TRUE(is_unfinished_name(name)) << name;
    for (const char* name : {".metadata", "checkpoint-4", "x.pt", ""})
        EXPECT_FALSE(is_unfinished_name(name)) << name;
}

}  // namespace
}  // namespace herder
