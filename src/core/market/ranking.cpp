#include "core/market/ranking.h"

#include <algorithm>
#include <array>

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
    return static_cast<std::int64_t>(static_cast<__int128_t>(a) * b / divisor);
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

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// One of the job's requests with what is the same for every offer.
struct Filter {
    const ResourceRequest* request = nullptr;
    std::vector<std::string> names;  // of the cards that serve it; empty: any
};

std::vector<Filter> filters_of(const JobSpec& spec) {
    std::vector<Filter> filters;
    for (const ResourceRequest& request : spec.any_of) {
        Filter filter{.request = &request, .names = {}};
        if (!request.gpu_name.empty()) {
            filter.names = gpu_family(request.gpu_name);
            // A market may call a card by the family's name.
            filter.names.push_back(request.gpu_name);
        }
        filters.push_back(std::move(filter));
    }
    return filters;
}

std::optional<Rejection> reject_machine(const Offer& offer, const ResourceRequest& request);

std::optional<Rejection> reject_now(const Offer& offer, const Filter& filter,
                                    const Avoidance& avoid, Duration work, Instant now) {
    if (!is_one_of(filter.names, offer.gpu_name)) return Rejection::kWrongGpu;
    if (const auto rejection = reject_machine(offer, *filter.request)) return rejection;
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

// A candidate while the order is sought: offers are large, and most of many are not chosen.
struct Contender {
    Usd expected_cost;
    Price price;
    const Offer* offer = nullptr;
    const ResourceRequest* request = nullptr;
};

bool better(const Contender& a, const Contender& b) {
    if (a.expected_cost != b.expected_cost) return a.expected_cost < b.expected_cost;
    if (a.price.total != b.price.total) return a.price.total < b.price.total;
    if (a.offer->ask != b.offer->ask) return a.offer->ask < b.offer->ask;
    return !a.offer->interruptible && b.offer->interruptible;
}

Candidate candidate_of(const Contender& contender) {
    return {.offer = *contender.offer,
            .request = *contender.request,
            .price = contender.price.total,
            .bid = contender.price.bid,
            .expected_cost = contender.expected_cost,
            .why = {}};
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

namespace {

// Everything but the name of its GPU.
std::optional<Rejection> reject_machine(const Offer& offer, const ResourceRequest& request) {
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

}  // namespace

std::optional<Rejection> reject(const Offer& offer, const ResourceRequest& request) {
    if (!gpu_matches(request.gpu_name, offer.gpu_name)) return Rejection::kWrongGpu;
    return reject_machine(offer, request);
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
    constexpr std::size_t kReasons = static_cast<std::size_t>(Rejection::kUnknownPrice) + 1;
    const std::vector<Filter> filters = filters_of(spec);
    std::array<int, kReasons> rejected{};
    std::vector<Contender> contenders;
    for (const Offer& offer : offers) {
        std::optional<Contender> best;
        // Of several reasons the one counts that was found latest: the nearest miss.
        std::optional<Rejection> nearest;
        for (const Filter& filter : filters) {
            if (const auto rejection = reject_now(offer, filter, avoid, work, now)) {
                nearest = nearest ? std::max(*nearest, *rejection) : *rejection;
                continue;
            }
            const Price price = price_of(offer, *filter.request);
            const Contender contender{
                .expected_cost = pricing.cost_to_finish(offer, *filter.request, price.total, work),
                .price = price,
                .offer = &offer,
                .request = filter.request};
            if (!best || better(contender, *best)) best = contender;
        }
        if (best) {
            contenders.push_back(*best);
        } else if (nearest) {
            ++rejected[static_cast<std::size_t>(*nearest)];
        }
    }
    std::sort(contenders.begin(), contenders.end(), better);
    Ranking ranking;
    ranking.offers_seen = static_cast<int>(offers.size());
    ranking.candidates.reserve(contenders.size());
    for (const Contender& contender : contenders) {
        ranking.candidates.push_back(candidate_of(contender));
        Candidate& candidate = ranking.candidates.back();
        candidate.why = describe(candidate, ranking.candidates.front(), work);
    }
    for (std::size_t reason = 0; reason < kReasons; ++reason) {
        if (rejected[reason] > 0)
            ranking.rejected[static_cast<Rejection>(reason)] = rejected[reason];
    }
    return ranking;
}

}  // namespace herder
