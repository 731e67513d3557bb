// Budgets, the limits of one job, and the way of a rental's money to its settlement.
#include "core/step/budget_use.h"

#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

BudgetSpec budget_of(const std::string& name, const std::string& team, Usd limit) {
    BudgetSpec budget;
    budget.name = name;
    budget.team = team;
    budget.limit = limit;
    return budget;
}

BudgetUse use_of(const Bench& bench, std::size_t index = 0) {
    return budget_use(bench.state(), bench.state().meta.budgets.at(index), bench.now,
                      WallTime{1'790'000'000'000'000 + bench.now.us});
}

TEST(MoneyStep, TheWorstCaseIsReservedWithTheRentalAndReleasedWithItsEnd) {
    Bench bench;
    bench.budgets({budget_of("nlp", "default", usd_cents(200))});
    bench.run();
    EXPECT_GT(use_of(bench).reserved, usd_cents(40)) << "two hours at 20 cents";
    bench.finish();
    EXPECT_LE(use_of(bench).reserved, usd_cents(6)) << "only the time to get rid of the machine";
    bench.vanish();
    ASSERT_EQ(bench.rent_phase(), "closed");
    EXPECT_EQ(use_of(bench).reserved, Usd{});
}

TEST(MoneyStep, AJobThatLostItsMachineFitsIntoTheBudgetThatItFittedIntoBefore) {
    Bench bench;
    bench.budgets({budget_of("nlp", "default", usd_cents(95))});
    const JobId job = bench.run();
    bench.preempt();
    bench.find_outcome(job);
    bench.tick(seconds(40));
    bench.offer({make_offer(102, 210'000)});
    EXPECT_EQ(bench.phase_of(job), "placing");
}

TEST(MoneyStep, TheSecondJobWaitsForTheBudgetThatTheFirstHasReserved) {
    Bench bench;
    bench.budgets({budget_of("nlp", "default", usd_cents(95))});
    bench.list({});
    bench.submit();
    const JobId second = bench.submit();
    bench.offer({make_offer(101, 390'000), make_offer(102, 390'000)});
    EXPECT_EQ(bench.phase_of(second), "queued");
    const auto& queued = std::get<phase::Queued>(bench.state().jobs.at(second).phase);
    EXPECT_NE(queued.waiting_for.find("nlp"), std::string::npos) << queued.waiting_for;
}

TEST(MoneyStep, AJobIsStoppedGracefullyBeforeItsBudgetIsSpent) {
    Bench bench;
    const JobId job = bench.run();
    bench.budgets({budget_of("nlp", "default", usd_cents(10))});
    bench.beat(minutes(10));
    EXPECT_FALSE(bench.state().jobs.at(job).stop);
    for (int i = 0; i < 25 && !bench.state().jobs.at(job).stop; ++i)
        bench.beat(minutes(1));
    ASSERT_TRUE(bench.state().jobs.at(job).stop);
    EXPECT_EQ(bench.state().jobs.at(job).stop->reason, EndReason::kBudget);
    EXPECT_LT(use_of(bench).spent, usd_cents(10));
    EXPECT_EQ(bench.beat().desired, DesiredState::kStop);
}

std::optional<effect::ReadCharges> bills_asked(const Bench& bench) {
    for (const Effect& effect : bench.last.effects) {
        if (const auto* read = std::get_if<effect::ReadCharges>(&effect)) return *read;
    }
    return std::nullopt;
}

input::ChargesRead bill_of(const Bench& bench, IntentId intent) {
    input::ChargesRead read;
    read.complete = true;
    read.asked = bench.now;
    Charge charge;
    charge.key = {ContractId{999}, 20'700, ChargeKind::kGpu};
    charge.amount = usd_cents(30);
    read.charges = {charge};
    read.labels = {make_label(kCluster, intent)};
    return read;
}

TEST(MoneyStep, BillsAreReadBeforeAnythingIsRentedSoThatNoNumberOfALostDatabaseIsGivenAgain) {
    Bench bench;
    const std::int64_t today = WallTime{1'790'000'000'000'000 + bench.now.us}.day();
    ASSERT_TRUE(bills_asked(bench));
    EXPECT_LT(bills_asked(bench)->from_day, today - 30);
    bench.restart();
    ASSERT_TRUE(bills_asked(bench)) << "the first process died before the answer came";
    bench.feed(bill_of(bench, IntentId{7}));
    EXPECT_EQ(bench.state().meta.next_intent, 8U);
    bench.tick(hours(1));
    EXPECT_FALSE(bills_asked(bench)) << "once is enough while nothing is rented";
    bench.place();
    EXPECT_EQ(bench.created->intent.id, IntentId{8});
}

TEST(MoneyStep, AfterAnOldBackupBillsAreReadSinceTheNewestRentalThatItKnows) {
    Bench bench;
    bench.run();
    bench.finish();
    bench.vanish();
    const std::int64_t rented = bench.intent().planned_wall.day();
    bench.tick(days(5));
    bench.restart();
    ASSERT_TRUE(bills_asked(bench));
    EXPECT_EQ(bills_asked(bench)->from_day, rented - 1);
    bench.feed(bill_of(bench, IntentId{4}));
    EXPECT_EQ(bench.state().meta.next_intent, 5U);
}

TEST(MoneyStep, WhatCountsAgainstAChildCountsAgainstItsParent) {
    Bench bench;
    BudgetSpec child = budget_of("nlp", "default", usd_cents(500));
    child.parent = "company";
    bench.budgets({child, budget_of("company", "head office", usd_cents(95))});
    bench.run();
    EXPECT_GT(use_of(bench, 1).reserved, Usd{});
    input::SubmitJob in;
    in.reply_to = 1;
    in.spec = make_spec();
    const Output out = bench.feed(in);
    ASSERT_FALSE(out.replies.at(0).body.has_value());
    EXPECT_NE(out.replies.at(0).body.error().message.find("company"), std::string::npos);
}

TEST(MoneyStep, AWindowForgetsTheChargesOfTheDaysBefore) {
    Bench bench;
    BudgetSpec daily = budget_of("nlp", "default", usd_cents(500));
    daily.window = BudgetWindow::kDay;
    bench.budgets({daily});
    bench.run();
    const std::int64_t today = WallTime{1'790'000'000'000'000 + bench.now.us}.day();
    bench.beat(hours(1));
    bench.finish();
    bench.vanish();
    input::ChargesRead read;
    read.complete = true;
    read.asked = bench.now;
    Charge charge;
    charge.key = {bench.contract, today, ChargeKind::kGpu};
    charge.amount = usd_cents(30);
    read.charges = {charge};
    bench.feed(read);
    EXPECT_EQ(use_of(bench).spent, usd_cents(30));
    bench.tick(hours(48));
    EXPECT_EQ(use_of(bench).spent, Usd{});
}

TEST(MoneyStep, MaxCostStopsTheJobWithTheMoneyForTheStopSetAside) {
    Bench bench;
    JobSpec spec = make_spec();
    spec.limits.max_cost = usd_cents(10);
    bench.list({});
    const JobId job = bench.submit(spec);
    bench.offer({make_offer(101, 200'000)});
    bench.create_done();
    ASSERT_TRUE(bench.join());
    bench.beat();
    for (int i = 0; i < 60 && !bench.state().jobs.at(job).stop; ++i)
        bench.beat(minutes(1));
    ASSERT_TRUE(bench.state().jobs.at(job).stop);
    bench.tick(minutes(4));
    EXPECT_EQ(bench.phase_of(job), "failed");
    EXPECT_LE(accrued(bench.intent(), bench.now), usd_cents(11));
}

// Of a bill that is ahead of our own reckoning, so that what is spent stands still for a while.
TEST(MoneyStep, AMicrodollarBeforeTheLimitIsThereAndNotLookedAtWithoutEnd) {
    for (const bool by_budget : {false, true}) {
        Bench bench;
        JobSpec spec = make_spec();
        spec.limits.max_cost = usd_cents(by_budget ? 100 : 50);
        bench.list({});
        const JobId job = bench.submit(spec);
        bench.offer({make_offer(101, 200'000)});
        bench.create_done();
        ASSERT_TRUE(bench.join());
        bench.beat();
        if (by_budget) {
            input::SetBudgets set;
            set.budgets.resize(1);
            set.budgets[0].name = "all";
            set.budgets[0].limit = usd_cents(50);
            bench.feed(set);
        }
        const Intent& intent = bench.intent();
        const UsdPerHour rate = intent.gpu_rate + intent.disk_rate;
        const Usd to_stop = rate * (spec.checkpoint.stop_grace + Settings{}.stop_upload);
        input::ChargesRead read;
        read.complete = true;
        read.charges.resize(1);
        read.charges[0].key = {bench.contract, 20'000, ChargeKind::kGpu};
        read.charges[0].amount = usd_cents(50) - to_stop - rate * seconds(3);
        const Output before = bench.feed(read);
        EXPECT_FALSE(bench.state().jobs.at(job).stop);
        EXPECT_GE(before.wake_at - bench.now, seconds(1));
        read.charges[0].amount = usd_cents(50) - to_stop - usd_micros(1);
        bench.feed(read);
        EXPECT_TRUE(bench.state().jobs.at(job).stop) << by_budget;
    }
}

TEST(MoneyStep, ARentalOfAnEndedJobSettlesAndOwesNothing) {
    Bench bench;
    bench.run();
    bench.finish();
    bench.vanish();
    bench.tick(hours(1));
    input::ChargesRead read;
    read.complete = true;
    read.asked = bench.now;
    bench.feed(read);
    EXPECT_EQ(bench.rent_phase(), "settled");
    EXPECT_EQ(bench.intent().reserved, Usd{});
    EXPECT_TRUE(bench.state().open_intents.empty());
}

TEST(MoneyStep, AChargeIsReplacedNotAddedAndFindsItsOwnerByContract) {
    Bench bench;
    bench.run();
    input::ChargesRead read;
    read.complete = true;
    Charge charge;
    charge.key = {bench.contract, 20'000, ChargeKind::kGpu};
    charge.amount = usd_cents(5);
    read.charges = {charge};
    bench.feed(read);
    read.charges[0].amount = usd_cents(7);
    bench.feed(read);
    EXPECT_EQ(bench.state().ledger.charged(bench.contract), usd_cents(7));
    EXPECT_EQ(bench.state().ledger.charges().begin()->second.intent, bench.created->intent.id);
}

}  // namespace
}  // namespace herder
