#include "ports/provider.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

using input::CallOutcome;

// A provider with nothing but what every provider must have.
class SmallProvider : public Provider {
  public:
    std::string name() const override { return "small"; }
    Result<std::vector<Offer>> search(const OfferQuery&) override { return std::vector<Offer>(); }
    CreateAnswer create(const CreateRequest&) override { return {}; }
    CallAnswer destroy(ContractId contract) override {
        destroyed.push_back(contract);
        const bool odd = contract.value % 2 == 1;
        return {.outcome = odd ? CallOutcome::kUnknown : CallOutcome::kDone, .detail = "502"};
    }
    Result<std::vector<ListedMachine>> list() override { return std::vector<ListedMachine>(); }
    CallAnswer change_bid(ContractId, UsdPerHour) override { return {}; }
    Result<std::vector<ChargeRow>> charges(std::int64_t, std::int64_t) override {
        return std::vector<ChargeRow>();
    }
    Result<AccountInfo> account() override { return AccountInfo(); }

    std::vector<ContractId> destroyed;
};

TEST(Provider, RefusesByNameWhatItCannotDo) {
    SmallProvider provider;
    EXPECT_EQ(provider.stop({5}).outcome, CallOutcome::kRefused);
    EXPECT_EQ(provider.start({5}).outcome, CallOutcome::kRefused);
    EXPECT_EQ(provider.set_label({5}, "x").detail, "the provider small cannot change a label");
    EXPECT_EQ(provider.show({5}).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(provider.answer_increase(5, true).outcome, CallOutcome::kRefused);
    EXPECT_TRUE(provider.increases().value().empty());
    EXPECT_TRUE(provider.maintenances({5}).value().empty());
    EXPECT_EQ(provider.logs({5}, {}).error().message,
              "the provider small cannot hand out a machine's log");
}

TEST(Provider, ManyAreDestroyedOneByOneAndOneDoubtIsTheWholesDoubt) {
    SmallProvider provider;
    EXPECT_EQ(provider.destroy_many({}).outcome, CallOutcome::kDone);
    EXPECT_EQ(provider.destroy_many({{2}, {4}}).outcome, CallOutcome::kDone);
    EXPECT_EQ(provider.destroy_many({{2}, {3}, {4}}).outcome, CallOutcome::kUnknown);
    EXPECT_EQ(provider.destroyed.size(), 5U) << "nobody is left out after a doubt";
    EXPECT_EQ(provider.stop_many({{2}}).outcome, CallOutcome::kRefused);
}

}  // namespace
}  // namespace herder
