#include "sim/provider_api.h"

#include <gtest/gtest.h>

namespace herder::sim {

namespace {

struct ProviderApiTest : testing::Test {
    Stage stage{1, all_faults(), false};
    FakeProvider provider{stage, 30};
    ProviderApi api{stage, provider};
    std::uint64_t intents = 0;

    static std::set<Fault> all_faults() {
        std::set<Fault> all;
        for (int i = 0; i < kFaultCount; ++i)
            all.insert(static_cast<Fault>(i));
        return all;
    }
    void wait(Duration length) {
        const Instant end = stage.now() + length;
        while (stage.schedule.run_next(end)) {
        }
    }
    CreateCall call_for(const Offer& offer) {
        CreateCall call;
        call.intent = IntentId{++intents};
        call.ask = offer.ask;
        call.label = "label-" + std::to_string(intents);
        call.disk = gigabytes(10);
        return call;
    }
    void rent(int machines) {
        for (int i = 0; i < machines; ++i) {
            wait(minutes(1));
            ASSERT_TRUE(api.create(call_for(provider.offers("", 1).front())).is_ok());
        }
        wait(minutes(1));
    }
};

TEST_F(ProviderApiTest, SecondCallWithinTheIntervalIsRefusedAndSoIsTheThirdAfterIt) {
    int hasty = 0;
    api.on_haste = [&](Route route) { hasty += route == Route::kDestroy ? 1 : 0; };
    EXPECT_EQ(api.destroy(ContractId{1}).status, 200);
    wait(seconds(2));
    EXPECT_EQ(api.destroy(ContractId{1}).status, 429);
    wait(seconds(2));
    EXPECT_EQ(api.destroy(ContractId{1}).status, 429) << "a refused call counts too";
    EXPECT_EQ(api.list({}).reply.status, 200) << "each route for itself";
    wait(seconds(3));
    EXPECT_EQ(api.destroy(ContractId{1}).status, 200);
    EXPECT_EQ(hasty, 2);
}

TEST_F(ProviderApiTest, PagesFollowEachOtherByContractAndSayHowManyThereAre) {
    rent(8);
    const MachinePage first = api.list({});
    wait(seconds(1));
    const MachinePage second = api.list(first.next);
    EXPECT_TRUE(first.next);
    EXPECT_FALSE(second.next);
    EXPECT_EQ(first.total, 8U);
    EXPECT_EQ(first.rows.size() + second.rows.size(), 8U);
    EXPECT_LT(first.rows.back().listed.contract, second.rows.front().listed.contract);
}

TEST_F(ProviderApiTest, BidThatIsTooLowMakesAStoppedMachineAndNoSuccess) {
    CreateCall call = call_for(provider.offers("", 1).front());
    call.bid = {1};
    const ApiReply reply = api.create(call);
    EXPECT_EQ(reply.status, 200);
    EXPECT_FALSE(reply.success);
    ASSERT_TRUE(reply.contract);
    EXPECT_EQ(provider.find(reply.contract)->state, RentalState::kStopped);
}

TEST_F(ProviderApiTest, OffersTellThePriceOfOneGpu) {
    const OfferPage page = api.search("", 2);
    ASSERT_FALSE(page.rows.empty());
    for (const OfferRow& row : page.rows) {
        EXPECT_EQ(row.offer.gpu_count, 2);
        EXPECT_GE(row.per_gpu.micros * 2, row.offer.gpu_price.micros);
        EXPECT_LE(row.per_gpu.micros * 2, row.offer.gpu_price.micros + 1);
    }
}

TEST_F(ProviderApiTest, ChargesComeInPagesThatAddUpToTheBill) {
    rent(25);
    wait(hours(2));
    std::set<ChargeKey> keys;
    Usd sum;
    ContractId last;
    int pages = 0;
    do {
        wait(seconds(1));
        const ChargePage page = api.charges(0, 1'000'000, last);
        for (const ChargeRow& row : page.rows) {
            EXPECT_TRUE(keys.insert(row.charge.key).second);
            sum += row.charge.amount;
        }
        last = page.next;
        ++pages;
    } while (last);
    EXPECT_EQ(pages, 2);
    EXPECT_EQ(keys.size(), 50U);
    EXPECT_GT(sum, Usd{});
}

TEST_F(ProviderApiTest, OutageAnswersNothing) {
    provider.begin_outage(hours(1));
    EXPECT_EQ(api.list({}).reply.status, 0);
    EXPECT_EQ(api.create(call_for(provider.offers("", 1).front())).status, 0);
    EXPECT_TRUE(provider.rentals().empty());
}

}  // namespace

}  // namespace herder::sim
