// The Vast.ai client against the simulated market: what the two readings of the specification agree
// on is what it says. The whole suite runs at every setting of every point that the specification
// leaves open.
#include "tests/conformance/vast_market_fixture.h"

namespace herder {
namespace {

class VastMarketTest : public VastMarketFixture, public testing::WithParamInterface<Setting> {
  protected:
    void SetUp() override {
        setting_ = GetParam();
        serve(scenario());
    }
    bool is_set(const char* key) const { return setting_.key == key; }
};

std::vector<Setting> all_settings() {
    std::vector<Setting> settings = {{}};
    for (const vastsim::Switch& one : vastsim::switches())
        settings.push_back({std::string(one.key), std::string(one.second)});
    return settings;
}

INSTANTIATE_TEST_SUITE_P(AtEverySwitch, VastMarketTest, testing::ValuesIn(all_settings()),
                         [](const testing::TestParamInfo<Setting>& info) {
                             return info.param.key.empty() ? "default" : info.param.key;
                         });

TEST_P(VastMarketTest, SearchesFindTheSameMachinesInBothMarketsAndBidsAreCheaper) {
    std::map<std::int64_t, UsdPerHour> on_demand;
    for (const Offer& offer : offers(false)) {
        EXPECT_EQ(offer.gpu_name, "RTX_4090");
        EXPECT_GT(offer.gpu_price, UsdPerHour{});
        EXPECT_GT(offer.disk_price_per_gb, UsdPerHour{});
        EXPECT_GT(offer.remaining, hours(1));
        EXPECT_TRUE(offer.verified);
        on_demand[offer.ask] = offer.gpu_price;
    }
    ASSERT_FALSE(on_demand.empty());
    for (const Offer& offer : offers(true)) {
        ASSERT_TRUE(on_demand.contains(offer.ask));
        EXPECT_LT(offer.gpu_price, on_demand[offer.ask]);
    }
}

TEST_P(VastMarketTest, ACappedSearchStillFindsEveryOffer) {
    vastsim::Scenario wide = scenario();
    wide.machines = 400;
    wide.search_row_cap = 0;
    serve(wide);
    OfferQuery any;
    any.gpu_count = 1;
    const std::size_t all = provider_->search(any)->size();
    wide.search_row_cap = 64;
    serve(wide);
    EXPECT_GT(all, 64U);
    EXPECT_EQ(provider_->search(any)->size(), all);
}

TEST_P(VastMarketTest, AnInterruptibleRentalRunsAtItsBidUntilItIsDestroyed) {
    const Offer offer = offers(true).at(0);
    const CreateAnswer answer = provider_->create(request_for(offer, "herder1-test-i1-000000"));
    ASSERT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
    ASSERT_EQ(list().size(), 1U);
    EXPECT_EQ(list()[0].label, "herder1-test-i1-000000");
    EXPECT_EQ(list()[0].state, MachineState::kStarting);
    EXPECT_TRUE(reaches(answer.contract, MachineState::kRunning));
    const ListedMachine machine = list()[0];
    EXPECT_EQ(machine.rental, RentalKind::kInterruptible);
    EXPECT_EQ(machine.gpu_price, offer.gpu_price);
    EXPECT_GT(machine.disk_price, UsdPerHour{});
    EXPECT_EQ(provider_->show(answer.contract).value()->contract, answer.contract);
    EXPECT_EQ(provider_->destroy(answer.contract).outcome, CallOutcome::kDone);
    EXPECT_TRUE(list().empty());
    EXPECT_EQ(provider_->show(answer.contract).value(), std::nullopt);
    EXPECT_EQ(provider_->destroy(answer.contract).outcome, CallOutcome::kDone) << "again";
}

TEST_P(VastMarketTest, AnOnDemandRentalCostsTheOfferedPrice) {
    const Offer offer = offers(false).at(0);
    const CreateAnswer answer = provider_->create(request_for(offer, "herder1-test-i1-000000"));
    ASSERT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
    EXPECT_EQ(list().at(0).gpu_price, offer.gpu_price);
    EXPECT_EQ(list().at(0).rental, RentalKind::kOnDemand);
}

TEST_P(VastMarketTest, TheSameOfferCannotBeRentedTwice) {
    const Offer offer = offers(false).at(0);
    ASSERT_EQ(provider_->create(request_for(offer, "a")).outcome, CallOutcome::kDone);
    const CreateAnswer second = provider_->create(request_for(offer, "b"));
    EXPECT_EQ(second.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(second.offer_gone) << second.detail;
    EXPECT_FALSE(second.contract);
    EXPECT_EQ(list().size(), 1U);
}

TEST_P(VastMarketTest, ABidBelowTheFloorMakesNoMachine) {
    CreateRequest request = request_for(offers(true).at(0), "low");
    request.bid = {1'000};
    const CreateAnswer answer = provider_->create(request);
    EXPECT_EQ(answer.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(answer.offer_gone) << answer.detail;
    EXPECT_TRUE(list().empty());
}

struct CreateFault {
    const char* name;
    CallOutcome outcome;
    bool carries_contract;
    bool offer_gone;
    bool stop_all;
    std::size_t machines;  // listed afterwards
};

TEST_P(VastMarketTest, EveryFaultOfACreateHasItsOutcomeAndTheListTellsTheTruth) {
    constexpr CallOutcome kDone = CallOutcome::kDone;
    constexpr CallOutcome kRefused = CallOutcome::kRefused;
    constexpr CallOutcome kUnknown = CallOutcome::kUnknown;
    const CreateFault faults[] = {
        {"create_reply_lost", kUnknown, false, false, false, 1},
        {"create_502_executed", kUnknown, false, false, false, 1},
        {"create_truncated", kUnknown, false, false, false, 1},
        {"create_empty_body", kUnknown, false, false, false, 1},
        {"create_500", kUnknown, false, false, false, 0},
        {"create_gone_400", kRefused, false, true, false, 0},
        {"create_gone_404", kRefused, false, true, false, 0},
        {"create_gone_410", kRefused, false, true, false, 0},
        {"create_stopped_contract", kRefused, true, false, false, 1},
        {"create_phantom", kDone, true, false, false, 0},
        {"create_no_credit", kRefused, false, false, true, 0},
    };
    for (const CreateFault& expected : faults) {
        SCOPED_TRACE(expected.name);
        serve(scenario());
        fault(expected.name);
        const CreateAnswer answer = rent("herder1-test-i1-000000");
        EXPECT_EQ(static_cast<int>(answer.outcome), static_cast<int>(expected.outcome))
            << answer.detail;
        EXPECT_EQ(static_cast<bool>(answer.contract), expected.carries_contract);
        EXPECT_EQ(answer.offer_gone, expected.offer_gone) << answer.detail;
        EXPECT_EQ(answer.stop_all, expected.stop_all);
        EXPECT_FALSE(answer.not_sent);
        pass(minutes(2));
        const auto machines = list();
        ASSERT_EQ(machines.size(), expected.machines);
        for (const ListedMachine& machine : machines)
            EXPECT_EQ(machine.label, "herder1-test-i1-000000");
    }
}

TEST_P(VastMarketTest, AStoppedMachineFromARefusedCreateIsListedAsStopped) {
    fault("create_stopped_contract");
    const CreateAnswer answer = rent("x");
    pass(minutes(1));
    EXPECT_EQ(state_of(answer.contract), MachineState::kStopped);
}

TEST_P(VastMarketTest, WhatHappensToAMachineShowsInItsState) {
    ContractId machine = running_machine("a");
    admin("POST", path("outbid", machine));
    EXPECT_TRUE(reaches(machine, MachineState::kStopped)) << "outbid";
    provider_->destroy(machine);
    machine = running_machine("b");
    admin("POST", path("offline", machine), R"({"container":"survives"})");
    EXPECT_TRUE(reaches(machine, MachineState::kOffline));
    admin("POST", path("online", machine));
    EXPECT_TRUE(reaches(machine, MachineState::kRunning));
}

TEST_P(VastMarketTest, BothPatternsOfAnOutbidReadAsStopped) {
    vastsim::Scenario pattern_b = scenario();
    pattern_b.outbid_keeps_intended = true;
    pattern_b.loading_reads_stopped = true;
    serve(pattern_b);
    const CreateAnswer answer = rent("a");
    pass(seconds(6));
    EXPECT_EQ(state_of(answer.contract), MachineState::kStarting)
        << "a contract that reads stopped while it loads is not lost";
    EXPECT_TRUE(reaches(answer.contract, MachineState::kRunning));
    admin("POST", path("outbid", answer.contract));
    EXPECT_TRUE(reaches(answer.contract, MachineState::kStopped));
}

TEST_P(VastMarketTest, AMachineThatNeverStartsIsToldFromOneThatCannot) {
    fault("boot_never");
    const ContractId slow = rent("slow").contract;
    pass(hours(1));
    EXPECT_EQ(state_of(slow), MachineState::kStarting);
    fault("boot_pull_failed");
    const ContractId dead = rent("dead").contract;
    pass(minutes(5));
    EXPECT_EQ(state_of(dead), MachineState::kFailed);
}

TEST_P(VastMarketTest, AListOfManyPagesIsWholeOrAnError) {
    if (is_set("spend_cap_per_hour")) {
        CreateAnswer over = rent("first", false);
        EXPECT_EQ(over.outcome, CallOutcome::kDone);
        for (int i = 0; i < 8 && over.outcome == CallOutcome::kDone; ++i)
            over = rent("next", false);
        EXPECT_TRUE(over.stop_all) << "the account's cap: " << over.detail;
        return;
    }
    std::size_t rented = 0;
    std::vector<Offer> found;
    OfferQuery any;
    any.gpu_count = 1;
    found = provider_->search(any).value();
    for (const Offer& offer : found) {
        if (rented == 30) break;
        const auto answer = provider_->create(request_for(offer, "m" + std::to_string(rented)));
        if (answer.outcome == CallOutcome::kDone) ++rented;
    }
    ASSERT_EQ(rented, 30U);
    EXPECT_EQ(list().size(), 30U);
    fault("list_missing_row", R"("probability":1)");
    EXPECT_FALSE(provider_->list().has_value());
    admin("POST", "/admin/faults", R"({"clear":true})");
    fault("list_missing_row");
    EXPECT_EQ(list().size(), 30U) << "the second walk is whole";
    fault("list_failed_page");
    EXPECT_FALSE(provider_->list().has_value());
    EXPECT_EQ(list().size(), 30U);
}

TEST_P(VastMarketTest, ARateLimitIsWaitedOutByEverythingButACreate) {
    const ContractId machine = running_machine("a");
    fault("rate_limited", R"("next":2)");
    EXPECT_EQ(list().size(), 1U);
    fault("rate_limited");
    EXPECT_EQ(provider_->destroy(machine).outcome, CallOutcome::kDone);
    const auto found = offers(true);
    fault("rate_limited");
    EXPECT_EQ(provider_->create(request_for(found.at(0), "b")).outcome, CallOutcome::kRefused);
    EXPECT_TRUE(list().empty());
}

TEST_P(VastMarketTest, ADestroyMayClaimMoreOrLessThanItDid) {
    ContractId machine = running_machine("a");
    fault("destroy_502_executed");
    EXPECT_EQ(provider_->destroy(machine).outcome, CallOutcome::kUnknown);
    EXPECT_TRUE(list().empty());
    machine = running_machine("b");
    fault("destroy_lingers", R"("next":1,"amount":2)");
    EXPECT_EQ(provider_->destroy(machine).outcome, CallOutcome::kDone);
    EXPECT_EQ(list().size(), 1U) << "only absence closes";
    for (int i = 0; i < 4 && !list().empty(); ++i)
        provider_->destroy(machine);
    EXPECT_TRUE(list().empty());
}

TEST_P(VastMarketTest, ARaisedBidIsWhatIsPaid) {
    const ContractId machine = running_machine("a");
    const UsdPerHour before = list().at(0).gpu_price;
    EXPECT_EQ(provider_->change_bid(machine, {before.micros + 5'000}).outcome, CallOutcome::kDone);
    pass(minutes(1));
    EXPECT_EQ(list().at(0).gpu_price, UsdPerHour{before.micros + 5'000});
    EXPECT_EQ(provider_->change_bid({1}, before).outcome, CallOutcome::kRefused);
}

TEST_P(VastMarketTest, TheChargesAreTheMarketsBillToTheMicro) {
    const ContractId first = running_machine("herder1-test-i1-000000");
    const ContractId second = running_machine("herder1-test-i2-000000");
    pass(hours(30));
    provider_->destroy(first);
    pass(hours(3));
    provider_->destroy(second);
    pass(hours(1));
    const std::int64_t today = clock_.wall().day();
    const auto rows = provider_->charges(today - 3, today + 1);
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    std::map<std::int64_t, Usd> by_contract;
    for (const ChargeRow& row : *rows) {
        by_contract[row.charge.key.contract.value] += row.charge.amount;
        EXPECT_TRUE(row.label.starts_with("herder1-test-i"));
    }
    const Json bill = admin("GET", "/admin/bill");
    Usd total;
    for (const Json& row : *bill.find("contracts")->if_array()) {
        const Usd charged{row.find("charged_micros")->to_integer().value()};
        EXPECT_EQ(by_contract[row.find("contract")->to_integer().value()], charged);
        total += charged;
    }
    EXPECT_EQ(by_contract.size(), 2U);
    EXPECT_GT(total, usd_cents(10));
    // Read again, in other pieces: the same keys, the same amounts.
    Ledger ledger;
    for (std::int64_t day = today - 3; day <= today + 1; ++day) {
        const auto again = provider_->charges(day, today + 1);
        ASSERT_TRUE(again.has_value());
        for (const ChargeRow& row : *again)
            ledger.upsert(row.charge);
    }
    EXPECT_EQ(ledger.total(), total);
}

TEST_P(VastMarketTest, AWrongKeyStopsEverything) {
    const auto found = offers(false);
    serve(scenario(), "wrong");
    EXPECT_EQ(provider_->list().error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(provider_->account().error().code, ErrorCode::kUnauthenticated);
    const CreateAnswer answer = provider_->create(request_for(found.at(0), "a"));
    EXPECT_EQ(answer.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(answer.stop_all) << answer.detail;
    EXPECT_EQ(provider_->destroy({5}).outcome, CallOutcome::kRefused)
        << "a bad key does not prove that a machine is gone";
}

TEST_P(VastMarketTest, TheAccountTellsItsCredit) {
    const auto account = provider_->account();
    ASSERT_TRUE(account.has_value());
    EXPECT_EQ(account->credit, usd_cents(10'000));
    EXPECT_FALSE(account->user.empty());
}

TEST_P(VastMarketTest, APoliteClientIsNeverRefusedForFrequency) {
    for (int i = 0; i < 12; ++i) {
        const CreateAnswer answer = rent("m" + std::to_string(i));
        list();
        if (answer.contract) provider_->destroy(answer.contract);
    }
    provider_->charges(clock_.wall().day() - 2, clock_.wall().day()).value();
    const Json calls = admin("GET", "/admin/calls");
    for (const Json& row : *calls.find("counts")->if_array())
        EXPECT_NE(row.find("status")->to_integer().value(), 429) << row.to_text();
}

TEST_P(VastMarketTest, AStoppedMachineStartsAgainOrItsStartIsQueued) {
    const ContractId machine = running_machine("a");
    EXPECT_EQ(provider_->stop(machine).outcome, CallOutcome::kDone);
    EXPECT_TRUE(reaches(machine, MachineState::kStopped));
    EXPECT_EQ(provider_->stop(machine).outcome, CallOutcome::kDone) << "again";
    const CallAnswer started = provider_->start(machine);
    if (is_set("start_refusal_per_million") && started.queued) {
        EXPECT_EQ(started.outcome, CallOutcome::kRefused);
        EXPECT_EQ(provider_->stop(machine).outcome, CallOutcome::kDone) << "ends the queued start";
        pass(hours(2));
        EXPECT_EQ(state_of(machine), MachineState::kStopped);
        return;
    }
    EXPECT_EQ(started.outcome, CallOutcome::kDone) << started.detail;
    EXPECT_TRUE(reaches(machine, MachineState::kRunning));
    EXPECT_EQ(provider_->start({1}).outcome, CallOutcome::kRefused);
}

TEST_P(VastMarketTest, AStartWhoseGpusAreTakenIsQueuedAndAStopEndsIt) {
    const ContractId machine = running_machine("a");
    admin("POST", path("outbid", machine));
    EXPECT_TRUE(reaches(machine, MachineState::kStopped));
    const CallAnswer started = provider_->start(machine);
    EXPECT_EQ(started.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(started.queued) << started.detail;
    EXPECT_EQ(provider_->stop(machine).outcome, CallOutcome::kDone);
    pass(hours(8));
    EXPECT_EQ(state_of(machine), MachineState::kStopped);
}

TEST_P(VastMarketTest, ManyAreStoppedAndDestroyedInOneCallEach) {
    const ContractId first = running_machine("a");
    const ContractId second = running_machine("b");
    EXPECT_EQ(provider_->stop_many({first, second}).outcome, CallOutcome::kDone);
    EXPECT_TRUE(reaches(first, MachineState::kStopped));
    EXPECT_TRUE(reaches(second, MachineState::kStopped));
    EXPECT_EQ(provider_->destroy_many({first, second}).outcome, CallOutcome::kDone);
    EXPECT_TRUE(list().empty());
}

TEST_P(VastMarketTest, ALabelIsChangedAndReadBack) {
    const ContractId machine = running_machine("a");
    EXPECT_EQ(provider_->set_label(machine, "other").outcome, CallOutcome::kDone);
    EXPECT_EQ(list().at(0).label, "other");
    EXPECT_EQ(provider_->set_label({1}, "x").outcome, CallOutcome::kRefused);
}

TEST_P(VastMarketTest, ARebootAndARecycleEndInRunning) {
    const ContractId machine = running_machine("a");
    EXPECT_EQ(provider_->reboot(machine).outcome, CallOutcome::kDone);
    EXPECT_TRUE(reaches(machine, MachineState::kRunning));
    EXPECT_EQ(provider_->recycle(machine).outcome, CallOutcome::kDone);
    pass(seconds(10));
    EXPECT_TRUE(reaches(machine, MachineState::kRunning));
}

TEST_P(VastMarketTest, TheHostsSideOfALogIsReadWithoutTheKey) {
    const ContractId machine = running_machine("a");
    LogQuery query;
    query.host_side = true;
    const auto log = provider_->logs(machine, query);
    ASSERT_TRUE(log.has_value()) << log.error().message;
    EXPECT_FALSE(log->empty());
    EXPECT_EQ(provider_->logs({1}, query).error().code, ErrorCode::kNotFound);
}

TEST_P(VastMarketTest, ACommandRunsOnlyOnAStoppedMachine) {
    const ContractId machine = running_machine("a");
    EXPECT_FALSE(provider_->execute(machine, "ls").has_value());
    provider_->stop(machine);
    pass(minutes(1));  // the container lives on for some seconds
    const auto listing = provider_->execute(machine, "ls");
    EXPECT_TRUE(listing.has_value()) << listing.error().message;
}

TEST_P(VastMarketTest, AMachinesOwnKeyReachesThatMachineAlone) {
    const CreateAnswer answer = rent("a");
    ASSERT_FALSE(answer.machine_key.empty());
    const CreateAnswer other = rent("b");
    auto own = *vast::VastProvider::open(market_->url(), answer.machine_key, clock_, traffic_);
    EXPECT_FALSE(own->list().has_value());
    EXPECT_NE(own->destroy(other.contract).outcome, CallOutcome::kDone);
    EXPECT_EQ(own->destroy(answer.contract).outcome, CallOutcome::kDone);
    ASSERT_EQ(list().size(), 1U);
    EXPECT_EQ(list()[0].contract, other.contract);
}

TEST_P(VastMarketTest, ABidOfAnotherUnitShowsInTheListingAndIsGivenBack) {
    OfferQuery query;
    query.gpu_count = 2;
    query.interruptible = true;
    const auto found = provider_->search(query);
    ASSERT_TRUE(found && !found->empty());
    const Offer& offer = found->front();
    const CreateAnswer answer = provider_->create(request_for(offer, "a"));
    ASSERT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
    Intent intent;
    intent.bid = offer.gpu_price;
    intent.price_cap = offer.total_price(gigabytes(10)) + UsdPerHour{1'000};
    EXPECT_EQ(find_rental_mismatch(intent, list().at(0)).empty(), !is_set("bid_per_gpu"));
}

TEST_P(VastMarketTest, AReservedSearchShowsOnDemandMachines) {
    OfferQuery query;
    query.reserved = true;
    const auto found = provider_->search(query);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_FALSE(found->empty());
}

}  // namespace
}  // namespace herder
