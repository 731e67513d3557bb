#include "core/market/offer_filter.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/market/gpu_names.h"

namespace herder {

namespace {

using Failed = std::array<bool, kOfferConditions>;
using Offers = std::vector<const Offer*>;

constexpr std::int64_t kCent = 10'000;  // micro-dollars
constexpr int kPercentPpm = 10'000;     // reliability is typed in hundredths
constexpr std::int64_t kGigabyte = 1'000'000'000;

std::size_t at(OfferCondition condition) {
    return static_cast<std::size_t>(condition);
}

bool is_set(OfferCondition condition, const OfferWish& wish) {
    switch (condition) {
        case OfferCondition::kGpu:
            return !wish.gpu_name.empty();
        case OfferCondition::kCount:
            return wish.gpu_count > 0;
        case OfferCondition::kDisk:
            return true;
        case OfferCondition::kMarket:
            return wish.market != Market::kAuto;
        case OfferCondition::kCountry:
            return !wish.countries.empty();
        case OfferCondition::kReliability:
            return wish.reliability_min_ppm > 0;
        case OfferCondition::kPrice:
            return wish.price_max > UsdPerHour{};
    }
    return false;
}

bool is_in(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_of_market(const Offer& offer, Market market) {
    switch (market) {
        case Market::kAuto:
            return true;
        case Market::kSpot:
            return offer.interruptible;
        case Market::kOnDemand:
            return !offer.interruptible;
    }
    return true;
}

std::string decimal(std::int64_t hundredths) {
    const std::string digits = std::to_string(100 + hundredths % 100).substr(1);
    return std::to_string(hundredths / 100) + "." + digits;
}

// How a condition would have to read for the offer to pass, as somebody would type it.
std::string value_for(OfferCondition condition, const Offer& offer, const OfferWish& wish) {
    switch (condition) {
        case OfferCondition::kGpu:
            return offer.gpu_name;
        case OfferCondition::kCount:
            return std::to_string(offer.gpu_count);
        case OfferCondition::kDisk:
            return std::to_string(offer.disk_free.count / kGigabyte);
        case OfferCondition::kMarket:
            return "auto";
        case OfferCondition::kCountry:
            return offer.location;
        case OfferCondition::kReliability:
            return decimal(offer.reliability_ppm / kPercentPpm);
        case OfferCondition::kPrice:
            return decimal((offer.total_price(wish.disk).micros + kCent - 1) / kCent);
    }
    return "";
}

// The wish with this one condition loosened so far that the offer passes.
OfferWish loosened(OfferCondition condition, const Offer& offer, OfferWish wish) {
    switch (condition) {
        case OfferCondition::kGpu:
            wish.gpu_name = offer.gpu_name;
            break;
        case OfferCondition::kCount:
            wish.gpu_count = offer.gpu_count;
            break;
        case OfferCondition::kDisk:
            wish.disk = {offer.disk_free.count / kGigabyte * kGigabyte};
            break;
        case OfferCondition::kMarket:
            wish.market = Market::kAuto;
            break;
        case OfferCondition::kCountry:
            wish.countries.push_back(offer.location);
            break;
        case OfferCondition::kReliability:
            wish.reliability_min_ppm = offer.reliability_ppm / kPercentPpm * kPercentPpm;
            break;
        case OfferCondition::kPrice: {
            const std::int64_t price = offer.total_price(wish.disk).micros;
            wish.price_max = {(price + kCent - 1) / kCent * kCent};
            break;
        }
    }
    return wish;
}

// Which of the offers that fail this condition alone is the smallest step away.
const Offer* nearest_miss(OfferCondition condition, const Offers& misses, const OfferWish& wish) {
    if (misses.empty()) return nullptr;
    const auto price = [&wish](const Offer* offer) {
        return std::pair(offer->total_price(wish.disk), offer->ask);
    };
    const auto distance = [&](const Offer* offer) -> std::int64_t {
        if (condition == OfferCondition::kReliability) return -offer->reliability_ppm;
        if (condition == OfferCondition::kDisk) return -offer->disk_free.count;
        if (condition == OfferCondition::kCount)
            return std::abs(std::int64_t{offer->gpu_count} - wish.gpu_count);
        return 0;  // the cheapest
    };
    return *std::min_element(misses.begin(), misses.end(), [&](const Offer* a, const Offer* b) {
        return std::pair(distance(a), price(a)) < std::pair(distance(b), price(b));
    });
}

void add_step(ConditionEffect& effect, const Offers& misses, const OfferWish& wish) {
    const Offer* nearest = nearest_miss(effect.condition, misses, wish);
    if (nearest == nullptr) return;
    effect.looser = value_for(effect.condition, *nearest, wish);
    const OfferWish looser = loosened(effect.condition, *nearest, wish);
    for (const Offer* offer : misses) {
        if (!fits(*offer, looser)) continue;
        ++effect.gained;
        const UsdPerHour price = offer->total_price(looser.disk);
        if (!effect.cheapest || price < *effect.cheapest) effect.cheapest = price;
    }
}

}  // namespace

const char* to_string(OfferCondition condition) {
    switch (condition) {
        case OfferCondition::kGpu:
            return "gpu";
        case OfferCondition::kCount:
            return "num_gpus";
        case OfferCondition::kDisk:
            return "disk";
        case OfferCondition::kMarket:
            return "market";
        case OfferCondition::kCountry:
            return "region";
        case OfferCondition::kReliability:
            return "reliability";
        case OfferCondition::kPrice:
            return "max_price";
    }
    return "unknown";
}

std::array<bool, kOfferConditions> failed_conditions(const Offer& offer, const OfferWish& wish) {
    Failed failed{};
    failed[at(OfferCondition::kGpu)] =
        !wish.gpu_name.empty() && !gpu_matches(wish.gpu_name, offer.gpu_name);
    failed[at(OfferCondition::kCount)] = wish.gpu_count > 0 && offer.gpu_count != wish.gpu_count;
    failed[at(OfferCondition::kDisk)] = offer.disk_free < wish.disk;
    failed[at(OfferCondition::kMarket)] = !is_of_market(offer, wish.market);
    failed[at(OfferCondition::kCountry)] =
        !wish.countries.empty() && !is_in(wish.countries, offer.location);
    failed[at(OfferCondition::kReliability)] = offer.reliability_ppm < wish.reliability_min_ppm;
    failed[at(OfferCondition::kPrice)] =
        wish.price_max > UsdPerHour{} && offer.total_price(wish.disk) > wish.price_max;
    return failed;
}

bool fits(const Offer& offer, const OfferWish& wish) {
    const Failed failed = failed_conditions(offer, wish);
    return std::none_of(failed.begin(), failed.end(), [](bool one) { return one; });
}

OfferExplanation explain_offers(const std::vector<Offer>& offers, const OfferWish& wish) {
    OfferExplanation out;
    std::array<int, kOfferConditions> removed{};
    std::array<Offers, kOfferConditions> misses;  // offers that fail one condition alone
    for (const Offer& offer : offers) {
        ++out.seen;
        const Failed failed = failed_conditions(offer, wish);
        const auto first = std::find(failed.begin(), failed.end(), true);
        if (first == failed.end()) {
            ++out.matching;
            continue;
        }
        const auto index = static_cast<std::size_t>(first - failed.begin());
        ++removed[index];
        if (std::count(failed.begin(), failed.end(), true) == 1) misses[index].push_back(&offer);
    }
    for (std::size_t i = 0; i < kOfferConditions; ++i) {
        ConditionEffect effect{.condition = static_cast<OfferCondition>(i), .removed = removed[i]};
        if (!is_set(effect.condition, wish)) continue;
        add_step(effect, misses[i], wish);
        out.effects.push_back(std::move(effect));
    }
    return out;
}

}  // namespace herder
