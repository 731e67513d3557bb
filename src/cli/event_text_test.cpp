#include "cli/event_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace herder::cli {
namespace {

using protocol::Json;

Json event(const std::string& kind, const std::string& fields, const std::string& subject = "i3") {
    return *protocol::parse_json(R"({"seq":1,"kind":")" + kind + R"(","subject":")" + subject +
                                     R"(","fields":)" + fields + "}",
                                 1 << 20);
}

std::string told(const std::string& kind, const std::string& fields = "{}",
                 const std::string& subject = "i3") {
    EventTeller teller;
    return teller.tell(event(kind, fields, subject));
}

TEST(EventText, TellsTheStoryOfAMove) {
    EventTeller teller;
    EXPECT_EQ(
        teller.tell(event("attempt.running", R"({"resumed_step":"0","resumed_from":"nothing"})")),
        "running");
    EXPECT_EQ(
        teller.tell(event("attempt.ended", R"({"reason":"preempted","detail":"","step":"162"})")),
        "attempt ended at step 162, the machine was taken away (outbid or an on-demand "
        "renter)");
    EXPECT_EQ(teller.tell(event("job.recovering", R"({"reason":"preempted"})")),
              "moving to another machine: the machine was taken away (outbid or an on-demand "
              "renter)");
    EXPECT_EQ(
        teller.tell(event("attempt.running", R"({"resumed_step":"150","resumed_from":"k6"})")),
        "resumed from step 150 (k6), 12 steps repeated");
}

TEST(EventText, ClaimsNoRepeatedStepsWhereTheLastReportIsOld) {
    EventTeller teller;
    teller.tell(event("checkpoint.committed", R"({"step":"50","seq":"2"})"));
    EXPECT_EQ(
        teller.tell(event("attempt.ended", R"({"reason":"preempted","detail":"","step":"25"})")),
        "attempt ended at step 50, the machine was taken away (outbid or an on-demand "
        "renter)");
    EXPECT_EQ(teller.tell(event("attempt.running", R"({"resumed_step":"50","resumed_from":"k2"})")),
              "resumed from step 50 (k2)");
}

TEST(EventText, SaysAReasonOnce) {
    EXPECT_EQ(told("attempt.lost",
                   R"({"reason":"host_lost","detail":"the host went away, silent for 3.9s"})"),
              "the machine is lost: the host went away, silent for 3.9s");
    EXPECT_EQ(told("attempt.lost", R"({"reason":"host_lost","detail":"silent"})"),
              "the machine is lost: the host went away: silent");
}

TEST(EventText, NamesTheBudgetThatStopsAJob) {
    EXPECT_THAT(told("job.stopping", R"({"reason":"budget","actor":"budget team-nlp"})"),
                testing::EndsWith("(budget team-nlp)"));
    EXPECT_EQ(told("job.stopping", R"({"reason":"paused","actor":"api"})").find("api"),
              std::string::npos);
}

TEST(EventText, SaysWhenNothingCouldBeResumed) {
    EventTeller teller;
    const Json run = event("attempt.running", R"({"resumed_step":"0","resumed_from":"nothing"})");
    teller.tell(run);
    EXPECT_EQ(teller.tell(run), "running again from the start");
}

TEST(EventText, SaysWhatWasNoCheckpoint) {
    EXPECT_EQ(told("checkpoint.refused", R"({"why":"it has no files"})", "j1/1"),
              "a checkpoint was not taken: it has no files; the training goes on, without it");
}

TEST(EventText, SaysWhatTheStorageHoldsUp) {
    EXPECT_EQ(
        told("checkpoint.delayed", R"({"why":"403 AccessDenied"})", "000000000150-a000001-k6"),
        "the storage does not take checkpoint k6 yet: 403 AccessDenied");
    const std::string kept =
        told("checkpoint.undeletable", R"({"why":"403 AccessDenied"})", "000000000150-a000001-k6");
    EXPECT_THAT(kept, testing::HasSubstr("let go of checkpoint k6: 403 AccessDenied"));
    EXPECT_THAT(kept, testing::HasSubstr("the right to delete"));
    EXPECT_THAT(told("job.storage_unseen", R"({"why":"403","denied":"yes"})", "j3"),
                testing::HasSubstr("the right to list"));
    EXPECT_EQ(told("job.storage_unseen", R"({"why":"503","denied":"no"})", "j3"),
              "waits: the storage does not say what is there of it: 503");
    EXPECT_NE(told("job.storage_ahead", "{}", "j3").find("herder storage rebuild"),
              std::string::npos);
    EXPECT_NE(told("job.number_taken", "{}", "j3").find("launch it again"), std::string::npos);
}

TEST(EventText, NamesMoneyAndReasons) {
    EXPECT_EQ(told("rent.planned",
                   R"({"ask":"12","gpu":"RTX_4090","price":"0.2","kind":"spot","why":"cheapest"})"),
              "renting RTX_4090 (spot, offer 12) at $0.20/h: cheapest");
    EXPECT_EQ(told("job.failed", R"({"reason":"no_capacity"})"),
              "failed: no offer could be rented");
    EXPECT_EQ(told("cost.differs", R"({"accrued":"0.5","charged":"0.6"})"),
              "the provider charged $0.60, our clock says $0.50");
    EXPECT_EQ(
        told("checkpoint.committed", R"({"step":"150","seq":"6"})", "000000000150-a000001-k6"),
        "checkpoint at step 150 is safe (k6)");
}

TEST(EventText, SaysWhatWasDoneByHand) {
    EXPECT_EQ(told("checkpoint.verified", R"({"actor":"api"})", "000000000150-a000001-k6"),
              "checkpoint k6 read whole and found good");
    EXPECT_EQ(told("machine.adopted", R"({"actor":"ann"})"),
              "machine i3 kept for its owner by ann");
    EXPECT_EQ(told("renting.held", R"({"actor":"ann"})"),
              "nothing is rented until it is allowed again: held by ann");
}

TEST(EventText, ShowsWhatItDoesNotKnowAndEscapesIt) {
    EXPECT_EQ(told("market.flooded", "{\"why\":\"a\\u001b[2J\"}"),
              "market.flooded i3 why=a\\x1b[2J");
    EXPECT_TRUE(is_headline("market.flooded"));
    EXPECT_FALSE(is_headline("checkpoint.retired"));
}

}  // namespace
}  // namespace herder::cli
