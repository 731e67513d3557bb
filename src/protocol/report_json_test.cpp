#include "protocol/report_json.h"

#include <gtest/gtest.h>

#include "core/jobs/reason.h"
#include "protocol/agent_fields.h"

namespace herder::protocol {
namespace {

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
    report.checkpoint_refused = "it has no files";
    report.outcome = AttemptOutcome{EndReason::kOutOfMemoryGpu, 1, "CUDA out of memory"};
    return report;
}

TEST(ReportJson, ReportSurvives) {
    const auto read = parse_report(to_json(make_report()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, make_report());
}

TEST(ReportJson, WrongTypesAreNamedByPath) {
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

TEST(ReportJson, OtherProtocolsAreRefused) {
    EXPECT_TRUE(parse_report(R"({"protocol":1})")) << "one version older is served";
    EXPECT_FALSE(parse_report(R"({"protocol":0})"));
    EXPECT_FALSE(parse_report(R"({"protocol":3})"));
    EXPECT_FALSE(parse_report(R"({"protocol":-1})"));
}

TEST(ReportJson, ReasonsTravelByTheirStableWord) {
    for (const auto& [word, reason] : EnumWords<EndReason>::kWords)
        EXPECT_STREQ(word, to_string(reason));
    const auto outcome = parse_outcome(R"({"reason":"budget","exit_code":0})");
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->reason, EndReason::kBudget);
}

}  // namespace
}  // namespace herder::protocol
