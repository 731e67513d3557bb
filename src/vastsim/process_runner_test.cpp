#include "vastsim/process_runner.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "vastsim/process_table.h"

namespace herder::vastsim {
namespace {

namespace fs = std::filesystem;

std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Looks until it holds or a minute has passed.
bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 12000; ++i) {
        if (holds()) return true;
        poll(nullptr, 0, 5);
    }
    return false;
}

class ProcessRunnerTest : public ::testing::TestWithParam<Isolation> {
  protected:
    ProcessRunnerTest() {
        char name[] = "/tmp/vastsim-test-XXXXXX";
        folder_ = mkdtemp(name);
        runner_ = std::make_unique<ProcessRunner>(folder_, GetParam());
    }
    ~ProcessRunnerTest() override {
        runner_.reset();
        fs::remove_all(folder_);
    }
    ContainerSpec spec(std::int64_t id, std::string onstart) const {
        ContainerSpec s;
        s.id = id;
        s.onstart = std::move(onstart);
        s.env = {{"CONTAINER_ID", std::to_string(id)}};
        return s;
    }
    bool log_has(std::int64_t id, const std::string& text) const {
        return eventually(
            [&] { return read(runner_->log_path(id)).find(text) != std::string::npos; });
    }
    bool isolated() const { return runner_->isolation() == Isolation::kNamespaces; }

    std::string folder_;
    std::unique_ptr<ProcessRunner> runner_;
};

TEST_P(ProcessRunnerTest, RunsTheOnstartWithItsEnvironmentAndStaysUp) {
    ASSERT_TRUE(runner_->start(spec(7, "echo id=$CONTAINER_ID home=$HOME; touch kept; echo done")));
    EXPECT_TRUE(log_has(7, "id=7"));
    EXPECT_TRUE(log_has(7, "done"));
    EXPECT_FALSE(runner_->processes_of(7).empty());
    EXPECT_TRUE(runner_->take_exits().empty());
    EXPECT_TRUE(fs::exists(folder_ + "/c7/root/root/kept"));
}

TEST_P(ProcessRunnerTest, ItsDriverToolShowsTheGpusOfTheContainer) {
    ContainerSpec with = spec(9, "nvidia-smi --query-gpu=name,memory.total; echo done");
    with.gpus = std::vector<GpuCard>{{"NVIDIA GeForce RTX 4090", 24'564}};
    ASSERT_TRUE(runner_->start(with));
    EXPECT_TRUE(log_has(9, "NVIDIA GeForce RTX 4090, 24564\ndone\n"));
}

TEST_P(ProcessRunnerTest, KillLeavesNoProcessEvenOfThoseThatLeftTheGroup) {
    ASSERT_TRUE(runner_->start(
        spec(8,
             "trap '' TERM HUP; setsid sleep 1000 & (setsid bash -c 'trap \"\" TERM; sleep 999' &) "
             "; echo up; wait")));
    ASSERT_TRUE(log_has(8, "up"));
    ASSERT_TRUE(eventually([&] { return runner_->processes_of(8).size() >= 4; }));
    const auto before = runner_->processes_of(8);
    runner_->kill(8);
    for (const std::int64_t pid : before)
        EXPECT_TRUE(process_tree(pid).empty()) << pid;
    EXPECT_TRUE(runner_->take_exits().empty());
}

TEST_P(ProcessRunnerTest, ResumeRunsTheOnstartAgainInTheSameFolder) {
    const auto counting = spec(9, "echo run >> runs; echo runs=$(wc -l < runs)");
    ASSERT_TRUE(runner_->start(counting));
    ASSERT_TRUE(log_has(9, "runs=1"));
    runner_->kill(9);
    ASSERT_TRUE(runner_->start(counting));
    EXPECT_TRUE(log_has(9, "runs=2"));
    runner_->remove(9);
    EXPECT_FALSE(fs::exists(folder_ + "/c9"));
}

TEST_P(ProcessRunnerTest, ArgsModeEndsWithItsMainProcess) {
    ContainerSpec s = spec(10, "/bin/sh");
    s.args = {"-c", "echo got $0 $1; exit 5", "a", "b c"};
    s.ends_with_main_process = true;
    ASSERT_TRUE(runner_->start(s));
    std::vector<ContainerExit> exits;
    ASSERT_TRUE(eventually([&] {
        exits = runner_->take_exits();
        return !exits.empty();
    }));
    EXPECT_EQ(exits[0].id, 10);
    EXPECT_EQ(exits[0].code, 5);
    EXPECT_TRUE(log_has(10, "got a b c"));
}

TEST_P(ProcessRunnerTest, NamespacesHideOtherContainersTheHostAndItsFiles) {
    if (!isolated()) {
        // Without root there is nothing to hide; the folder is still its own.
        ASSERT_TRUE(runner_->start(spec(11, "pwd")));
        EXPECT_TRUE(log_has(11, folder_ + "/c11/root/root"));
        return;
    }
    std::ofstream(folder_ + "/secret") << "x";
    ASSERT_TRUE(runner_->start(spec(12, "echo other > /tmp/marker; sleep 1000")));
    ASSERT_TRUE(runner_->start(
        spec(11, "echo pids=$(ls /proc | grep -c '^[0-9]'); ls " + folder_ +
                     "; ls /tmp | wc -l | sed s/^/tmp=/; touch /usr/x && echo WRITABLE; "
                     "ls / | tr '\\n' ' '; mount -t tmpfs none /mnt 2>&1; "
                     "mknod /tmp/d b 8 0 && echo MKNOD; kill -9 " +
                     std::to_string(getpid()) + "; echo host=$(hostname) finished")));
    ASSERT_TRUE(log_has(11, "finished"));
    const std::string log = read(runner_->log_path(11));
    EXPECT_EQ(log.find("secret"), std::string::npos) << log;
    EXPECT_NE(log.find("tmp=0"), std::string::npos) << log;
    EXPECT_EQ(log.find("WRITABLE"), std::string::npos) << log;
    EXPECT_EQ(log.find("MKNOD"), std::string::npos) << log;
    EXPECT_NE(log.find("host=C.11"), std::string::npos) << log;
}

TEST_P(ProcessRunnerTest, TheEndOfTheRunnerKillsAllAndCleansUp) {
    ASSERT_TRUE(runner_->start(spec(13, "echo up; sleep 1000")));
    ASSERT_TRUE(log_has(13, "up"));
    const auto pids = runner_->processes_of(13);
    ASSERT_FALSE(pids.empty());
    runner_.reset();
    for (const std::int64_t pid : pids)
        EXPECT_TRUE(process_tree(pid).empty());
    EXPECT_TRUE(fs::is_empty(folder_));
}

// As root the first runs with namespaces; otherwise both run plain.
INSTANTIATE_TEST_SUITE_P(Both, ProcessRunnerTest,
                         ::testing::Values(Isolation::kNamespaces, Isolation::kPlain),
                         [](const auto& info) {
                             return info.param == Isolation::kNamespaces ? "Namespaces" : "Plain";
                         });

}  // namespace
}  // namespace herder::vastsim
