#include "worker/job_runner.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "worker/fake_server_fixture.h"
#include "worker/process_tree.h"

namespace herder {
namespace {

class JobRunnerTest : public ::testing::Test {
  protected:
    void SetUp() override { become_subreaper(); }
    Assignment assignment(const std::string& run) {
        Assignment made;
        made.spec.run = run;
        return made;
    }
    std::vector<std::string> env() {
        return make_job_environment({"PATH=/usr/bin:/bin"}, assignment(""), folders_, {});
    }
    std::vector<std::string> refused() {
        std::vector<std::string> found;
        for (const auto& input : box_.all()) {
            const auto* one = std::get_if<worker_input::CheckpointRefused>(&input);
            if (one != nullptr) found.push_back(one->why);
        }
        return found;
    }

    TemporaryFolder folder_;
    JobFolders folders_{folder_.path()};
    LogSpool spool_{folders_.spool};
    CheckpointStaging staging_{folders_.staging};
    InputBox box_;
    JobRunner runner_{folders_, spool_, staging_,
                      [this](WorkerInput input) { box_.post(std::move(input)); }};
};

TEST_F(JobRunnerTest, TellsTheLastCheckpointBeforeTheEnd) {
    runner_.start_run(assignment(R"(
        echo '{"step":7,"loss":0.5}' >> $HERDER_DIR/metrics.jsonl
        mkdir -p $HERDER_CHECKPOINT_DIR/step-7; echo w > $HERDER_CHECKPOINT_DIR/step-7/w
        printf '{"path":"%s","step":7}\n' $HERDER_CHECKPOINT_DIR/step-7 >> $HERDER_DIR/checkpoints.jsonl
        echo bye)"),
                      env());
    EXPECT_EQ(box_.wait_for<worker_input::ProcessExited>().end.exit_code, 0);
    const auto inputs = box_.all();
    ASSERT_TRUE(std::holds_alternative<worker_input::ProcessExited>(inputs.back()));
    const auto found = box_.wait_for<worker_input::CheckpointFound>();
    EXPECT_EQ(found.offer.step, 7);
    EXPECT_EQ(found.offer.files.size(), 1U);
    EXPECT_EQ(box_.wait_for<worker_input::StepSeen>().step, 7);
    std::map<std::string, std::string> logs;
    for (const auto& chunk : spool_.next_chunks(1000))
        logs[chunk.stream] = chunk.text;
    EXPECT_EQ(logs["stdout"], "bye\n");
    EXPECT_EQ(logs["metrics"], "{\"step\":7,\"loss\":0.5}\n");
}

// What Megatron leaves: a folder, and a file that names it, written last.
constexpr const char* kMegatron = R"(
    save() { mkdir -p $HERDER_CHECKPOINT_DIR/iter_$1; echo w$1 > $HERDER_CHECKPOINT_DIR/iter_$1/w; }
    name() { printf $1 > $HERDER_CHECKPOINT_DIR/latest_checkpointed_iteration.txt; }
)";

TEST_F(JobRunnerTest, FindsWhatAFrameworkWroteAndLeavesOutWhatIsTorn) {
    runner_.start_run(assignment(std::string(kMegatron) + "save 5; name 5; save 10"), env());
    EXPECT_EQ(box_.wait_for<worker_input::ProcessExited>().end.exit_code, 0);
    const auto found = box_.wait_for<worker_input::CheckpointFound>();
    EXPECT_EQ(found.offer.step, 5);
    std::vector<std::string> paths;
    for (const CheckpointFile& file : found.offer.files)
        paths.push_back(file.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"iter_5/w", "latest_checkpointed_iteration.txt",
                                               ".herder-layout.json"}));
    std::string said;
    for (const auto& chunk : spool_.next_chunks(1000))
        if (chunk.stream == "agent") said += chunk.text;
    EXPECT_NE(said.find("checkpoint iter_10 (megatron) is not complete and was left out"),
              std::string::npos);
}

TEST_F(JobRunnerTest, NothingIsTakenFromAFolderThatIsNotListedToItsEnd) {
    runner_.start_run(assignment(std::string(kMegatron) + R"(save 5; name 5
        cd $HERDER_CHECKPOINT_DIR; mkdir -p a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q)"),
                      env());
    box_.wait_for<worker_input::ProcessExited>();
    for (const auto& input : box_.all())
        EXPECT_FALSE(std::holds_alternative<worker_input::CheckpointFound>(input));
    std::string said;
    for (const auto& chunk : spool_.next_chunks(1000))
        if (chunk.stream == "agent") said += chunk.text;
    ASSERT_EQ(refused().size(), 1U);
    EXPECT_EQ(refused()[0].rfind("no checkpoint is taken from ", 0), 0U);
    const std::size_t at = said.find("no checkpoint is taken from ");
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_EQ(said.find("no checkpoint is taken from ", at + 1), std::string::npos);
}

TEST_F(JobRunnerTest, NothingIsMovedInAFolderThatIsNotListedToItsEnd) {
    const std::filesystem::path here = checkpoint_folder(assignment(""), folders_);
    std::filesystem::create_directories(here / "checkpoint-5");
    std::filesystem::create_directories(here / "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q");
    std::ofstream(here / "checkpoint-5/model.safetensors") << "torn";
    runner_.start_run(assignment("true"), env());
    box_.wait_for<worker_input::ProcessExited>();
    EXPECT_TRUE(std::filesystem::exists(here / "checkpoint-5/model.safetensors"));
}

TEST_F(JobRunnerTest, AJobThatAnnouncesItsCheckpointsIsNotWatched) {
    runner_.start_run(assignment(std::string(kMegatron) + R"(
        mkdir -p $HERDER_DIR/mine; echo x > $HERDER_DIR/mine/x
        printf '{"path":"%s","step":3}\n' $HERDER_DIR/mine >> $HERDER_DIR/checkpoints.jsonl
        save 5; name 5)"),
                      env());
    box_.wait_for<worker_input::ProcessExited>();
    EXPECT_EQ(box_.wait_for<worker_input::CheckpointFound>().offer.step, 3);
}

TEST_F(JobRunnerTest, NoLogAndNoOutcomeHoldsASecret) {
    runner_.hide(needles_of({"hf_canary-0123456789"}));
    runner_.start_run(assignment(R"(
        printf 'a hf_can'; printf 'ary-0123456789 b\n'
        echo "key hf_canary-0123456789 is wrong" >&2
        echo '{"step":7,"note":"hf_canary-0123456789"}' >> $HERDER_DIR/metrics.jsonl
        printf hf_ca
        exit 3)"),
                      env());
    const auto end = box_.wait_for<worker_input::ProcessExited>().end;
    EXPECT_EQ(end.exit_code, 3);
    EXPECT_EQ(end.detail, "key *** is wrong");
    std::map<std::string, std::string> logs;
    for (const auto& chunk : spool_.next_chunks(1000))
        logs[chunk.stream] = chunk.text;
    EXPECT_EQ(logs["stdout"], "a *** b\nhf_ca");
    EXPECT_EQ(logs["stderr"], "key *** is wrong\n");
    EXPECT_EQ(logs["metrics"], "{\"step\":7,\"note\":\"***\"}\n");
}

TEST_F(JobRunnerTest, AScriptSeesTheStopFile) {
    runner_.start_run(assignment("echo ready; while [ ! -e $HERDER_STOP_FILE ]; do read -t 0.05 x "
                                 "< <(:) || true; done; cat $HERDER_STOP_FILE"),
                      env());
    runner_.write_stop_file(EndReason::kPaused, WallTime{seconds(100).us});
    EXPECT_EQ(box_.wait_for<worker_input::ProcessExited>().end.exit_code, 0);
    EXPECT_EQ(spool_.next_chunks(1000)[0].text,
              "ready\n{\"reason\":\"paused\",\"deadline\":100}\n");
}

TEST_F(JobRunnerTest, ABrokenLineIsSaidInTheLogAndHarmsNothing) {
    runner_.start_run(assignment("echo nonsense >> $HERDER_DIR/checkpoints.jsonl"), env());
    box_.wait_for<worker_input::ProcessExited>();
    EXPECT_NE(spool_.next_chunks(1000)[0].text.find("checkpoints.jsonl"), std::string::npos);
    EXPECT_EQ(refused().size(), 1U);
}

TEST_F(JobRunnerTest, WhatIsNoCheckpointIsToldWithoutSecrets) {
    runner_.hide(needles_of({"hf_canary-0123456789"}));
    runner_.start_run(assignment(R"(echo '{"path": "/no/hf_canary-0123456789", "step": 1}' \
                      >> $HERDER_DIR/checkpoints.jsonl)"),
                      env());
    box_.wait_for<worker_input::ProcessExited>();
    ASSERT_EQ(refused().size(), 1U);
    EXPECT_NE(refused()[0].find("there is no such file or folder"), std::string::npos);
    EXPECT_EQ(refused()[0].find("canary"), std::string::npos) << refused()[0];
}

// The end of the command and the end of the runner both join the watcher: never at once.
TEST_F(JobRunnerTest, GoesAwayWithARunningJob) {
    for (int i = 0; i < 40; ++i) {
        InputBox box;
        {
            JobRunner runner(folders_, spool_, staging_,
                             [&box](WorkerInput input) { box.post(std::move(input)); });
            runner.start_run(assignment("echo started; tail -f /dev/null"), env());
            runner.process().kill_everything();
        }
        EXPECT_NE(box.wait_for<worker_input::ProcessExited>().end.exit_code, 0);
    }
}

TEST_F(JobRunnerTest, RunsSetupInTheWorkFolder) {
    std::filesystem::create_directories(folders_.work);
    Assignment job = assignment("");
    job.spec.setup = "pwd; exit 4";
    runner_.start_setup(job, env());
    EXPECT_EQ(box_.wait_for<worker_input::SetupEnded>().end.exit_code, 4);
    EXPECT_EQ(spool_.next_chunks(1000)[0].text, folders_.work + "\n");
}

}  // namespace
}  // namespace herder
