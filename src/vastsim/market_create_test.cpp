#include <gtest/gtest.h>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

const Refused& refusal(const CreateOutcome& outcome) {
    static const Refused kNone{};
    const Refused* refused = std::get_if<Refused>(&outcome);
    EXPECT_NE(refused, nullptr);
    return refused ? *refused : kNone;
}

TEST(Create, BidBelowTheFloorIsGoneOrALeftoverThatBillsItsDisk) {
    Market market(calm_scenario(), 1, kStart);
    CreateRequest request = request_for(cheapest(market, true));
    request.price = UsdPerHour{request.price->micros - 100};
    EXPECT_EQ(refusal(market.create(request)).http, 410);
    EXPECT_TRUE(market.contracts().empty());
    request.cancel_unavail = false;
    const CreateOutcome outcome = market.create(request);
    const auto left = refusal(outcome).new_contract;
    ASSERT_TRUE(left);
    market.advance(kStart + hours(10));
    EXPECT_EQ(market.contracts().at(*left).reported.cur, ContractState::kStopped);
    EXPECT_GT(market.cost_of(*left), usd_micros(0));
    EXPECT_EQ(market.contracts().at(*left).days.begin()->second.gpu, 0);
}

TEST(Create, SecondRentalOfAnOverlappingSliceIsRefusedAndTheAskComesBack) {
    Market market(calm_scenario(), 1, kStart);
    const Offer offer = cheapest(market, true);
    const CreateOutcome first = market.create(request_for(offer));
    const ContractNumber id = std::get<Created>(first).id;
    EXPECT_NE(refusal(market.create(request_for(offer))).msg.find("no_such_ask"),
              std::string::npos);
    for (const Offer& other : market.offers(true, 10'000)) {
        if (other.ask.machine_id != offer.ask.machine_id) continue;
        const bool overlaps = other.ask.first_gpu <= offer.ask.first_gpu &&
                              offer.ask.first_gpu < other.ask.first_gpu + other.ask.gpu_count;
        EXPECT_EQ(other.rentable, !overlaps);
    }
    market.destroy(id);
    const CreateOutcome again = market.create(request_for(offer));
    EXPECT_NE(std::get<Created>(again).id, id);
}

TEST(Create, AMarketThatStartsAgainGivesNoNumberTwice) {
    Market first(calm_scenario(), 1, kStart);
    Market second(calm_scenario(), 1, kStart + minutes(1));
    const auto rent = [](Market& market) {
        return std::get<Created>(market.create(request_for(cheapest(market, true)))).id;
    };
    ContractNumber last = 0;
    for (int i = 0; i < 10; ++i)
        last = rent(first);
    EXPECT_GT(rent(second), last);
}

TEST(Create, RefusesBadRequestsWithoutCreatingAnything) {
    Market market(calm_scenario(), 1, kStart);
    CreateRequest request = request_for(cheapest(market, true));
    request.price = UsdPerHour{900};
    EXPECT_EQ(refusal(market.create(request)).error, "invalid_price");
    request = request_for(cheapest(market, true));
    request.onstart.assign(5'000, 'x');
    EXPECT_NE(refusal(market.create(request)).msg.find("len(args) >"), std::string::npos);
    request = request_for(cheapest(market, true));
    request.ask_id = 3;
    EXPECT_NE(refusal(market.create(request)).msg.find("no_such_ask"), std::string::npos);
    market.set_credit(usd_micros(0));
    request = request_for(cheapest(market, true));
    EXPECT_EQ(refusal(market.create(request)).error, "insufficient_credit");
    EXPECT_TRUE(market.contracts().empty());
}

TEST(Create, PhantomIsNeverListedAndNeverBills) {
    Market market(calm_scenario(), 1, kStart);
    const CreateOutcome outcome = market.create(request_for(cheapest(market, true)),
                                                {.stopped_contract = false, .phantom = true});
    const ContractNumber id = std::get<Created>(outcome).id;
    market.advance(kStart + hours(5));
    EXPECT_EQ(market.find_listed(id), nullptr);
    EXPECT_EQ(market.cost_of(id), usd_micros(0));
}

}  // namespace
}  // namespace herder::vastsim
