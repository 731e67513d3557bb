#include "adapters/providers/vast/search_walk.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace herder::vast {
namespace {

struct Row {
    std::int64_t ask;
    std::int64_t micros;
};

// A market of rows that are sorted by price, with a cap on what one answer shows.
class FakeMarket {
  public:
    FakeMarket(std::vector<Row> rows, std::size_t cap) : rows_(std::move(rows)), cap_(cap) {}
    bool honours_ids = true;
    int calls = 0;

    std::vector<std::int64_t> search(std::size_t limit = 500) {
        OfferQuery query;
        query.limit = limit;
        SearchWalk walk(query);
        while (!walk.is_done()) {
            ++calls;
            walk.add(answer(walk.next_body(), limit));
        }
        std::vector<std::int64_t> asks;
        for (const Offer& offer : walk.take())
            asks.push_back(offer.ask);
        return asks;
    }

  private:
    static double number_after(const std::string& text, const std::string& word) {
        const std::size_t at = text.find(word);
        return at == std::string::npos ? 0 : std::stod(text.substr(at + word.size()));
    }
    OfferPage answer(const std::string& body, std::size_t limit) const {
        const double floor = number_after(body, R"("dph_total":{"gte":)");
        const std::size_t without = body.find(R"("notin":[)");
        const std::string ids = without == std::string::npos ? "" : body.substr(without) + ",";
        OfferPage page;
        for (const Row& row : rows_) {
            if (static_cast<double>(row.micros) / 1e6 < floor - 1e-12) continue;
            const std::string id = std::to_string(row.ask);
            const bool left_out = ids.find("[" + id + ",") != std::string::npos ||
                                  ids.find("," + id + ",") != std::string::npos ||
                                  ids.find("," + id + "]") != std::string::npos ||
                                  ids.find("[" + id + "]") != std::string::npos;
            if (honours_ids && left_out) continue;
            if (page.rows == std::min(limit, cap_)) break;
            ++page.rows;
            page.asks.push_back(row.ask);
            Offer offer;
            offer.ask = row.ask;
            page.offers.push_back(offer);
            page.dearest = std::max(page.dearest, UsdPerHour{row.micros - 1});
        }
        return page;
    }

    std::vector<Row> rows_;
    std::size_t cap_;
};

std::vector<Row> rising(std::size_t count) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < count; ++i)
        rows.push_back({static_cast<std::int64_t>(i) + 1, 100'000 + static_cast<std::int64_t>(i)});
    return rows;
}

TEST(SearchWalk, OneCallWhereNothingIsCutOff) {
    FakeMarket market(rising(63), 64);
    EXPECT_EQ(market.search().size(), 63U);
    EXPECT_EQ(market.calls, 1);
}

TEST(SearchWalk, FindsEverythingBehindEveryCap) {
    for (const std::size_t cap : {64U, 500U, 5000U}) {
        FakeMarket market(rising(300), cap);
        const auto asks = market.search();
        EXPECT_EQ(asks.size(), 300U) << cap;
        EXPECT_TRUE(std::is_sorted(asks.begin(), asks.end()));
    }
}

TEST(SearchWalk, ManyOffersOfOnePriceHideNoneBehindThem) {
    std::vector<Row> rows;
    for (std::int64_t ask = 1; ask <= 150; ++ask)
        rows.push_back({ask, 250'000});
    for (std::int64_t ask = 151; ask <= 160; ++ask)
        rows.push_back({ask, 260'000 + ask});
    FakeMarket market(rows, 64);
    EXPECT_EQ(market.search().size(), 160U);
}

TEST(SearchWalk, AMarketThatIgnoresIdsStillShowsWhatIsDearer) {
    std::vector<Row> rows;
    for (std::int64_t ask = 1; ask <= 100; ++ask)
        rows.push_back({ask, 250'000});
    rows.push_back({101, 300'000});
    FakeMarket market(rows, 64);
    market.honours_ids = false;
    const auto asks = market.search();
    EXPECT_EQ(asks.size(), 65U) << "64 of one price, and the dearer one";
    EXPECT_LE(market.calls, 5);
}

TEST(SearchWalk, ReturnsAtMostTheLimitAndEnds) {
    FakeMarket market(rising(5'000), 5'000);
    EXPECT_EQ(market.search(5).size(), 5U);
    EXPECT_EQ(market.calls, 1);
    FakeMarket capped(rising(5'000), 64);
    capped.search(5'000);
    EXPECT_LE(capped.calls, 12);
}

TEST(SearchWalk, AnOfferThatComesTwiceOnAPageCountsOnce) {
    OfferPage page;
    page.rows = 2;
    page.asks = {7, 7};
    Offer offer;
    offer.ask = 7;
    page.offers = {offer, offer};
    SearchWalk walk({});
    walk.add(page);
    EXPECT_TRUE(walk.is_done());
    EXPECT_EQ(walk.take().size(), 1U);
}

}  // namespace
}  // namespace herder::vast
