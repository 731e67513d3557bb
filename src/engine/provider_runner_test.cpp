#include "engine/provider_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <vector>

namespace herder {
namespace {

using input::CallOutcome;

// Calls can be held until the test lets them go.
class FakeProvider : public Provider {
  public:
    std::string name() const override { return "fake"; }
    Result<std::vector<Offer>> search(const OfferQuery&) override {
        const std::lock_guard lock(mutex);
        ++searches;
        if (on_search) on_search();
        return unavailable("search is down");
    }
    CreateAnswer create(const CreateRequest& request) override {
        CreateAnswer answer = create_answer;
        if (answer.not_sent) return answer;
        if (request.may_send && !request.may_send()) {
            answer.outcome = CallOutcome::kRefused;
            answer.not_sent = true;
            return answer;
        }
        ++creates;
        answer.outcome = CallOutcome::kDone;
        answer.contract = ContractId{7};
        return answer;
    }
    CallAnswer destroy(ContractId contract) override {
        if (on_destroy) on_destroy();
        const std::lock_guard lock(mutex);
        destroyed.push_back(contract);
        return {.outcome = CallOutcome::kDone, .detail = {}};
    }
    CallAnswer destroy_many(const std::vector<ContractId>& contracts) override {
        const std::lock_guard lock(mutex);
        together.push_back(contracts.size());
        return many_answer;
    }
    CallAnswer stop_many(const std::vector<ContractId>& contracts) override {
        const std::lock_guard lock(mutex);
        stopped += contracts.size();
        return {.outcome = CallOutcome::kDone, .detail = {}};
    }
    Result<std::vector<ListedMachine>> list() override { return unavailable("page 2 failed"); }
    CallAnswer change_bid(ContractId, UsdPerHour) override { return {}; }
    Result<std::vector<ChargeRow>> charges(std::int64_t, std::int64_t) override {
        return std::vector<ChargeRow>{};
    }
    Result<AccountInfo> account() override { return AccountInfo{}; }
    Result<std::string> logs(ContractId, const LogQuery& query) override {
        const std::lock_guard lock(mutex);
        if (log.empty()) return unavailable("no log yet");
        return query.filter + ": " + log;
    }

    // Set before the runner starts.
    CreateAnswer create_answer;
    CallAnswer many_answer{.outcome = CallOutcome::kDone, .detail = {}};
    std::function<void()> on_search;
    std::function<void()> on_destroy;

    std::mutex mutex;  // guards all below
    std::string log;
    int creates = 0;
    int searches = 0;
    std::size_t stopped = 0;
    std::vector<std::size_t> together;
    std::vector<ContractId> destroyed;
};

effect::CreateMachine make_create(Instant send_before) {
    effect::CreateMachine create;
    create.intent.id = IntentId{1};
    create.intent.phase = rent::Armed{Instant{1}, send_before};
    return create;
}

effect::DestroyMachine make_destroy(std::int64_t number) {
    return {IntentId{static_cast<std::uint64_t>(number)}, ContractId{number}};
}

// What the runner hands to the engine; waits for as many inputs as a test expects.
class Posted {
  public:
    void add(InputBody body) {
        const std::lock_guard lock(mutex_);
        inputs_.push_back(std::move(body));
        changed_.notify_all();
    }
    std::vector<InputBody> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return inputs_.size() >= count; });
        return inputs_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<InputBody> inputs_;
};

class ProviderRunnerTest : public testing::Test {
  protected:
    ProviderRunner& start(Instant now = Instant{50}, bool leads = true) {
        ProviderRunner::Hooks hooks;
        hooks.post = [this](InputBody body) { posted_.add(std::move(body)); };
        hooks.now = [now] { return now; };
        hooks.may_act = [leads] { return leads; };
        hooks.make_request = [](const effect::CreateMachine&) { return CreateRequest{}; };
        runner_ = std::make_unique<ProviderRunner>(provider_, hooks);
        return *runner_;
    }
    // A first destroy is on its way and held; what comes meanwhile waits.
    void hold_first_destroy() {
        provider_.on_destroy = [this, held = std::make_shared<bool>(false)] {
            if (std::exchange(*held, true)) return;
            began_.set_value();
            go_on_.get_future().wait();
        };
        EXPECT_TRUE(start().take(make_destroy(1'000)));
        began_.get_future().wait();
    }

    FakeProvider provider_;
    Posted posted_;
    std::promise<void> began_;
    std::promise<void> go_on_;
    std::unique_ptr<ProviderRunner> runner_;
};

TEST_F(ProviderRunnerTest, MakesTheCallWhileItIsAllowed) {
    start().take(make_create(Instant{100}));
    const auto inputs = posted_.wait_for(2);
    EXPECT_EQ(std::get<input::CreateStarted>(inputs[0]).intent, IntentId{1});
    EXPECT_EQ(std::get<input::CreateEnded>(inputs[1]).contract, ContractId{7});
}

TEST_F(ProviderRunnerTest, NeverSendsLate) {
    start(Instant{100}).take(make_create(Instant{100}));
    EXPECT_TRUE(std::get<input::CreateEnded>(posted_.wait_for(1)[0]).not_sent);
    EXPECT_EQ(provider_.creates, 0);
}

TEST_F(ProviderRunnerTest, NeverSendsWithoutTheLead) {
    start(Instant{50}, false).take(make_create(Instant{100}));
    EXPECT_TRUE(std::get<input::CreateEnded>(posted_.wait_for(1)[0]).not_sent);
    EXPECT_EQ(provider_.creates, 0);
}

TEST_F(ProviderRunnerTest, ACreateWhoseTurnDidNotComeHasNotStarted) {
    provider_.create_answer.outcome = CallOutcome::kRefused;
    provider_.create_answer.not_sent = true;
    provider_.create_answer.retry_in = seconds(12);
    start().take(make_create(Instant{100}));
    const auto inputs = posted_.wait_for(1);
    ASSERT_TRUE(std::holds_alternative<input::CreateEnded>(inputs[0]));
    EXPECT_TRUE(std::get<input::CreateEnded>(inputs[0]).not_sent);
    EXPECT_EQ(std::get<input::CreateEnded>(inputs[0]).retry_in, seconds(12));
}

TEST_F(ProviderRunnerTest, AFailedListingIsReportedAsIncomplete) {
    start().take(effect::ListMachines{});
    EXPECT_FALSE(std::get<input::MachinesListed>(posted_.wait_for(1)[0]).complete);
}

TEST_F(ProviderRunnerTest, AFailedSearchIsReportedAsFailedNotAsAnEmptyMarket) {
    effect::SearchOffers search;
    search.interruptible = true;
    start().take(search);
    EXPECT_FALSE(std::get<input::OffersFound>(posted_.wait_for(1)[0]).complete);
}

TEST_F(ProviderRunnerTest, ASearchThatWaitsHoldsBackNoDestroy) {
    std::promise<void> destroyed;
    provider_.on_search = [&] { destroyed.get_future().wait(); };
    provider_.on_destroy = [&] { destroyed.set_value(); };
    effect::SearchOffers search;
    search.on_demand = true;
    start().take(search);
    runner_->take(make_destroy(5));
    EXPECT_EQ(posted_.wait_for(2).size(), 2U);
}

TEST_F(ProviderRunnerTest, TheSameSearchWaitsOnce) {
    std::promise<void> began;
    std::promise<void> go_on;
    provider_.on_search = [&, held = std::make_shared<bool>(false)] {
        if (std::exchange(*held, true)) return;
        began.set_value();
        go_on.get_future().wait();
    };
    effect::SearchOffers search;
    search.on_demand = true;
    start().take(search);
    began.get_future().wait();
    search.gpu_name = "A100";
    for (int i = 0; i < 20; ++i)
        runner_->take(search);
    go_on.set_value();
    posted_.wait_for(2);
    runner_->stop();
    EXPECT_EQ(provider_.searches, 2);
}

TEST_F(ProviderRunnerTest, ManyMachinesEndInOneCall) {
    hold_first_destroy();
    for (std::int64_t i = 1; i <= 20; ++i)
        runner_->take(make_destroy(i));
    go_on_.set_value();
    const auto inputs = posted_.wait_for(21);
    for (const InputBody& body : inputs)
        EXPECT_EQ(std::get<input::DestroyEnded>(body).outcome, CallOutcome::kDone);
    EXPECT_EQ(provider_.together, std::vector<std::size_t>{20});
    EXPECT_EQ(provider_.destroyed.size(), 1U);
}

TEST_F(ProviderRunnerTest, AMarketThatTakesNoMassDestroyStopsThemAtOnceAndEndsThemOneByOne) {
    provider_.many_answer = {.outcome = CallOutcome::kRefused, .detail = "no such route"};
    hold_first_destroy();
    for (std::int64_t i = 1; i <= 20; ++i)
        runner_->take(make_destroy(i));
    go_on_.set_value();
    posted_.wait_for(21);
    EXPECT_EQ(provider_.stopped, 20U);
    EXPECT_EQ(provider_.together.size(), 1U);
    EXPECT_EQ(provider_.destroyed.size(), 21U);
}

TEST_F(ProviderRunnerTest, AMassDestroyThatWasNotSentIsReportedForEachMachine) {
    provider_.many_answer = {.outcome = CallOutcome::kRefused, .detail = "", .not_sent = true};
    hold_first_destroy();
    for (std::int64_t i = 1; i <= 6; ++i)
        runner_->take(make_destroy(i));
    go_on_.set_value();
    const auto inputs = posted_.wait_for(7);
    EXPECT_EQ(std::count_if(inputs.begin(), inputs.end(),
                            [](const InputBody& body) {
                                return std::get<input::DestroyEnded>(body).outcome ==
                                       CallOutcome::kRefused;
                            }),
              6);
    EXPECT_EQ(provider_.stopped, 0U);
}

TEST_F(ProviderRunnerTest, PeopleInExcessAreTurnedAway) {
    std::promise<void> go_on;
    std::promise<void> began;
    EXPECT_TRUE(start().run("mara", [&](Provider&) {
        began.set_value();
        go_on.get_future().wait();
    }));
    began.get_future().wait();
    int taken = 0;
    while (taken < 10'000 && runner_->run("mara", [](Provider&) {}))
        ++taken;
    EXPECT_LT(taken, 10'000);
    EXPECT_GT(taken, 10);
    go_on.set_value();
}

TEST_F(ProviderRunnerTest, ReadsTheBootLinesOfALogAndTakesNoLogForNoNews) {
    const effect::ReadBootLog read{IntentId{3}, ContractId{7}};
    start().take(read);
    const auto none = std::get<input::BootLogRead>(posted_.wait_for(1).back());
    EXPECT_EQ(none.intent, IntentId{3});
    EXPECT_EQ(none.log, "");
    {
        const std::lock_guard lock(provider_.mutex);
        provider_.log = "verdict";
    }
    runner_->take(read);
    const auto some = std::get<input::BootLogRead>(posted_.wait_for(2).back());
    EXPECT_EQ(some.log, "herder-boot: verdict");
}

}  // namespace
}  // namespace herder
