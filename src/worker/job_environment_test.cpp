#include "worker/job_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/jobs/checkpoint_every.h"

namespace herder {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(JobEnvironment, HasOurNamesAndKeepsTheAgentsToItself) {
    Assignment assignment;
    assignment.job = {42};
    assignment.attempt = 2;
    assignment.spec.name = "digits";
    assignment.spec.env = {{"LR", "0.1"}, {"HERDER_DIR", "elsewhere"}};
    assignment.spec.checkpoint.every_steps = 25;
    const JobFolders folders("/h");
    const auto env = make_job_environment(
        {"PATH=/bin", "HERDER_JOIN_TOKEN=secret", "CONTAINER_API_KEY=secret", "CONTAINER_ID=9"},
        assignment, folders,
        {"/h/restored/x", {{"HERDER_PRICE_PER_HOUR", "0.2"}}, WallTime{seconds(5).us}});
    for (const char* expected :
         {"PATH=/bin", "LR=0.1", "HERDER_JOB_ID=j42", "HERDER_ATTEMPT=2", "HERDER_DIR=/h/run",
          "HERDER_CHECKPOINT_DIR=/h/work/checkpoints", "HERDER_RESUME_FROM=/h/restored/x",
          "HERDER_INSTANCE_ID=9", "HERDER_PRICE_PER_HOUR=0.2", "HERDER_DEADLINE=5",
          "HERDER_CHECKPOINT_EVERY=25", "PYTHONPATH=/h/sdk", "WANDB_RUN_ID=j42"}) {
        EXPECT_THAT(env, Contains(expected));
    }
    EXPECT_THAT(env, Not(Contains(HasSubstr("secret"))));
}

TEST(JobEnvironment, SaysHowOftenToSaveOnlyWhereTheJobFileDoes) {
    Assignment assignment;
    const auto every = [&] { return make_job_environment({}, assignment, JobFolders("/h"), {}); };
    EXPECT_THAT(every(), Not(Contains(HasSubstr("CHECKPOINT_EVERY"))));
    assignment.spec.checkpoint.every = minutes(10);
    EXPECT_THAT(every(), Contains("HERDER_CHECKPOINT_EVERY=600s"));
    assignment.spec.checkpoint.every = kEveryAuto;
    EXPECT_THAT(every(), Contains("HERDER_CHECKPOINT_EVERY=auto"));
}

TEST(JobEnvironment, HasSecretsAsVariablesOnlyWhereAsked) {
    JobFacts facts;
    facts.secrets_folder = "/dev/shm/s";
    facts.secrets = {{"HF_TOKEN", "hf_value"}};
    const auto env = make_job_environment({}, Assignment{}, JobFolders("/h"), facts);
    EXPECT_THAT(env, Contains("HERDER_SECRETS_DIR=/dev/shm/s"));
    EXPECT_THAT(env, Contains("HF_TOKEN=hf_value"));
    EXPECT_THAT(make_job_environment({}, Assignment{}, JobFolders("/h"), {}),
                Not(Contains(HasSubstr("SECRETS_DIR"))));
}

}  // namespace
}  // namespace herder
