#include "config/job_file.h"
#include "core/jobs/checkpoint_every.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

Profiles profiles() {
    const std::string text =
        "profiles:\n"
        "  dev: {gpu_name: RTX_4090, num_gpus: 1, max_dph: 0.25, reliability_min: 0.9,\n"
        "        max_duration_hours: 2}\n";
    Diagnostics out("gpu_profiles.yaml", text);
    return parse_profiles(text, out);
}

JobFile parse(const std::string& text, const JobOptions& options = {}) {
    Diagnostics out("job.yaml", text);
    JobFile job = parse_job(text, profiles(), options, out);
    EXPECT_EQ(out.to_text(), "");
    return job;
}

TEST(JobFile, TheSmallestJobIsItsCommand) {
    const JobFile job = parse("run: python train.py\n");
    EXPECT_EQ(job.spec.run, "python train.py");
    EXPECT_EQ(job.spec.name, "job");
    EXPECT_EQ(job.spec.image, kDefaultImage);
    ASSERT_EQ(job.spec.any_of.size(), 1U);
    EXPECT_EQ(job.spec.any_of[0], ResourceRequest{});
}

TEST(JobFile, AJobKeyWinsOverTheProfile) {
    const JobFile job = parse("profile: dev\nrun: x\nlimits: {max_duration: 30m}\n");
    EXPECT_EQ(job.spec.any_of[0].gpu_name, "RTX_4090");
    EXPECT_EQ(job.spec.any_of[0].price_max, usd_per_hour_micros(250'000));
    EXPECT_EQ(job.spec.any_of[0].reliability_min_ppm, 900'000);
    EXPECT_EQ(job.spec.limits.max_duration, minutes(30));
    EXPECT_EQ(parse("profile: dev\nrun: x\n").spec.limits.max_duration, hours(2));
}

TEST(JobFile, ReadsCheckpointAndRecovery) {
    const JobFile job = parse(
        "run: x\ncheckpoint: {every: 25 steps, keep: 5, on_preempt: {signal: SIGINT, grace: 5s}}\n"
        "recovery: {on: [host-failure], max_restarts_on_errors: 2}\n");
    EXPECT_EQ(job.spec.checkpoint.every_steps, 25);
    EXPECT_EQ(job.spec.checkpoint.keep_last, 5);
    EXPECT_EQ(job.spec.checkpoint.stop_signal, "SIGINT");
    EXPECT_EQ(job.spec.checkpoint.stop_grace, seconds(5));
    EXPECT_FALSE(job.spec.recovery.on_preemption);
    EXPECT_TRUE(job.spec.recovery.on_host_failure);
    EXPECT_EQ(job.spec.recovery.max_restarts_on_errors, 2);
    EXPECT_EQ(parse("run: x\ncheckpoint: {every: 10m}\n").spec.checkpoint.every, minutes(10));
    EXPECT_EQ(parse("run: x\ncheckpoint: {every: auto}\n").spec.checkpoint.every, kEveryAuto);
}

TEST(JobFile, TakesVariablesFromTheShellWhereTheyHaveNoValue) {
    const JobFile job = parse("run: x\nenv: {A: 1, B: null, C: 'on'}\n");
    EXPECT_EQ(job.spec.env, (std::map<std::string, std::string>{{"A", "1"}, {"C", "on"}}));
    EXPECT_EQ(job.env_from_shell, std::vector<std::string>{"B"});
}

TEST(JobFile, SetsWinOverTheFile) {
    const JobFile job = parse("run: x\nresources: {disk: 10GB}\n",
                              {.sets = {{"resources.disk", "20GB"}, {"name", "other"}}});
    EXPECT_EQ(job.spec.any_of[0].disk, gigabytes(20));
    EXPECT_EQ(job.spec.name, "other");
}

TEST(JobFile, CommandsBecomeOneScript) {
    EXPECT_EQ(parse("commands: [a, b]\n").spec.run, "a\nb\n");
}

}  // namespace
}  // namespace herder::config
