#include "cli/ignore_rules.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

using Layer = IgnoreRules::Layer;

TEST(IgnoreRules, LeavesOutWhatNobodyMeansToSend) {
    const IgnoreRules rules;
    EXPECT_TRUE(rules.is_ignored(".git", true));
    EXPECT_TRUE(rules.is_ignored("src/__pycache__", true));
    EXPECT_TRUE(rules.is_ignored("src/a.pyc", false));
    EXPECT_FALSE(rules.is_ignored("train.py", false));
}

TEST(IgnoreRules, ReadsTheSyntaxOfGitignore) {
    IgnoreRules rules;
    rules.add_lines(Layer::kGit, "# data\n*.bin\n!small.bin\n/runs/\nlogs/*.txt\ndata/**/raw\r\n");
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
    rules.add_lines(Layer::kHerder, "!.venv/\n");
    EXPECT_FALSE(rules.is_ignored(".venv", true));
}

TEST(IgnoreRules, AGitignoreCannotTakeInGitsOwnFolder) {
    IgnoreRules rules;
    rules.add_lines(Layer::kGit, "!*\n");
    EXPECT_TRUE(rules.is_ignored(".git", true));
}

TEST(IgnoreRules, BackslashesQuoteWhatWouldMeanSomething) {
    IgnoreRules rules;
    rules.add_lines(Layer::kGit, "\\#notes\n\\!loud\nkept\\  \ncut   \n");
    EXPECT_TRUE(rules.is_ignored("#notes", false));
    EXPECT_TRUE(rules.is_ignored("!loud", false));
    EXPECT_TRUE(rules.is_ignored("kept ", false));
    EXPECT_TRUE(rules.is_ignored("cut", false));
}

TEST(IgnoreRules, AFileOfALowerFolderRulesThere) {
    IgnoreRules rules;
    rules.add_lines(Layer::kGit, "*.log\n");
    const std::size_t before = rules.size();
    rules.add_lines(Layer::kGit, "!keep.log\n/top\n", "a/b");
    EXPECT_FALSE(rules.is_ignored("a/b/c/keep.log", false));
    EXPECT_TRUE(rules.is_ignored("keep.log", false));
    EXPECT_TRUE(rules.is_ignored("a/b/top", false));
    EXPECT_FALSE(rules.is_ignored("a/b/c/top", false));
    rules.shrink_to(before);
    EXPECT_TRUE(rules.is_ignored("a/b/c/keep.log", false));
}

TEST(IgnoreRules, ARuleFromAboveTheRootSeesTheWholeWay) {
    IgnoreRules rules;
    rules.add_lines(Layer::kGit, "/project/data\n/data\n*.bin\n", "", "project");
    EXPECT_TRUE(rules.is_ignored("data", true));
    EXPECT_TRUE(rules.is_ignored("x/y.bin", false));
    EXPECT_FALSE(rules.is_ignored("x/data", true));
}

TEST(IgnoreRules, HerderignoreWinsOverEveryGitignore) {
    IgnoreRules rules;
    rules.add_lines(Layer::kHerder, "!/data/small.csv\n");
    rules.add_lines(Layer::kGit, "*\n", "data");
    EXPECT_FALSE(rules.is_ignored("data/small.csv", false));
    EXPECT_TRUE(rules.is_ignored("data/large.csv", false));
}

}  // namespace
}  // namespace herder::cli
