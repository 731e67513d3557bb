#include "adapters/providers/vast/search_walk.h"

namespace herder::vast {

namespace {

// A search was seen to return at most 64 rows whatever limit was given (September 2026), and
// thousands in August; an answer of either size may be cut off.
constexpr std::size_t kRowCap = 64;
constexpr int kPagesMax = 12;
constexpr std::size_t kLeftOutMax = 1'000;

}  // namespace

std::size_t SearchWalk::note_new(const OfferPage& page) {
    std::size_t fresh = 0;
    std::set<std::int64_t> here;
    for (const std::int64_t ask : page.asks) {
        if (seen_.insert(ask).second && here.insert(ask).second) ++fresh;
    }
    for (const Offer& offer : page.offers) {
        if (!here.contains(offer.ask) || found_.size() >= query_.limit) continue;
        here.erase(offer.ask);
        found_.push_back(offer);
    }
    return fresh;
}

void SearchWalk::go_on(const OfferPage& page, std::size_t fresh) {
    if (fresh > 0) has_stepped_ = false;
    if (page.dearest > floor_) {
        floor_ = page.dearest;
        left_out_.clear();
        return;
    }
    std::set<std::int64_t> more;
    for (const std::int64_t ask : page.asks) {
        if (!left_out_.contains(ask)) more.insert(ask);
    }
    if (!more.empty() && left_out_.size() + more.size() <= kLeftOutMax && !has_stepped_) {
        left_out_.merge(more);
    } else if (!has_stepped_) {
        // What is left at this price does not come out: on with the next one.
        floor_ = {floor_.micros + 2};
        left_out_.clear();
        has_stepped_ = true;
    } else {
        is_done_ = true;  // the same page comes whatever is asked
    }
}

void SearchWalk::add(OfferPage page) {
    const std::size_t fresh = note_new(page);
    const bool may_be_cut = page.rows == kRowCap || page.rows >= query_.limit;
    is_done_ = !may_be_cut || found_.size() >= query_.limit || ++pages_ >= kPagesMax;
    if (!is_done_) go_on(page, fresh);
}

}  // namespace herder::vast
