#pragma once
// One search of the market over as many pages as it takes. There is no page number and no mark of a
// cut: the walk goes on from the last price, leaves out what it has seen where many offers cost the
// same, and knows every offer by its id. Pure; the calls are the provider's.
//
// Example, with a market that shows 64 rows: page 1 ends at $0.31, so page 2 asks for $0.31 and
// more. If all 64 rows of page 2 cost $0.31, page 3 asks for the same price without their ids.
#include <set>
#include <string>
#include <vector>

#include "adapters/providers/vast/offers_json.h"
#include "adapters/providers/vast/requests_json.h"
#include "ports/provider.h"

namespace herder::vast {

class SearchWalk {
  public:
    explicit SearchWalk(OfferQuery query) : query_(std::move(query)) {}

    bool is_done() const { return is_done_; }
    // The body of the next call.
    std::string next_body() const { return encode_search(query_, {floor_, left_out_}); }
    void add(OfferPage page);
    // Cheapest pages first, every offer once, at most the query's limit.
    std::vector<Offer> take() { return std::move(found_); }

  private:
    std::size_t note_new(const OfferPage& page);
    void go_on(const OfferPage& page, std::size_t fresh);

    const OfferQuery query_;
    UsdPerHour floor_{};
    std::set<std::int64_t> left_out_;
    std::set<std::int64_t> seen_;
    std::vector<Offer> found_;
    int pages_ = 0;
    bool has_stepped_ = false;  // over a price, and nothing new has come since
    bool is_done_ = false;
};

}  // namespace herder::vast
