#include "cli/ignore_rules.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

TEST(IgnoreRules, LeavesOutWhatNobodyMeansToSend) {
    const IgnoreRules rules;
    EXPECT_TRUE(rules.is_ignored(".git", true));
    EXPECT_TRUE(rules.is_ignored("src/__pycache__", true));
    EXPECT_TRUE(rules.is_ignored("src/a.pyc", false));
    EXPECT_FALSE(rules.is_ignored("train.py", false));
}

TEST(IgnoreRules, ReadsTheSyntaxOfGitignore) {
    IgnoreRules rules;
    rules.add_lines("# data\n*.bin\n!small.bin\n/runs/\nlogs/*.txt\ndata/**/raw\r\n");
    EXPECT_TRUE(rules.is_ignored("a/b/big.bin", false));
    EXPECT_FALSE(rules.is_ignored("a/small.bin", false));
    EXPECT_TRUE(rules.is_ignored("runs", true));
    EXPECT_FALSE(rules.is_ignored("runs", false));
    EXPECT_FALSE(rules.is_ignored("a/runs", true));
    EXPECT_TRUE(rules.is_ignored("logs/x.txt", false));
    EXPECT_FALSE(rules.is_ignored("logs/a/x.txt", false));
    EXPECT_TRUE(rules.is_ignored("data/raw", true));
    EXPECT_TRUE(rules.is_ignored("data/a/b/raw", true));
}

TEST(IgnoreRules, ABuiltInRuleCanBeTakenBack) {
    IgnoreRules rules;
    rules.add_lines("!.venv/\n");
    EXPECT_FALSE(rules.is_ignored(".venv", true));
}

}  // namespace
}  // namespace herder::cli
