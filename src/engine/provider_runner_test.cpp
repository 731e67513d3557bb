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

}  // namespace
}  // namespace herder
