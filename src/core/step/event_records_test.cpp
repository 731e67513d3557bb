#include "core/step/event_records.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <variant>

#include "base/record.h"
#include "core/step/input_records.h"

namespace herder {
namespace {

TEST(EventRecords, EventSurvivesTheRoundTrip) {
    Event event{.seq = 7,
                .at = Instant{12},
                .wall = WallTime{34},
                .kind = "job.submitted",
                .job = JobId{42},
                .subject = "j42",
                .fields = {{"name", "mnist"}, {"empty", ""}},
                .row = RowChange{Table::kJob, "j42", std::string("\0raw", 4)}};
    const auto read = decode_event(encode_event(event));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->seq, 7U);
    EXPECT_EQ(read->at, event.at);
    EXPECT_EQ(read->wall, event.wall);
    EXPECT_EQ(read->kind, event.kind);
    EXPECT_EQ(read->job, event.job);
    EXPECT_EQ(read->fields, event.fields);
    EXPECT_EQ(read->row, event.row);
}

TEST(EventRecords, RemovedAndEmptyRowsAreDifferent) {
    const RowChange removed{Table::kCharge, "c", std::nullopt};
    const RowChange empty{Table::kCharge, "c", ""};
    EXPECT_EQ(*decode_row(encode_row(removed)), removed);
    EXPECT_EQ(*decode_row(encode_row(empty)), empty);
}

TEST(EventRecords, NewerVersionIsRefusedWithAdvice) {
    Event event;
    event.version = kEventVersion + 1;
    const auto read = decode_event(encode_event(event));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kInvalid);
}

TEST(EventRecords, TornBytesAreCorrupt) {
    Event event;
    event.row = RowChange{Table::kJob, "j1", "abc"};
    const std::string bytes = encode_event(event);
    const auto read = decode_event(std::string_view(bytes).substr(0, bytes.size() - 2));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
}

template <std::size_t... I>
std::set<int> tags_of(std::index_sequence<I...> /*all*/) {
    return {std::variant_alternative_t<I, InputBody>::kTag...};
}

TEST(InputRecords, EveryKindOfInputHasATagOfItsOwn) {
    constexpr std::size_t kinds = std::variant_size_v<InputBody>;
    EXPECT_EQ(tags_of(std::make_index_sequence<kinds>()).size(), kinds);
}

TEST(InputRecords, ReportOutcomeAndListingSurviveTheRoundTrip) {
    AgentReport report;
    report.intent = IntentId{3};
    report.sequence = 9;
    report.restore_failed = CheckpointId{5};
    report.checkpoint = CheckpointOffer{.local_seq = 2,
                                        .step = 100,
                                        .files = {{"model.pt", Bytes{10}, 77, 0600}},
                                        .metrics = {},
                                        .sealed = true};
    report.health.gpus = {{.name = "RTX_4090", .utilization_percent = 99}};
    report.outcome = AttemptOutcome{EndReason::kNanLoss, 1, "loss is nan"};
    const RecordedInput recorded{
        Input{Instant{1}, WallTime{2}, ~0ULL, input::AgentReported{8, "hash", report}}};
    const auto read = from_record<RecordedInput>(to_record(recorded));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->input.draw, ~0ULL);
    EXPECT_EQ(std::get<input::AgentReported>(read->input.body).report, report);

    const input::OutcomeFound found{{JobId{1}, Fence{2}}, report.outcome};
    const auto outcome =
        from_record<RecordedInput>(to_record(RecordedInput{Input{{}, {}, 0, found}}));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(std::get<input::OutcomeFound>(outcome->input.body).outcome, report.outcome);

    ListedMachine machine;
    machine.contract = ContractId{6};
    machine.label = "label";
    machine.state = MachineState::kStopped;
    machine.detail = "outbid";
    machine.disk = gigabytes(8);
    machine.lasts = minutes(5);
    const input::MachinesListed listed{true, Instant{5}, {machine}, ""};
    const auto machines =
        from_record<RecordedInput>(to_record(RecordedInput{Input{{}, {}, 0, listed}}));
    ASSERT_TRUE(machines);
    EXPECT_EQ(std::get<input::MachinesListed>(machines->input.body).machines, listed.machines);
}

}  // namespace
}  // namespace herder
