#include "vastsim/folder_command.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace herder::vastsim {
namespace {

class FolderCommand : public ::testing::Test {
  protected:
    FolderCommand() {
        char name[] = "/tmp/vastsim-folder-XXXXXX";
        root_ = mkdtemp(name);
        std::filesystem::create_directories(root_ + "/workspace/ckpt");
        std::ofstream(root_ + "/workspace/a.txt") << std::string(4096, 'x');
    }
    ~FolderCommand() override { std::filesystem::remove_all(root_); }
    std::string root_;
};

TEST_F(FolderCommand, ListsSizesAndRemoves) {
    EXPECT_EQ(run_folder_command(root_, "ls -l /workspace"), "a.txt\nckpt\n");
    EXPECT_EQ(run_folder_command(root_, "du -s /workspace"), "4\t/workspace\n");
    EXPECT_EQ(run_folder_command(root_, "rm -rf /workspace/ckpt"), "");
    EXPECT_EQ(run_folder_command(root_, "ls /workspace"), "a.txt\n");
    EXPECT_NE(run_folder_command(root_, "ls /nowhere").find("No such file"), std::string::npos);
}

TEST_F(FolderCommand, ReachesNothingOutside) {
    std::filesystem::create_symlink("/etc", root_ + "/workspace/out");
    EXPECT_NE(run_folder_command(root_, "ls ../../etc").find("No such file"), std::string::npos);
    EXPECT_NE(run_folder_command(root_, "ls /workspace/out").find("No such file"),
              std::string::npos);
    run_folder_command(root_, "rm -rf /");
    EXPECT_TRUE(std::filesystem::exists(root_ + "/workspace/a.txt"));
}

}  // namespace
}  // namespace herder::vastsim
