// Many machines of one account on the simulated market, which counts every call strictly: a refused
// one restarts its interval. No time passes but what waiting takes, so both sides keep to the last
// millisecond what they promise.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include "engine/provider_runner.h"
#include "tests/conformance/vast_market_fixture.h"

namespace herder {
namespace {

class VastManyMachinesTest : public VastMarketFixture {
  protected:
    void SetUp() override {
        time_scale_milli_ = 0;
        vastsim::Scenario many = scenario();
        many.machines = 900;
        many.create_penalty = seconds(12);
        many.refused_calls_restart_interval = true;
        many.credit = usd_cents(100'000'000);
        serve(many);
    }
    // Single GPUs, one of each host, so that no rental takes another's offer away.
    std::vector<ContractId> rent_many(std::size_t count) {
        OfferQuery any;
        any.limit = 3'000;
        const auto found = provider_->search(any);
        EXPECT_TRUE(found.has_value()) << found.error().message;
        std::vector<ContractId> rented;
        std::set<std::int64_t> machines;
        for (const Offer& offer : found ? *found : std::vector<Offer>()) {
            if (rented.size() == count) break;
            if (!machines.insert(offer.machine).second) continue;
            const std::string label = "m" + std::to_string(rented.size());
            const CreateAnswer answer = provider_->create(request_for(offer, label));
            EXPECT_EQ(answer.outcome, CallOutcome::kDone) << answer.detail;
            rented.push_back(answer.contract);
        }
        EXPECT_EQ(rented.size(), count);
        return rented;
    }
    std::int64_t answered(int status) {
        std::int64_t count = 0;
        const Json calls = admin("GET", "/admin/calls");
        for (const Json& row : *calls.find("counts")->if_array()) {
            if (row.find("status")->to_integer().value() == status)
                count += row.find("count")->to_integer().value();
        }
        return count;
    }
    // When the market stopped to bill the last of its machines; nothing while one is left.
    std::optional<WallTime> all_ended() {
        WallTime last;
        const Json machines = admin("GET", "/admin/machines");
        for (const Json& row : *machines.find("machines")->if_array()) {
            const auto ended = row.find("destroyed")->to_number();
            if (!ended) return std::nullopt;
            last = std::max(last, WallTime{static_cast<std::int64_t>(*ended * 1e6)});
        }
        return last;
    }
};

TEST_F(VastManyMachinesTest, TwoHundredAreWatchedWithoutOneRefusalForFrequency) {
    auto rented = rent_many(200);
    const Instant end = clock_.monotonic() + minutes(10);
    std::size_t listings = 0;
    // Busier than a server is: it lists every ten seconds at most, and searches less.
    for (int round = 0; clock_.monotonic() < end; ++round) {
        EXPECT_EQ(list().size(), rented.size());
        ++listings;
        (void)offers(round % 2 == 0);
        EXPECT_TRUE(provider_->account().has_value());
        EXPECT_TRUE(provider_->increases().has_value());
        if (round % 20 == 0) {
            EXPECT_TRUE(provider_->charges(clock_.wall().day(), clock_.wall().day()).has_value());
        }
        if (round % 4 == 0) {
            EXPECT_EQ(provider_->destroy(rented.back()).outcome, CallOutcome::kDone);
            rented.pop_back();
            const CreateAnswer again = rent("again" + std::to_string(round));
            EXPECT_EQ(again.outcome, CallOutcome::kDone) << again.detail;
            rented.insert(rented.begin(), again.contract);
        }
    }
    EXPECT_GT(listings, 20U);
    EXPECT_GT(answered(200), 500);
    EXPECT_EQ(answered(429), 0);
}

TEST_F(VastManyMachinesTest, FiveHundredEndWithinTwoMinutes) {
    const auto rented = rent_many(500);
    pass(minutes(10));
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t ended = 0;
    ProviderRunner::Hooks hooks;
    hooks.post = [&](const InputBody& body) {
        const std::lock_guard lock(mutex);
        EXPECT_EQ(std::get<input::DestroyEnded>(body).outcome, CallOutcome::kDone);
        ++ended;
        changed.notify_all();
    };
    hooks.may_act = [] { return true; };
    ProviderRunner runner(*provider_, hooks);
    const WallTime begin = clock_.wall();
    for (const ContractId contract : rented)
        runner.take(effect::DestroyMachine{IntentId{1}, contract});
    {
        std::unique_lock lock(mutex);
        ASSERT_TRUE(changed.wait_for(lock, std::chrono::minutes(5),
                                     [&] { return ended == rented.size(); }));
    }
    runner.stop();
    const auto last = all_ended();
    ASSERT_TRUE(last.has_value());
    EXPECT_LT(*last - begin, minutes(2));
    EXPECT_TRUE(list().empty());
    EXPECT_EQ(answered(429), 0);
}

}  // namespace
}  // namespace herder
