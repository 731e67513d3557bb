#include "cli/offer_changes.h"

#include <gtest/gtest.h>

#include "cli/cells.h"

namespace herder::cli {
namespace {

Json offer(const std::string& ask, const std::string& price, const std::string& market = "spot") {
    Json out{Json::Object{}};
    out.set("ask", ask).set("market", market).set("price_per_hour", price);
    return out;
}

TEST(OfferChanges, MarksWhatIsNewDearerOrCheaperAndCountsWhatIsGone) {
    const OfferChanges changes = compare_offers(
        {offer("1", "0.30"), offer("2", "0.35"), offer("3", "0.4"), offer("4", "0.5")},
        {offer("1", "0.31"), offer("2", "0.25"), offer("3", "0.40"), offer("5", "0.1")});
    ASSERT_EQ(changes.offers.size(), 4U);
    EXPECT_EQ(text_at(changes.offers[0], "change"), "up from 0.30");
    EXPECT_EQ(text_at(changes.offers[1], "change"), "down from 0.35");
    EXPECT_EQ(text_at(changes.offers[2], "change"), "") << "the same, written differently";
    EXPECT_EQ(text_at(changes.offers[3], "change"), "new");
    EXPECT_EQ(changes.gone, 1U);
}

TEST(OfferChanges, OneAskOnBothMarketsIsTwoOffers) {
    const OfferChanges changes =
        compare_offers({offer("1", "0.3", "spot")}, {offer("1", "0.6", "on-demand")});
    EXPECT_EQ(text_at(changes.offers[0], "change"), "new");
    EXPECT_EQ(changes.gone, 1U);
}

TEST(OfferChanges, AnOfferWithoutAPriceDidNotChange) {
    EXPECT_EQ(text_at(compare_offers({offer("1", "")}, {offer("1", "0.3")}).offers[0], "change"),
              "");
}

}  // namespace
}  // namespace herder::cli
