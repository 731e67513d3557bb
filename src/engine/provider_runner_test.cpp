#include "engine/provider_runner.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace herder {
namespace {

class FakeProvider : public Provider {
  public:
    std::string name() const override { return "fake"; }
    Result<std::vector<Offer>> search(const OfferQuery&) override {
        return unavailable("search is down");
    }
    CreateAnswer create(const CreateRequest&) override {
        ++creates;
        CreateAnswer answer;
        answer.outcome = input::CallOutcome::kDone;
        answer.contract = ContractId{7};
        return answer;
    }
    CallAnswer destroy(ContractId) override { return {input::CallOutcome::kDone, ""}; }
    Result<std::vector<ListedMachine>> list() override { return unavailable("page 2 failed"); }
    CallAnswer change_bid(ContractId, UsdPerHour) override { return {}; }
    Result<std::vector<ChargeRow>> charges(std::int64_t, std::int64_t) override {
        return std::vector<ChargeRow>{};
    }
    Result<AccountInfo> account() override { return AccountInfo{}; }
    Result<std::string> logs(ContractId, const LogQuery& query) override {
        if (log.empty()) return unavailable("no log yet");
        return query.filter + ": " + log;
    }
    std::string log;
    int creates = 0;
};

effect::CreateMachine make_create(Instant send_before) {
    effect::CreateMachine create;
    create.intent.id = IntentId{1};
    create.intent.phase = rent::Armed{Instant{1}, send_before};
    return create;
}

// Runs one effect and returns the last input that came of it.
InputBody run_one(FakeProvider& provider, const Effect& effect, Instant now, bool leads) {
    std::promise<InputBody> last;
    ProviderRunner::Hooks hooks;
    hooks.post = [&](InputBody body) {
        if (!std::holds_alternative<input::CreateStarted>(body)) last.set_value(std::move(body));
    };
    hooks.now = [now] { return now; };
    hooks.may_act = [leads] { return leads; };
    hooks.make_request = [](const effect::CreateMachine&) { return CreateRequest{}; };
    ProviderRunner runner(provider, hooks);
    EXPECT_TRUE(runner.take(effect));
    return last.get_future().get();
}

TEST(ProviderRunner, MakesTheCallWhileItIsAllowed) {
    FakeProvider provider;
    const InputBody body = run_one(provider, make_create(Instant{100}), Instant{50}, true);
    EXPECT_EQ(std::get<input::CreateEnded>(body).contract, ContractId{7});
    EXPECT_EQ(provider.creates, 1);
}

TEST(ProviderRunner, NeverSendsLateOrWithoutTheLead) {
    FakeProvider provider;
    for (const auto& [now, leads] :
         {std::pair{Instant{100}, true}, std::pair{Instant{50}, false}}) {
        const InputBody body = run_one(provider, make_create(Instant{100}), now, leads);
        EXPECT_TRUE(std::get<input::CreateEnded>(body).not_sent);
    }
    EXPECT_EQ(provider.creates, 0);
}

// Every destroy waits until a listing has been asked for.
class DestroysAfterListing : public FakeProvider {
  public:
    CallAnswer destroy(ContractId contract) override {
        destroyed.push_back(contract);
        if (listed.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready) {
            listed = std::promise<void>();
            listed.set_value();
            return {input::CallOutcome::kDone, ""};
        }
        return {input::CallOutcome::kUnknown, "no listing came between the destroys"};
    }
    Result<std::vector<ListedMachine>> list() override {
        listed.set_value();
        return std::vector<ListedMachine>{};
    }
    std::promise<void> listed;
    std::vector<ContractId> destroyed;  // touched by the one thread that destroys
};

TEST(ProviderRunner, DestroysDoNotHoldUpTheListingThatConfirmsThem) {
    DestroysAfterListing provider;
    std::promise<input::CallOutcome> ended;
    ProviderRunner::Hooks hooks;
    hooks.post = [&](InputBody body) {
        const auto* destroy = std::get_if<input::DestroyEnded>(&body);
        if (destroy != nullptr && destroy->intent == IntentId{2}) ended.set_value(destroy->outcome);
    };
    hooks.now = [] { return Instant{5}; };
    hooks.may_act = [] { return true; };
    ProviderRunner runner(provider, hooks);
    for (const std::uint64_t intent : {1U, 2U})
        runner.take(effect::DestroyMachine{IntentId{intent}, ContractId{100}});
    runner.take(effect::ListMachines{});
    EXPECT_EQ(ended.get_future().get(), input::CallOutcome::kDone);
}

TEST(ProviderRunner, WhatWaitsAlreadyIsNotQueuedAgain) {
    FakeProvider provider;
    std::promise<void> begun;
    std::promise<void> go;
    std::promise<void> done;
    int destroys = 0;
    ProviderRunner::Hooks hooks;
    hooks.now = [] { return Instant{5}; };
    hooks.may_act = [&] {
        if (destroys == 0) {
            begun.set_value();
            go.get_future().wait();
        }
        return true;
    };
    hooks.post = [&](InputBody body) {
        ++destroys;
        if (std::get<input::DestroyEnded>(body).intent == IntentId{3}) done.set_value();
    };
    ProviderRunner runner(provider, hooks);
    const effect::DestroyMachine repeated{IntentId{2}, ContractId{100}};
    runner.take(effect::DestroyMachine{IntentId{1}, ContractId{100}});
    begun.get_future().wait();  // the first is on its way, so the others wait
    for (int i = 0; i < 5; ++i)
        runner.take(repeated);
    runner.take(effect::DestroyMachine{IntentId{3}, ContractId{100}});
    go.set_value();
    done.get_future().wait();
    EXPECT_EQ(destroys, 3);
}

TEST(ProviderRunner, AFailedListingIsReportedAsIncomplete) {
    FakeProvider provider;
    const InputBody body = run_one(provider, effect::ListMachines{}, Instant{5}, true);
    EXPECT_FALSE(std::get<input::MachinesListed>(body).complete);
}

TEST(ProviderRunner, AFailedSearchIsReportedAsFailedNotAsAnEmptyMarket) {
    FakeProvider provider;
    effect::SearchOffers search;
    search.interruptible = true;
    const InputBody body = run_one(provider, search, Instant{5}, true);
    EXPECT_FALSE(std::get<input::OffersFound>(body).complete);
}

TEST(ProviderRunner, ReadsTheBootLinesOfALogAndTakesNoLogForNoNews) {
    FakeProvider provider;
    const effect::ReadBootLog read{IntentId{3}, ContractId{7}};
    const auto none = std::get<input::BootLogRead>(run_one(provider, read, Instant{5}, true));
    EXPECT_EQ(none.intent, IntentId{3});
    EXPECT_EQ(none.log, "");
    provider.log = "verdict";
    const auto some = std::get<input::BootLogRead>(run_one(provider, read, Instant{5}, true));
    EXPECT_EQ(some.log, "herder-boot: verdict");
}

}  // namespace
}  // namespace herder
