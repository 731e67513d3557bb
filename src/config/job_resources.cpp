#include "config/job_resources.h"

#include <optional>

#include "config/accelerators.h"
#include "config/job_keys.h"

namespace herder::config {

namespace {

// What one place (profile, resources, a candidate) says; the inner place wins.
struct Wish {
    std::vector<Accelerator> accelerators;
    std::optional<PriceLimit> price_max;
    std::optional<Market> market;
    std::optional<int> reliability_min_ppm;
    std::optional<Bytes> disk;
};

Wish wish_of(const Profile& profile) {
    Wish wish{.accelerators = {},
              .price_max = profile.price_max,
              .market = profile.market,
              .reliability_min_ppm = profile.reliability_min_ppm,
              .disk = profile.disk};
    if (profile.gpu_name || profile.gpu_count) {
        wish.accelerators.push_back(
            {.gpu_name = profile.gpu_name.value_or(""), .count = profile.gpu_count.value_or(1)});
    }
    return wish;
}

void read_price(const Mapping& mapping, Wish& wish) {
    const auto whole = mapping.find("max_price");
    const auto each = mapping.find("max_price_per_gpu");
    if (whole && each) {
        each->out->error(each->key_place, each->pointer,
                         "'" + whole->key + "' and '" + each->key + "' are both given",
                         "keep one: max_price is the price of the whole machine");
        return;
    }
    const auto& given = whole ? whole : each;
    if (!given) return;
    if (const auto amount = given->dollars()) wish.price_max = PriceLimit{{amount->micros}, !whole};
}

// What `mapping` says on top of `outer`.
Wish read_wish(const Mapping& mapping, const Wish& outer) {
    Wish wish = outer;
    if (const auto f = mapping.find("accelerators")) wish.accelerators = read_accelerators(*f);
    read_price(mapping, wish);
    if (const auto f = mapping.find("market")) wish.market = read_market(*f);
    if (const auto f = mapping.find("reliability_min")) {
        wish.reliability_min_ppm = f->parts_per_million();
    }
    if (const auto f = mapping.find("disk")) wish.disk = f->size();
    return wish;
}

void append_requests(const Wish& wish, std::vector<ResourceRequest>& requests) {
    std::vector<Accelerator> accelerators = wish.accelerators;
    if (accelerators.empty()) accelerators.emplace_back();
    for (const Accelerator& one : accelerators) {
        ResourceRequest request;
        request.gpu_name = one.gpu_name;
        request.gpu_count = one.count;
        request.gpu_ram_mb_min = one.ram_mb_min;
        request.market = wish.market.value_or(request.market);
        request.disk = wish.disk.value_or(request.disk);
        request.reliability_min_ppm = wish.reliability_min_ppm.value_or(0);
        if (wish.price_max) request.price_max = wish.price_max->of_machine(one.count);
        requests.push_back(request);
    }
}

}  // namespace

std::vector<ResourceRequest> read_resources(const Field* resources, const Profile* profile) {
    const Wish base = profile == nullptr ? Wish{} : wish_of(*profile);
    std::vector<ResourceRequest> requests;
    if (resources == nullptr) {
        append_requests(base, requests);
        return requests;
    }
    const Mapping mapping(*resources, job_keys::kResources, job_keys::kFamily);
    const Wish outer = read_wish(mapping, base);
    const auto any_of = mapping.find("any_of");
    if (!any_of || !any_of->node->is_sequence() || any_of->node->items.empty()) {
        if (any_of) any_of->error("'any_of' must be a list of at least one kind of machine");
        append_requests(outer, requests);
        return requests;
    }
    for (std::size_t i = 0; i < any_of->node->items.size(); ++i) {
        const Mapping candidate(any_of->item(i), job_keys::kCandidate, job_keys::kFamily);
        append_requests(read_wish(candidate, outer), requests);
    }
    return requests;
}

}  // namespace herder::config
