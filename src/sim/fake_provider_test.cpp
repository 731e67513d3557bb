#include "sim/fake_provider.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

std::set<Fault> all_faults() {
    std::set<Fault> all;
    for (int i = 0; i < kFaultCount; ++i)
        all.insert(static_cast<Fault>(i));
    return all;
}

struct FakeProviderTest : testing::Test {
    Stage stage{1, all_faults(), false};
    FakeProvider provider{stage, 6};

    void run_for(Duration length) {
        const Instant end = stage.now() + length;
        while (stage.schedule.run_next(end)) {
        }
    }
    CreateCall call_for(const Offer& offer) {
        CreateCall call;
        call.intent = IntentId{1};
        call.ask = offer.ask;
        call.label = "label";
        call.disk = gigabytes(10);
        return call;
    }
};

TEST_F(FakeProviderTest, MachineBootsRunsAndIsBilledUntilDestroyed) {
    bool booted = false;
    provider.on_boot = [&](Rental&) { booted = true; };
    const ContractId id = provider.create(call_for(provider.offers("", 1).front()), false);
    ASSERT_TRUE(id);
    run_for(minutes(10));
    EXPECT_TRUE(booted);
    ASSERT_EQ(provider.list(stage.now()).size(), 1U);
    EXPECT_EQ(provider.list(stage.now()).front().state, MachineState::kRunning);
    EXPECT_TRUE(provider.destroy(id));
    EXPECT_TRUE(provider.list(stage.now()).empty());
    const Usd at_end = total_bill(*provider.find(id), stage.now());
    EXPECT_GT(at_end, Usd{});
    run_for(hours(1));
    EXPECT_EQ(total_bill(*provider.find(id), stage.now()), at_end);
}

TEST_F(FakeProviderTest, FullMachineIsNoOffer) {
    const Offer offer = provider.offers("A100", 1).front();
    EXPECT_TRUE(provider.create(call_for(offer), false));
    EXPECT_FALSE(provider.create(call_for(offer), false));
}

TEST_F(FakeProviderTest, OldListingShowsWhatWasThere) {
    const ContractId id = provider.create(call_for(provider.offers("", 1).front()), false);
    run_for(minutes(5));
    provider.destroy(id);
    EXPECT_EQ(provider.list(stage.now() - seconds(1)).size(), 1U);
    EXPECT_TRUE(provider.list(stage.now()).empty());
}

TEST_F(FakeProviderTest, OutageLastsAsLongAsItWasSaid) {
    provider.begin_outage(minutes(3));
    EXPECT_TRUE(provider.is_out());
    run_for(minutes(4));
    EXPECT_FALSE(provider.is_out());
    EXPECT_EQ(provider.outage_so_far(), minutes(3));
}

}  // namespace

}  // namespace herder::sim
