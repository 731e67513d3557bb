#include "sim/provider_calls.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

struct ProviderCallsTest : testing::Test {
    Stage stage{1, off(), false};
    FakeProvider provider{stage, 6};
    ProviderCalls calls{stage, provider, Mutant::kNone};
    std::vector<InputBody> answers;

    static std::set<Fault> off() {
        std::set<Fault> all;
        for (int i = 0; i < kFaultCount; ++i)
            all.insert(static_cast<Fault>(i));
        return all;
    }
    ProviderCalls::Answer keep() {
        return [this](InputBody body) { answers.push_back(std::move(body)); };
    }
    void run_for(Duration length) {
        const Instant end = stage.now() + length;
        while (stage.schedule.run_next(end)) {
        }
    }
    CreateCall call() {
        return {IntentId{5}, provider.offers("", 1).front().ask, "label", {}, gigabytes(5), "t"};
    }
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

TEST_F(ProviderCallsTest, ChargesAreTheBill) {
    calls.create(call(), keep());
    run_for(hours(2));
    answers.clear();
    calls.charges({0, 1'000'000}, Instant{}, keep());
    run_for(minutes(1));
    const auto& read = std::get<input::ChargesRead>(answers.front());
    EXPECT_TRUE(read.complete);
    EXPECT_EQ(read.charges.size(), 2U);
    EXPECT_EQ(read.labels.front(), "label");
}

}  // namespace

}  // namespace herder::sim
