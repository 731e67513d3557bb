#include "core/market/ranking.h"

#include <algorithm>

#include "core/market/gpu_names.h"

namespace herder {

namespace {

// Interruptions of bid machines per hour, in parts per million. A prior of 0.10/h was found 2.5 to
// 4 times too low over 208 rentals on Vast.ai in July 2026.
constexpr std::int64_t kSpotHazardPpm = 300'000;
// What one interruption costs: about five minutes until the next machine trains, and half of a
// ten-minute checkpoint interval done again.
constexpr Duration kLossPerInterruption = minutes(10);
constexpr std::int64_t kImageGigabytes = 5;
constexpr Duration kWorkMax = days(3650);

constexpr Duration kStayMin = hours(1);
constexpr Duration kBootTime = minutes(15);
constexpr std::int64_t kBidPercent = 115;
constexpr int kSlowUploadMbps = 50;

std::int64_t times(std::int64_t a, std::int64_t b, std::int64_t divisor) {
    return static_cast<std::int64_t>(static_cast<__int128>(a) * b / divisor);
}

struct Price {
    UsdPerHour total;
    UsdPerHour bid{};
};

Price price_of(const Offer& offer, const ResourceRequest& request) {
    const UsdPerHour disk = offer.disk_price(request.disk);
    if (!offer.interruptible) return {.total = offer.gpu_price + disk};
    UsdPerHour bid{(offer.gpu_price.micros * kBidPercent + 99) / 100};
    if (request.price_max > UsdPerHour{}) {
        bid.micros = std::min(bid.micros, request.price_max.micros - disk.micros);
    }
    return {.total = bid + disk, .bid = bid};
}

std::optional<Rejection> reject_now(const Offer& offer, const ResourceRequest& request,
                                    const Avoidance& avoid, Duration work, Instant now) {
    if (const auto rejection = reject(offer, request)) return rejection;
    if (offer.remaining < std::min(work, kStayMin) + kBootTime) return Rejection::kEndsTooSoon;
    const auto avoided = avoid.machines.find(offer.machine);
    if (avoided != avoid.machines.end() && now < avoided->second) return Rejection::kAvoided;
    if (avoid.asks.contains(offer.ask)) return Rejection::kInUse;
    return std::nullopt;
}

std::string describe(const Candidate& candidate, const Candidate& best, Duration work) {
    std::string why = "lowest expected cost";
    if (&candidate != &best && best.expected_cost > Usd{}) {
        const std::int64_t half = best.expected_cost.micros / 2;
        const std::int64_t excess = candidate.expected_cost.micros - best.expected_cost.micros;
        const std::int64_t more = (excess * 100 + half) / best.expected_cost.micros;
        why = more == 0 ? "about the same cost" : std::to_string(more) + " % dearer";
    }
    const Offer& offer = candidate.offer;
    if (offer.upload_mbps > 0 && offer.upload_mbps < kSlowUploadMbps) {
        why += ", slow upload: " + std::to_string(offer.upload_mbps) + " Mb/s";
    }
    if (offer.remaining < work) why += ", ends in " + to_text(offer.remaining);
    return why;
}

bool better(const Candidate& a, const Candidate& b) {
    if (a.expected_cost != b.expected_cost) return a.expected_cost < b.expected_cost;
    if (a.price != b.price) return a.price < b.price;
    if (a.offer.ask != b.offer.ask) return a.offer.ask < b.offer.ask;
    return !a.offer.interruptible && b.offer.interruptible;
}

}  // namespace

const char* to_string(Rejection rejection) {
    switch (rejection) {
        case Rejection::kWrongGpu:
            return "other GPU";
        case Rejection::kTooFewGpus:
            return "other number of GPUs";
        case Rejection::kTooLittleVram:
            return "too little GPU memory";
        case Rejection::kTooLittleDisk:
            return "too little disk";
        case Rejection::kTooDear:
            return "above the price limit";
        case Rejection::kUnreliable:
            return "not reliable enough";
        case Rejection::kWrongMarket:
            return "other market";
        case Rejection::kEndsTooSoon:
            return "ends too soon";
        case Rejection::kAvoided:
            return "let us down a short while ago";
        case Rejection::kInUse:
            return "being asked for already";
        case Rejection::kUnknownPrice:
            return "price unknown";
    }
    return "unknown";
}

std::optional<Rejection> reject(const Offer& offer, const ResourceRequest& request) {
    if (!gpu_matches(request.gpu_name, offer.gpu_name)) return Rejection::kWrongGpu;
    if (offer.gpu_count != request.gpu_count) return Rejection::kTooFewGpus;
    if (offer.gpu_ram_mb < request.gpu_ram_mb_min) return Rejection::kTooLittleVram;
    if (offer.disk_free < request.disk) return Rejection::kTooLittleDisk;
    // An unknown price is not zero.
    if (offer.gpu_price <= UsdPerHour{} || offer.disk_price_per_gb < UsdPerHour{}) {
        return Rejection::kUnknownPrice;
    }
    if (request.price_max > UsdPerHour{} && offer.total_price(request.disk) > request.price_max) {
        return Rejection::kTooDear;
    }
    if (offer.reliability_ppm < request.reliability_min_ppm) return Rejection::kUnreliable;
    switch (request.market) {
        case Market::kAuto:
            return std::nullopt;
        case Market::kSpot:
            if (!offer.interruptible) return Rejection::kWrongMarket;
            return std::nullopt;
        case Market::kOnDemand:
            if (offer.interruptible) return Rejection::kWrongMarket;
            return std::nullopt;
    }
    return std::nullopt;
}

Usd SimpleExpectedPrice::cost_to_finish(const Offer& offer, const ResourceRequest& /*request*/,
                                        UsdPerHour price, Duration work) const {
    const Duration time = std::clamp(work, Duration{}, kWorkMax);
    const std::int64_t unreliable = std::clamp(1'000'000 - offer.reliability_ppm, 0, 1'000'000);
    const std::int64_t hazard = (offer.interruptible ? kSpotHazardPpm : 0) + unreliable / 24;
    // Expected interruptions in millionths, so that a fraction of one counts.
    std::int64_t interruptions = times(time.us, hazard, hours(1).us);
    if (offer.remaining > Duration{} && offer.remaining < time) {
        interruptions += time.us / offer.remaining.us * 1'000'000;
    }
    const Duration lost{times(interruptions, kLossPerInterruption.us, 1'000'000)};
    const std::int64_t image = kImageGigabytes * offer.download_price_per_gb_micros;
    const Usd downloads{image + times(interruptions, image, 1'000'000)};
    return price * (time + lost) + downloads;
}

Ranking rank_offers(const std::vector<Offer>& offers, const JobSpec& spec, const Avoidance& avoid,
                    Duration work, Instant now, const ExpectedPrice& pricing) {
    Ranking ranking;
    ranking.offers_seen = static_cast<int>(offers.size());
    for (const Offer& offer : offers) {
        std::optional<Candidate> best;
        // Of several reasons the one counts that was found latest: the nearest miss.
        std::optional<Rejection> nearest;
        for (const ResourceRequest& request : spec.any_of) {
            if (const auto rejection = reject_now(offer, request, avoid, work, now)) {
                nearest = nearest ? std::max(*nearest, *rejection) : *rejection;
                continue;
            }
            const Price price = price_of(offer, request);
            const Usd cost = pricing.cost_to_finish(offer, request, price.total, work);
            Candidate candidate{.offer = offer,
                                .request = request,
                                .price = price.total,
                                .bid = price.bid,
                                .expected_cost = cost,
                                .why = {}};
            if (!best || better(candidate, *best)) best = std::move(candidate);
        }
        if (best) {
            ranking.candidates.push_back(std::move(*best));
        } else if (nearest) {
            ++ranking.rejected[*nearest];
        }
    }
    std::sort(ranking.candidates.begin(), ranking.candidates.end(), better);
    for (Candidate& candidate : ranking.candidates)
        candidate.why = describe(candidate, ranking.candidates.front(), work);
    return ranking;
}

}  // namespace herder
