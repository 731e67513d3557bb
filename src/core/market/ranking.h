#pragma once
// Which offers can serve a job, which is expected to finish it most cheaply, and why not the
// others. The pricing of an offer sits behind ExpectedPrice so that a learned policy can take its
// place.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "core/jobs/spec.h"
#include "core/market/offer.h"

namespace herder {

enum class Rejection : int {
    kWrongGpu,
    kTooFewGpus,  // or too many: a job sees the number of GPUs that it asked for
    kTooLittleVram,
    kTooLittleDisk,
    kTooDear,
    kUnreliable,
    kWrongMarket,
    kEndsTooSoon,
    kAvoided,  // its machine let us down a short while ago
    kInUse,    // another intent of ours asks for it right now
    kUnknownPrice,
};
const char* to_string(Rejection rejection);

// The reason why `offer` cannot serve `request`, or nothing if it can.
std::optional<Rejection> reject(const Offer& offer, const ResourceRequest& request);

struct Candidate {
    Offer offer;
    ResourceRequest request;  // which of any_of it serves
    UsdPerHour price;         // GPU and disk, what will be charged (the bid for interruptible ones)
    UsdPerHour bid{};         // 0: on demand
    Usd expected_cost;        // to finish the work, losses included
    std::string why;          // a few words for people
};

struct Ranking {
    std::vector<Candidate> candidates;  // best first
    std::map<Rejection, int> rejected;  // offers that none of any_of accepts, by reason
    int offers_seen = 0;
};

// How much finishing `work` on an offer is expected to cost, interruptions included.
class ExpectedPrice {
  public:
    virtual ~ExpectedPrice() = default;
    virtual Usd cost_to_finish(const Offer& offer, const ResourceRequest& request, UsdPerHour price,
                               Duration work) const = 0;
};

// Price times time, stretched by the expected losses: a spot machine is assumed to be interrupted
// at a fixed hazard, each interruption costing a reboot and half a checkpoint interval; an
// unreliable host fails with (1 - reliability) per day; an offer that ends before the work does
// costs a move each time. Every start also pays for the download of an image.
class SimpleExpectedPrice : public ExpectedPrice {
  public:
    Usd cost_to_finish(const Offer& offer, const ResourceRequest& request, UsdPerHour price,
                       Duration work) const override;
};

// Machines to stay away from until a moment, and asks that intents of ours are asking for.
struct Avoidance {
    std::map<std::int64_t, Instant> machines;  // machine -> until
    std::set<std::int64_t> asks;
};

// An offer must last at least as long as the work or an hour, whichever is less, and a quarter of
// an hour for the boot: below that, moving away costs more than it brings. An offer that lasts
// longer than that but less than the work is taken, with the moves in its expected cost.
// Interruptible machines are bid for a bit above the lowest price that wins now, so that the first
// rival does not take them, and never above what the request's price_max leaves for the GPUs.
// Deterministic: ties are broken by ask id. `work` is the running time still expected (use
// max_duration's rest, or one hour when unknown).
Ranking rank_offers(const std::vector<Offer>& offers, const JobSpec& spec, const Avoidance& avoid,
                    Duration work, Instant now, const ExpectedPrice& pricing);

}  // namespace herder
