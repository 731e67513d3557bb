#include "vastsim/driver_tool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace herder::vastsim {
namespace {

namespace fs = std::filesystem;

// What the tool prints, errors included.
std::string run(const std::vector<GpuCard>& cards, std::string argument) {
    std::string name = (fs::temp_directory_path() / "vastsim-driver-XXXXXX").string();
    const fs::path folder = ::mkdtemp(name.data());
    std::string tool = folder / "nvidia-smi";
    const std::string out = folder / "out";
    std::ofstream(tool) << driver_tool(cards);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_CREAT | O_WRONLY, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    std::string shell = "/bin/sh";
    std::string format = "--format=csv,noheader,nounits";
    char* arguments[] = {shell.data(), tool.data(), argument.data(), format.data(), nullptr};
    pid_t pid = 0;
    EXPECT_EQ(::posix_spawn(&pid, shell.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::waitpid(pid, nullptr, 0);
    std::ifstream file(out);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    fs::remove_all(folder);
    return text;
}

TEST(DriverTool, AnswersTheFieldsThatAreAskedForInTheirOrder) {
    EXPECT_EQ(run({{"NVIDIA GeForce RTX 4090", 24'564}, {"NVIDIA A100 SXM4", 81'920}},
                  "--query-gpu=name,memory.total,driver_version,ecc.errors.uncorrected"),
              "NVIDIA GeForce RTX 4090, 24564, 570.124.04, [N/A]\n"
              "NVIDIA A100 SXM4, 81920, 570.124.04, [N/A]\n");
}

TEST(DriverTool, SaysThatThereIsNone) {
    EXPECT_EQ(run({}, "--query-gpu=name"), "No devices were found\n");
}

TEST(DriverTool, RefusesWhatItDoesNotKnow) {
    EXPECT_NE(run({}, "-L").find("--query-gpu only"), std::string::npos);
}

TEST(DriverTool, NamesCardsAsTheDriverDoes) {
    EXPECT_EQ(driver_name("RTX 4090"), "NVIDIA GeForce RTX 4090");
    EXPECT_EQ(driver_name("RTX 3060 Ti"), "NVIDIA GeForce RTX 3060 Ti");
    EXPECT_EQ(driver_name("RTX A6000"), "NVIDIA RTX A6000");
    EXPECT_EQ(driver_name("RTX 6000Ada"), "NVIDIA RTX 6000Ada");
    EXPECT_EQ(driver_name("A100 SXM4"), "NVIDIA A100 SXM4");
}

}  // namespace
}  // namespace herder::vastsim
