// The Vast.ai client against the simulated market, over real connections. The two share no code:
// each was written from the API reference, so what they agree on is what it says. Waiting moves the
// market's clock instead of taking time.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "adapters/http/client.h"
#include "adapters/providers/vast/vast_provider.h"
#include "vastsim/market_server.h"
#include "vastsim/scripted_runner.h"
#include "vastsim/value_json.h"

namespace herder {
namespace {

using input::CallOutcome;
using vastsim::Json;

class ManualClock : public Clock {
  public:
    Instant monotonic() const override { return now_; }
    WallTime wall() const override { return wall_ + (now_ - Instant{}); }
    void advance(Duration d) { now_ = now_ + d; }
    void set_wall(WallTime wall) { wall_ = {wall.us - now_.us}; }

  private:
    Instant now_{1'000'000};
    WallTime wall_{};
};

class VastMarketTest : public testing::Test {
  protected:
    void SetUp() override { serve(vastsim::calm_scenario()); }

    void serve(const vastsim::Scenario& scenario, const std::string& key = "demo") {
        provider_.reset();
        admin_.reset();
        vastsim::MarketServerOptions options;
        options.scenario = scenario;
        auto market = vastsim::MarketServer::start(std::move(options),
                                                   std::make_unique<vastsim::ScriptedRunner>());
        ASSERT_TRUE(market.has_value());
        market_ = std::move(*market);
        admin_ = std::move(*http::Client::open(market_->url()));
        provider_ = std::move(*vast::VastProvider::open(market_->url(), key, clock_, pace_));
        const double now = admin("GET", "/admin/health").find("now")->to_number().value();
        clock_.set_wall({static_cast<std::int64_t>(now * 1e6)});
    }

    Json admin(const std::string& method, const std::string& path, const std::string& body = "") {
        http::Request request;
        request.method = method;
        request.target = path;
        request.body = body;
        const auto reply = admin_->call(request);
        EXPECT_TRUE(reply && reply->is_success()) << path << (reply ? reply->body : "");
        return reply ? vastsim::parse_json(reply->body).value_or(Json()) : Json();
    }
    // The market's time passes, and with it ours.
    void pass(Duration d) {
        admin("POST", "/admin/clock/advance",
              R"({"seconds":)" + std::to_string(static_cast<double>(d.us) / 1e6) + "}");
        clock_.advance(d);
    }
    void fault(const std::string& name, const std::string& rest = R"("next":1)") {
        admin("POST", "/admin/faults", R"({"name":")" + name + R"(",)" + rest + "}");
    }

    std::vector<Offer> offers(bool interruptible) {
        OfferQuery query;
        query.gpu_name = "RTX_4090";
        query.interruptible = interruptible;
        auto found = provider_->search(query);
        EXPECT_TRUE(found.has_value()) << found.error().message;
        return found ? *found : std::vector<Offer>();
    }
    CreateRequest request_for(const Offer& offer, const std::string& label) {
        CreateRequest request;
        request.ask = offer.ask;
        request.label = label;
        request.bid = offer.interruptible ? offer.gpu_price : UsdPerHour{};
        request.disk = gigabytes(10);
        request.image = "debian:12";
        request.onstart = "sleep 1000";
        request.env = {{"HERDER_TOKEN", "t"}};
        return request;
    }
    CreateAnswer rent(const std::string& label, bool interruptible = true) {
        const auto found = offers(interruptible);
        if (found.empty()) return {};
        return provider_->create(request_for(found.front(), label));
    }
    std::vector<ListedMachine> list() {
        auto machines = provider_->list();
        EXPECT_TRUE(machines.has_value()) << machines.error().message;
        return machines ? *machines : std::vector<ListedMachine>();
    }
    MachineState state_of(ContractId contract) {
        for (const ListedMachine& machine : list()) {
            if (machine.contract == contract) return machine.state;
        }
        return MachineState::kUnknown;
    }
    ContractId running_machine(const std::string& label) {
        const CreateAnswer answer = rent(label);
        EXPECT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
        pass(minutes(2));
        EXPECT_EQ(state_of(answer.contract), MachineState::kRunning);
        return answer.contract;
    }
    static std::string path(const char* verb, ContractId contract) {
        return std::string("/admin/") + verb + "/" + std::to_string(contract.value);
    }

    ManualClock clock_;
    vast::Pace pace_{clock_, [this](Duration d) { pass(d); }};
    std::unique_ptr<vastsim::MarketServer> market_;
    std::unique_ptr<http::Client> admin_;
    std::unique_ptr<vast::VastProvider> provider_;
};

TEST_F(VastMarketTest, SearchesFindTheSameMachinesInBothMarketsAndBidsAreCheaper) {
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

TEST_F(VastMarketTest, ACappedSearchStillFindsEveryOffer) {
    vastsim::Scenario scenario = vastsim::calm_scenario();
    scenario.machines = 400;
    serve(scenario);
    OfferQuery any;
    any.gpu_count = 1;
    const std::size_t all = provider_->search(any)->size();
    scenario.search_row_cap = 64;
    serve(scenario);
    EXPECT_GT(all, 64U);
    EXPECT_EQ(provider_->search(any)->size(), all);
}

TEST_F(VastMarketTest, AnInterruptibleRentalRunsAtItsBidUntilItIsDestroyed) {
    const Offer offer = offers(true).at(0);
    const CreateAnswer answer = provider_->create(request_for(offer, "herder1-test-i1-000000"));
    ASSERT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
    ASSERT_EQ(list().size(), 1U);
    EXPECT_EQ(list()[0].label, "herder1-test-i1-000000");
    EXPECT_EQ(list()[0].state, MachineState::kStarting);
    pass(minutes(2));
    const ListedMachine machine = list()[0];
    EXPECT_EQ(machine.state, MachineState::kRunning);
    EXPECT_EQ(machine.gpu_price, offer.gpu_price);
    EXPECT_GT(machine.disk_price, UsdPerHour{});
    EXPECT_EQ(provider_->show(answer.contract).value()->contract, answer.contract);
    EXPECT_EQ(provider_->destroy(answer.contract).outcome, CallOutcome::kDone);
    EXPECT_TRUE(list().empty());
    EXPECT_EQ(provider_->show(answer.contract).value(), std::nullopt);
    EXPECT_EQ(provider_->destroy(answer.contract).outcome, CallOutcome::kDone) << "again";
}

TEST_F(VastMarketTest, AnOnDemandRentalCostsTheOfferedPrice) {
    const Offer offer = offers(false).at(0);
    const CreateAnswer answer = provider_->create(request_for(offer, "herder1-test-i1-000000"));
    ASSERT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
    EXPECT_EQ(list().at(0).gpu_price, offer.gpu_price);
}

TEST_F(VastMarketTest, TheSameOfferCannotBeRentedTwice) {
    const Offer offer = offers(false).at(0);
    ASSERT_EQ(provider_->create(request_for(offer, "a")).outcome, CallOutcome::kDone);
    const CreateAnswer second = provider_->create(request_for(offer, "b"));
    EXPECT_EQ(second.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(second.offer_gone) << second.detail;
    EXPECT_FALSE(second.contract);
    EXPECT_EQ(list().size(), 1U);
}

TEST_F(VastMarketTest, ABidBelowTheFloorMakesNoMachine) {
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

TEST_F(VastMarketTest, EveryFaultOfACreateHasItsOutcomeAndTheListTellsTheTruth) {
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
        serve(vastsim::calm_scenario());
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

TEST_F(VastMarketTest, AStoppedMachineFromARefusedCreateIsListedAsStopped) {
    fault("create_stopped_contract");
    const CreateAnswer answer = rent("x");
    pass(minutes(1));
    EXPECT_EQ(state_of(answer.contract), MachineState::kStopped);
}

TEST_F(VastMarketTest, WhatHappensToAMachineShowsInItsState) {
    ContractId machine = running_machine("a");
    admin("POST", path("outbid", machine));
    pass(minutes(1));
    EXPECT_EQ(state_of(machine), MachineState::kStopped) << "outbid";
    machine = running_machine("b");
    admin("POST", path("offline", machine), R"({"container":"survives"})");
    pass(minutes(5));
    EXPECT_EQ(state_of(machine), MachineState::kOffline);
    admin("POST", path("online", machine));
    pass(minutes(2));
    EXPECT_EQ(state_of(machine), MachineState::kRunning);
}

TEST_F(VastMarketTest, BothPatternsOfAnOutbidReadAsStopped) {
    vastsim::Scenario scenario = vastsim::calm_scenario();
    scenario.outbid_keeps_intended = true;
    scenario.loading_reads_stopped = true;
    serve(scenario);
    const CreateAnswer answer = rent("a");
    pass(seconds(6));
    EXPECT_EQ(state_of(answer.contract), MachineState::kStarting)
        << "a contract that reads stopped while it loads is not lost";
    pass(minutes(2));
    EXPECT_EQ(state_of(answer.contract), MachineState::kRunning);
    admin("POST", path("outbid", answer.contract));
    pass(minutes(1));
    EXPECT_EQ(state_of(answer.contract), MachineState::kStopped);
}

TEST_F(VastMarketTest, AMachineThatNeverStartsIsToldFromOneThatCannot) {
    fault("boot_never");
    const ContractId slow = rent("slow").contract;
    pass(hours(1));
    EXPECT_EQ(state_of(slow), MachineState::kStarting);
    fault("boot_pull_failed");
    const ContractId dead = rent("dead").contract;
    pass(minutes(5));
    EXPECT_EQ(state_of(dead), MachineState::kFailed);
}

TEST_F(VastMarketTest, AListOfManyPagesIsWholeOrAnError) {
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

TEST_F(VastMarketTest, ARateLimitIsWaitedOutByEverythingButACreate) {
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

TEST_F(VastMarketTest, ADestroyMayClaimMoreOrLessThanItDid) {
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

TEST_F(VastMarketTest, ARaisedBidIsWhatIsPaid) {
    const ContractId machine = running_machine("a");
    const UsdPerHour before = list().at(0).gpu_price;
    EXPECT_EQ(provider_->change_bid(machine, {before.micros + 5'000}).outcome, CallOutcome::kDone);
    pass(minutes(1));
    EXPECT_EQ(list().at(0).gpu_price, UsdPerHour{before.micros + 5'000});
    EXPECT_EQ(provider_->change_bid({1}, before).outcome, CallOutcome::kRefused);
}

TEST_F(VastMarketTest, TheChargesAreTheMarketsBillToTheMicro) {
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

TEST_F(VastMarketTest, AWrongKeyStopsEverything) {
    const auto found = offers(false);
    serve(vastsim::calm_scenario(), "wrong");
    EXPECT_EQ(provider_->list().error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(provider_->account().error().code, ErrorCode::kUnauthenticated);
    const CreateAnswer answer = provider_->create(request_for(found.at(0), "a"));
    EXPECT_EQ(answer.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(answer.stop_all) << answer.detail;
    EXPECT_EQ(provider_->destroy({5}).outcome, CallOutcome::kRefused)
        << "a bad key does not prove that a machine is gone";
}

TEST_F(VastMarketTest, TheAccountTellsItsCredit) {
    const auto account = provider_->account();
    ASSERT_TRUE(account.has_value());
    EXPECT_EQ(account->credit, usd_cents(10'000));
    EXPECT_FALSE(account->user.empty());
}

TEST_F(VastMarketTest, APoliteClientIsNeverRefusedForFrequency) {
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

}  // namespace
}  // namespace herder
