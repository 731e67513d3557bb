#include "sim/provider_calls.h"

#include <gtest/gtest.h>

#include "sim/provider_calls_fixture.h"

namespace herder::sim {

namespace {

struct ProviderCallsTest : ProviderCallsFixture {
    ProviderCallsTest() : ProviderCallsFixture(6) {}
};

TEST_F(ProviderCallsTest, CreateIsAnsweredWithTheContract) {
    calls.create(call(), keep());
    run_for(minutes(2));
    ASSERT_EQ(answers.size(), 1U);
    const auto& ended = std::get<input::CreateEnded>(answers.front());
    EXPECT_EQ(ended.outcome, input::CallOutcome::kDone);
    EXPECT_TRUE(provider.find(ended.contract) != nullptr);
}

TEST_F(ProviderCallsTest, OutageMakesEveryCallUnknownOrIncomplete) {
    provider.begin_outage(hours(1));
    calls.create(call(), keep());
    calls.list(Instant{}, keep());
    run_for(minutes(5));
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_FALSE(std::get<input::MachinesListed>(answers.front()).complete);
    EXPECT_EQ(std::get<input::CreateEnded>(answers.back()).outcome, input::CallOutcome::kUnknown);
    EXPECT_TRUE(provider.rentals().empty());
}

TEST_F(ProviderCallsTest, RefusalForHasteIsNoRefusalOfTheOffer) {
    calls.create(call(), keep());
    calls.create(call(), keep());
    run_for(minutes(1));
    ASSERT_EQ(answers.size(), 2U);
    const auto& ended = std::get<input::CreateEnded>(answers.back());
    EXPECT_EQ(ended.outcome, input::CallOutcome::kRefused);
    EXPECT_TRUE(ended.not_sent);
    EXPECT_FALSE(ended.offer_gone);
}

TEST_F(ProviderCallsTest, ManyAreDestroyedInOneCall) {
    DestroyBatch batch;
    batch.together = true;
    for (std::uint64_t i = 0; i < 3; ++i) {
        const ContractId id = provider.create(call(), false);
        ASSERT_TRUE(id);
        batch.machines.push_back({IntentId{i + 1}, id, {}});
    }
    bool is_over = false;
    calls.destroy(
        batch, keep(), [](const DestroyBatch&) { FAIL(); },
        [&](bool was_sent) { is_over = was_sent; });
    run_for(minutes(1));
    EXPECT_TRUE(is_over);
    ASSERT_EQ(answers.size(), 3U);
    for (const InputBody& answer : answers)
        EXPECT_EQ(std::get<input::DestroyEnded>(answer).outcome, input::CallOutcome::kDone);
    EXPECT_TRUE(provider.list(stage.now()).empty());
}

TEST_F(ProviderCallsTest, CallsToDestroyKeepTheirInterval) {
    int hasty = 0;
    calls.on_haste = [&](Route) { ++hasty; };
    for (int i = 0; i < 5; ++i) {
        calls.when_destroy_may_be_sent([&](CallLane::Done done) {
            calls.destroy(
                {{{IntentId{1}, ContractId{1}, {}}}, false}, keep(), [](const DestroyBatch&) {},
                std::move(done));
        });
    }
    run_for(minutes(2));
    EXPECT_EQ(answers.size(), 5U);
    EXPECT_EQ(hasty, 0);
}

}  // namespace

}  // namespace herder::sim
