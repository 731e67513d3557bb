#include "config/job_explain.h"

#include <gtest/gtest.h>

#include <map>

namespace herder::config {
namespace {

TEST(JobExplain, NamesTheOriginOfEveryValue) {
    const std::string profiles_text = "profiles:\n  dev: {gpu_name: RTX_4090, max_dph: 0.25}\n";
    Diagnostics profiles_out("gpu_profiles.yaml", profiles_text);
    const Profiles profiles = parse_profiles(profiles_text, profiles_out);
    const std::string text =
        "profile: dev\nrun: |\n  a\n  b\nresources:\n  disk_size: 20\ncheckpoint:\n"
        "  on_preempt: {grace: 5s}\n";
    Diagnostics out("job.yaml", text);
    std::map<std::string, std::string> said;
    for (const Explained& one : parse_job(text, profiles, {}, out).explained)
        said[one.path] = one.value + " <- " + one.origin;
    EXPECT_EQ(out.to_text(), "");
    EXPECT_EQ(said["run"], "a … <- job.yaml:2");
    EXPECT_EQ(said["resources.disk"], "20GB <- job.yaml:6");
    EXPECT_EQ(said["resources.accelerators"], "RTX_4090:1 <- profile dev (gpu_profiles.yaml:2)");
    EXPECT_EQ(said["resources.max_price"], "0.25 <- profile dev (gpu_profiles.yaml:2)");
    EXPECT_EQ(said["checkpoint.on_preempt.grace"], "5s <- job.yaml:8");
    EXPECT_EQ(said["priority"], "50 <- default");
}

TEST(JobExplain, WritesSizesAsAJobFileDoes) {
    EXPECT_EQ(to_config_text(gigabytes(200)), "200GB");
    EXPECT_EQ(to_config_text(Bytes{64 * 1024}), "65536B");
}

}  // namespace
}  // namespace herder::config
