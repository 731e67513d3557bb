// From a waiting job to its one create call: order, pacing, freshness of offers, and what a job is
// said to wait for.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

std::vector<Offer> make_offers(int count) {
    std::vector<Offer> offers;
    for (int i = 0; i < count; ++i)
        offers.push_back(make_offer(101 + i, 200'000 + i));
    return offers;
}

// Answers every search and lists what was created, as a provider that never refuses would, and
// lets `later` pass. Returns the jobs whose create calls were released, in order.
std::vector<JobId> pass_time(Bench& bench, Duration later, const std::vector<Offer>& offers) {
    std::vector<JobId> created;
    std::vector<IntentId> leaving;  // calls that are about to be written on the wire
    const auto note_created = [&] {
        for (const Effect& effect : bench.last.effects) {
            const auto* create = std::get_if<effect::CreateMachine>(&effect);
            if (create == nullptr) continue;
            created.push_back(create->job);
            leaving.push_back(create->intent.id);
        }
    };
    const Instant end = bench.now + later;
    while (bench.now < end) {
        const bool searches = bench.asks_for<effect::SearchOffers>();
        const bool lists = bench.asks_for<effect::ListMachines>();
        if (searches) {
            bench.offer(offers);
        } else if (lists) {
            bench.list({});
        } else if (!leaving.empty()) {
            bench.feed(input::CreateStarted{leaving.back()});
            leaving.pop_back();
        } else {
            bench.tick(std::max(milliseconds(1), bench.last.wake_at - bench.now));
        }
        note_created();
    }
    return created;
}

int events_of(const Bench& bench, const std::string& kind) {
    return static_cast<int>(std::count_if(bench.last.events.begin(), bench.last.events.end(),
                                          [&](const Event& e) { return e.kind == kind; }));
}

std::string waits_for(const Bench& bench, JobId job) {
    const JobPhase& phase = bench.state().jobs.at(job).phase;
    if (const auto* queued = std::get_if<phase::Queued>(&phase)) return queued->waiting_for;
    if (const auto* back = std::get_if<phase::Recovering>(&phase)) return back->waiting_for;
    return "(" + bench.phase_of(job) + ")";
}

TEST(PlacingStep, JobsBehindTheCreateIntervalWaitTheirTurnAndAreNeverRefused) {
    Bench bench;
    bench.list({});
    for (int i = 0; i < 70; ++i)
        bench.submit();
    const auto offers = make_offers(200);
    const std::vector<JobId> created = pass_time(bench, minutes(6), offers);
    ASSERT_EQ(created.size(), 70U) << "70 orders at one every 4.5 s take 5.2 minutes";
    for (std::size_t i = 0; i < created.size(); ++i)
        EXPECT_EQ(created[i], JobId{i + 1}) << "the order of the queue";
    for (const auto& [key, attempt] : bench.state().attempts) {
        EXPECT_EQ(key.fence, Fence{1}) << "no attempt ended for want of capacity";
        const auto* placing = std::get_if<attempt_phase::Placing>(&attempt.phase);
        ASSERT_NE(placing, nullptr);
        EXPECT_EQ(placing->refusals, 0);
    }
    EXPECT_EQ(bench.state().intents.size(), 70U) << "no plan grew old and was made anew";
}

TEST(PlacingStep, AnUrgentJobPassesThoseThatWaitTheirTurn) {
    Bench bench;
    bench.list({});
    for (int i = 0; i < 60; ++i)
        bench.submit();
    const auto offers = make_offers(200);
    pass_time(bench, seconds(10), offers);
    JobSpec spec = make_spec();
    spec.priority = 90;
    const JobId urgent = bench.submit(spec);
    const std::vector<JobId> created = pass_time(bench, minutes(2), offers);
    const auto place = std::find(created.begin(), created.end(), urgent);
    ASSERT_NE(place, created.end());
    EXPECT_LE(place - created.begin(), 15) << "behind those that are planned, before the others";
}

TEST(PlacingStep, APlanFromBeforeAnOutageIsMadeAnewAndDoesNotCountAsARefusal) {
    Bench bench;
    bench.list({});
    for (int i = 0; i < 3; ++i)
        bench.submit();
    const auto offers = make_offers(50);
    bench.offer(offers);
    input::MachinesListed failed;
    failed.detail = "502";
    for (int i = 0; i < 3; ++i) {
        failed.asked = bench.now;
        bench.feed(failed, milliseconds(10));
    }
    bench.tick(minutes(30));
    const auto planned = bench.state().attempts.at({JobId{3}, Fence{1}}).members.at(0).intent;
    ASSERT_STREQ(to_string(bench.state().intents.at(planned).phase), "planned");
    bench.list({});
    pass_time(bench, seconds(30), offers);
    EXPECT_STREQ(to_string(bench.state().intents.at(planned).phase), "refused");
    const Attempt& attempt = bench.state().attempts.at({JobId{3}, Fence{1}});
    EXPECT_NE(attempt.members.at(0).intent, planned);
    EXPECT_EQ(std::get<attempt_phase::Placing>(attempt.phase).refusals, 0);
}

TEST(PlacingStep, RestartsWhileAPlanWaitsAreNoRefusals) {
    Bench bench;
    bench.list({});
    bench.submit();
    bench.submit();
    bench.offer(make_offers(50));
    for (int i = 0; i < 30; ++i) {
        bench.restart();
        bench.list({});
        bench.offer(make_offers(50));
    }
    const Attempt& attempt = bench.state().attempts.at({JobId{2}, Fence{1}});
    EXPECT_TRUE(attempt.is_live());
}

TEST(PlacingStep, NeitherACallThatWasNotSentNorARefusedKeyCountsAgainstTheOffers) {
    Bench bench;
    const JobId job = bench.place();
    input::CreateEnded ended;
    ended.intent = bench.created->intent.id;
    ended.outcome = input::CallOutcome::kRefused;
    ended.stop_all = true;
    ended.detail = "out of credit";
    bench.feed(ended);
    const Attempt& attempt = bench.state().attempts.at({job, Fence{1}});
    EXPECT_EQ(std::get<attempt_phase::Placing>(attempt.phase).refusals, 0);
    EXPECT_TRUE(bench.has_event("provider.blocked"));
    const JobId second = bench.submit();
    EXPECT_EQ(waits_for(bench, second), "the account: out of credit");
    bench.tick(minutes(5));
    EXPECT_TRUE(bench.asks_for<effect::SearchOffers>()) << "tried again when the pause is over";
}

TEST(PlacingStep, AnAttemptThatIsRefusedTooOftenEndsForWantOfCapacity) {
    Bench bench;
    bench.list({});
    const JobId job = bench.submit();
    const auto offers = make_offers(50);
    bench.offer(offers);
    for (int i = 0; i < 100 && bench.state().jobs.at(job).fence == Fence{1}; ++i) {
        if (bench.rent_phase() == "armed") bench.call_ends(input::CallOutcome::kRefused);
        if (bench.asks_for<effect::SearchOffers>()) bench.offer(offers);
        bench.tick(seconds(5));
    }
    const Attempt& first = bench.state().attempts.at({job, Fence{1}});
    const auto* ended = std::get_if<attempt_phase::Ended>(&first.phase);
    ASSERT_NE(ended, nullptr);
    EXPECT_EQ(ended->reason, EndReason::kNoCapacity);
}

TEST(PlacingStep, WhatAJobWaitsForStandsWhileTheOffersAreRefreshed) {
    Bench bench;
    bench.list({});
    const JobId job = bench.submit();
    bench.offer({});
    ASSERT_EQ(waits_for(bench, job), "offers: the market has none of this kind now");
    bench.tick(seconds(61));
    ASSERT_TRUE(bench.asks_for<effect::SearchOffers>());
    EXPECT_EQ(waits_for(bench, job), "offers: the market has none of this kind now");
    for (int i = 0; i < 3; ++i)
        bench.tick(seconds(31));
    EXPECT_EQ(waits_for(bench, job), "offers from the market") << "the searches stay unanswered";
}

TEST(PlacingStep, OffersAreSearchedForAgainWhenTheyAreOldOrTheSearchFailed) {
    Bench bench;
    bench.list({});
    const JobId job = bench.submit();
    ASSERT_TRUE(bench.asks_for<effect::SearchOffers>());
    EXPECT_EQ(waits_for(bench, job), "offers from the market");
    input::OffersFound failed;
    failed.gpu_name = "RTX_4090";
    failed.gpu_count = 1;
    bench.feed(failed);
    EXPECT_FALSE(bench.asks_for<effect::SearchOffers>()) << "the pause goes on";
    bench.tick(seconds(31));
    EXPECT_TRUE(bench.asks_for<effect::SearchOffers>());
    bench.offer({});
    EXPECT_EQ(waits_for(bench, job), "offers: the market has none of this kind now");
    bench.tick(seconds(59));
    EXPECT_FALSE(bench.asks_for<effect::SearchOffers>());
    bench.tick(seconds(2));
    EXPECT_TRUE(bench.asks_for<effect::SearchOffers>());
    bench.offer({make_offer(101, 200'000)});
    EXPECT_EQ(bench.phase_of(job), "placing");
}

TEST(PlacingStep, AJobSaysWhatItWaitsFor) {
    Bench bench;
    EXPECT_EQ(waits_for(bench, bench.submit()), "a complete listing of the provider's machines");
    bench.list({});
    bench.offer({make_offer(101, 9'000'000)});
    EXPECT_EQ(waits_for(bench, JobId{1}), "a fitting offer (most are above the price limit)");
    const JobId second = bench.submit();
    BudgetSpec budget;
    budget.name = "all";
    budget.limit = usd_cents(100);
    bench.budgets({budget});
    bench.tick(seconds(61));
    bench.offer(make_offers(3));
    EXPECT_EQ(bench.phase_of(JobId{1}), "placing");
    EXPECT_EQ(waits_for(bench, second).rfind("the budget: ", 0), 0U) << waits_for(bench, second);
}

TEST(PlacingStep, ARecoveringJobWaitsForItsPauseAndForACommitThatIsUnderWay) {
    Bench bench;
    const JobId job = bench.run();
    AgentReport saving;
    saving.phase = AgentPhase::kRunning;
    saving.checkpoint = make_checkpoint(1, 25, false);
    const CheckpointId checkpoint = bench.report(saving).grant.value().checkpoint;
    saving.checkpoint->sealed = true;
    bench.report(saving);
    bench.preempt();
    bench.find_outcome(job);
    ASSERT_EQ(bench.phase_of(job), "recovering");
    bench.tick(seconds(10));
    EXPECT_EQ(bench.phase_of(job), "recovering") << "the manifest may still arrive";
    input::ManifestWritten written;
    written.checkpoint = checkpoint;
    written.outcome = input::CallOutcome::kDone;
    bench.feed(written);
    EXPECT_EQ(bench.phase_of(job), "placing");
    EXPECT_EQ(bench.created->intent.offer.ask, 102) << "not the machine that was lost";
}

TEST(PlacingStep, EveryRentalHasAJoinTokenOfItsOwnAndOnlyItsHashIsStored) {
    Bench bench;
    bench.list({});
    bench.submit();
    bench.submit();
    bench.offer(make_offers(5));
    const std::string first = bench.created->join_token;
    bench.tick(seconds(5));
    const std::string second = bench.created->join_token;
    EXPECT_NE(first, second);
    EXPECT_EQ(bench.intent().token_hash, sha256_hex(second));
    for (const auto& [key, record] : bench.rows)
        EXPECT_EQ(record.find(second), std::string::npos) << key.second;
    EXPECT_EQ(events_of(bench, "rent.armed"), 1);
}

int armed(const Bench& bench) {
    return static_cast<int>(std::count_if(
        bench.state().open_intents.begin(), bench.state().open_intents.end(), [&](IntentId id) {
            return std::holds_alternative<rent::Armed>(bench.state().intents.at(id).phase);
        }));
}

TEST(PlacingStep, NoMoreOrdersAreOutThanCanLeave) {
    Bench bench;
    bench.list({});
    for (int i = 0; i < 5; ++i)
        bench.submit();
    bench.offer(make_offers(8));
    for (int i = 0; i < 6; ++i)
        bench.tick(seconds(5));
    EXPECT_EQ(armed(bench), 2) << "calls that wait for their turn would grow too old to be sent";
    bench.feed(input::CreateStarted{bench.created->intent.id});
    EXPECT_EQ(armed(bench), 2) << "one has left, the next is out";
}

TEST(PlacingStep, AnOrderThatCouldNotLeaveHoldsTheNextBackAsLongAsItIsToldTo) {
    Bench bench;
    const JobId job = bench.place();
    input::CreateEnded unsent;
    unsent.intent = bench.created->intent.id;
    unsent.outcome = input::CallOutcome::kRefused;
    unsent.not_sent = true;
    unsent.retry_in = seconds(40);
    const IntentId first = bench.created->intent.id;
    bench.feed(unsent);
    EXPECT_EQ(bench.rent_phase(), "refused") << "nothing was sent, so nothing is unknown";
    bench.tick(seconds(30));
    EXPECT_EQ(bench.created->intent.id, first);
    bench.tick(seconds(11));
    EXPECT_NE(bench.created->intent.id, first);
    EXPECT_EQ(bench.phase_of(job), "placing");
}

}  // namespace
}  // namespace herder
