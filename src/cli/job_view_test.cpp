#include "cli/job_view.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

const Look kLook{.utf8 = true, .now = {1'795'466'880'000'000}};  // 2026-11-23T20:48:00Z

Json job(const std::string& status) {
    return *protocol::parse_json(R"({"id":"j42","name":"digits","project":"demo","status":")" +
                                     status +
                                     R"(","status_text":"the job's command failed","stopping":null,
            "submitted_at":"2026-11-23T20:38:00Z","ended_at":null,"ran_seconds":167.0,
            "attempts":2,"step":150,"gpu":"1x RTX_4090","price_per_hour":"0.24","cost":"0.0111",
            "charged":"0.01","committed_checkpoints":6,"last_checkpoint_step":150,"reason":null,
            "exit_code":null,"attempt_list":[
              {"number":1,"status":"ended","reason":"preempted","machine":12,"gpu":"1x RTX_4090",
               "market":"spot","price_per_hour":"0.2","resumed_step":0,"resumed_from":null,
               "last_step":162,"cost":"0.005"},
              {"number":2,"status":"running","reason":null,"machine":15,"gpu":"1x RTX_4090",
               "market":"spot","price_per_hour":"0.24","resumed_step":150,"resumed_from":"k6",
               "last_step":150,"cost":"0.0061"}]})",
                                 1 << 20);
}

TEST(JobView, ShowsARowForPeople) {
    EXPECT_EQ(
        to_aligned(to_table({job("running")}, jobs_list(), Format::kTable, kLook)),
        "ID   NAME    PROJECT  STATUS     GPU          STEP     RAN   $/H     COST  SUBMITTED\n"
        "j42  digits  demo     ● running  1x RTX_4090   150  2m 47s  0.24  $0.0111    10m ago\n");
}

TEST(JobView, ShowsTheAttemptsOfAJob) {
    const std::string page = job_page(job("running"), kLook);
    EXPECT_NE(page.find("checkpoints 6 committed, newest at step 150\n"), std::string::npos);
    EXPECT_NE(page.find("1  m12      1x RTX_4090  spot    0.20  the start      162"
                        "   $0.005  preempted\n"),
              std::string::npos)
        << page;
    EXPECT_NE(page.find("2  m15      1x RTX_4090  spot    0.24  step 150       150"
                        "  $0.0061  running\n"),
              std::string::npos)
        << page;
}

TEST(JobView, TheLastLineSaysWhatItCost) {
    EXPECT_EQ(end_line(job("succeeded"), kLook),
              "✓ j42 digits succeeded after 2m 47s of running, 2 attempts, cost $0.0111");
    EXPECT_EQ(end_line(job("failed"), kLook),
              "✗ j42 digits failed (the job's command failed) after 2m 47s of running, 2 attempts, "
              "cost $0.0111");
}

TEST(JobView, ExitCodesFollowTheEnd) {
    EXPECT_EQ(exit_code_of_job(job("succeeded")), ExitCode::kOk);
    EXPECT_EQ(exit_code_of_job(job("failed")), ExitCode::kJobFailed);
    EXPECT_EQ(exit_code_of_job(job("cancelled")), ExitCode::kJobFailed);
    const Json starved =
        *protocol::parse_json(R"({"status":"failed","reason":"no_capacity"})", 1 << 20);
    EXPECT_EQ(exit_code_of_job(starved), ExitCode::kNoCapacity);
    EXPECT_FALSE(is_ended(job("recovering")));
}

}  // namespace
}  // namespace herder::cli
