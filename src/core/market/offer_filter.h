#pragma once
// What somebody who looks at the market asks for, which condition keeps which offer away, and what
// a slightly looser one would bring. For people; where jobs go is ranking.h's business.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/jobs/spec.h"
#include "core/market/offer.h"

namespace herder {

struct OfferWish {
    std::string gpu_name;  // canonical or a family; empty: any
    int gpu_count = 1;     // 0: any
    Bytes disk = gigabytes(10);
    Market market = Market::kAuto;
    std::vector<std::string> countries;  // two letters; empty: any
    int reliability_min_ppm = 0;
    UsdPerHour price_max{};  // whole machine with its disk; 0: any
};

// In the order in which they are told.
enum class OfferCondition : int { kGpu, kCount, kDisk, kMarket, kCountry, kReliability, kPrice };
constexpr std::size_t kOfferConditions = 7;
const char* to_string(OfferCondition condition);  // "gpu", "num_gpus", ...

// The conditions that the offer does not meet.
std::array<bool, kOfferConditions> failed_conditions(const Offer& offer, const OfferWish& wish);
bool fits(const Offer& offer, const OfferWish& wish);

// What one condition does.
struct ConditionEffect {
    OfferCondition condition = OfferCondition::kGpu;
    int removed = 0;  // of the offers that the conditions before it left
    // The next looser form of this condition alone, where it would bring anything: "0.31" for a
    // price, "RTX_3090" for a GPU.
    std::string looser{};
    int gained = 0;  // offers more with it
    std::optional<UsdPerHour> cheapest{};
};

struct OfferExplanation {
    int seen = 0;
    int matching = 0;
    std::vector<ConditionEffect> effects;  // of the conditions that are set
};

// `offers` are those of both markets, unfiltered.
OfferExplanation explain_offers(const std::vector<Offer>& offers, const OfferWish& wish);

}  // namespace herder
