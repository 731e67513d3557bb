// Every document of the agent's exchange survives its round trip, ignores what it does not know and
// refuses what is wrong.
#include <gtest/gtest.h>

#include "core/jobs/reason.h"
#include "protocol/agent_fields.h"
#include "protocol/join_json.h"
#include "protocol/orders_json.h"
#include "protocol/report_json.h"
#include "protocol/spec_json.h"

namespace herder::protocol {
namespace {

JobSpec make_spec() {
    JobSpec spec;
    spec.name = "digits \"q\"";
    spec.labels = {{"a", "1"}};
    spec.env = {{"LR", "0.1"}};
    spec.any_of = {{.gpu_name = "RTX_4090",
                    .gpu_count = 1,
                    .gpu_ram_mb_min = 24'000,
                    .disk = gigabytes(20),
                    .market = Market::kSpot,
                    .price_max = usd_per_hour_micros(250'000),
                    .reliability_min_ppm = 900'000}};
    spec.run = "python3 train.py\n";
    spec.outputs = {"out/*.pt"};
    spec.limits.max_duration = hours(2);
    return spec;
}

AgentReport make_report() {
    AgentReport report;
    report.agent_version = "0.1.0";
    report.intent = {7};
    report.fence = {3};
    report.sequence = 12;
    report.phase = AgentPhase::kRunning;
    report.restore_failed = CheckpointId{4};
    report.checkpoint = CheckpointOffer{.local_seq = 2,
                                        .step = 50,
                                        .kind = CheckpointKind::kPreempt,
                                        .files = {{"a/b.bin", {10}, 4'000'000'000U, 0600}},
                                        .metrics = {{"loss", "0.25"}},
                                        .sealed = true};
    report.health.gpus = {{"RTX 4090", 99, 100, 24'000, 70}};
    report.outcome = AttemptOutcome{EndReason::kOutOfMemoryGpu, 1, "CUDA out of memory"};
    return report;
}

TEST(Documents, SpecSurvives) {
    const auto read = parse_job_spec(to_json(make_spec()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, make_spec());
}

TEST(Documents, ReportSurvives) {
    const auto read = parse_report(to_json(make_report()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, make_report());
}

TEST(Documents, SyncResponseSurvives) {
    SyncResponse response;
    response.orders.desired = DesiredState::kStop;
    response.orders.stop_reason = EndReason::kBudget;
    response.orders.assignment = Assignment{};
    response.orders.assignment->spec = make_spec();
    response.orders.grant = UploadGrant{{5}, 2, "000000000050-a000003-k5"};
    response.upload_urls = {{0, "/artifacts/x?s=1"}};
    response.restore = RestorePlan{{4}, {{{"a", {1}, 2, 0644}, "/artifacts/y"}}};
    response.job_env = {{"HERDER_PROVIDER", "vast"}};
    const auto read = parse_sync_response(to_json(response));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, response);
}

TEST(Documents, JoinSurvives) {
    const JoinRequest request{1, "0.1.0", {"a"}, {7}, "secret", {1234}};
    EXPECT_EQ(*parse_join_request(to_json(request)), request);
    const JoinResponse response{1, "key", {1}, {2}};
    EXPECT_EQ(*parse_join_response(to_json(response)), response);
    EXPECT_EQ(parse_sign_request(to_json(SignRequest{{"a", "b"}}))->outputs.size(), 2U);
    EXPECT_EQ(parse_sign_response(to_json(SignResponse{{"/x"}}))->urls.size(), 1U);
    EXPECT_EQ(parse_log_answer(to_json(LogAnswer{77}))->next, 77U);
}

TEST(Documents, UnknownFieldsAreIgnoredAndAbsentOnesKeepTheirDefault) {
    const auto orders = parse_orders(R"({"lease_us": 5, "from_the_future": {"x": [1]}})");
    ASSERT_TRUE(orders);
    EXPECT_EQ(orders->lease, microseconds(5));
    EXPECT_EQ(orders->report_every, AgentOrders{}.report_every);
}

TEST(Documents, WrongTypesAreNamedByPath) {
    const auto report = parse_report(R"({"checkpoint":{"files":[{"size":"big"}]}})");
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().message,
              "reading an agent's report: field 'checkpoint.files[0].size' must be an integer in "
              "its range");
    EXPECT_FALSE(parse_report(R"({"phase":"sleeping"})"));
    EXPECT_FALSE(parse_report(R"({"checkpoint":{"files":[{"crc32c":-1}]}})"));
    EXPECT_FALSE(parse_report("[]"));
    EXPECT_FALSE(parse_report("{"));
    EXPECT_FALSE(parse_report(std::string(kReportSizeMax + 1, ' ')));
    EXPECT_FALSE(parse_report(std::string(100'000, '[')));
}

TEST(Documents, OtherProtocolsAreRefused) {
    EXPECT_TRUE(parse_report(R"({"protocol":0})")) << "one version older is served";
    EXPECT_FALSE(parse_report(R"({"protocol":2})"));
    EXPECT_FALSE(parse_report(R"({"protocol":-1})"));
}

TEST(Documents, ReasonsTravelByTheirStableWord) {
    for (const auto& [word, reason] : EnumWords<EndReason>::kWords)
        EXPECT_STREQ(word, to_string(reason));
    const auto outcome = parse_outcome(R"({"reason":"budget","exit_code":0})");
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->reason, EndReason::kBudget);
}

}  // namespace
}  // namespace herder::protocol
