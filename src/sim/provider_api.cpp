#include "sim/provider_api.h"

#include <algorithm>

namespace herder::sim {

namespace {

constexpr std::size_t kMachinesPerPage = 6;
constexpr std::size_t kChargesPerPage = 40;  // at least; the rows of one contract stay together
// Two calls may come this much closer together than they were sent.
constexpr Duration kSlack = milliseconds(50);

// Rounded up, so that what is paid for all never falls below what wins.
UsdPerHour per_gpu(const Offer& offer) {
    return {(offer.gpu_price.micros + offer.gpu_count - 1) / offer.gpu_count};
}

std::size_t index(Route route) {
    return static_cast<std::size_t>(route);
}

}  // namespace

Duration minimum_interval(Route route) {
    switch (route) {
        case Route::kSearch:
            return seconds(6);  // ten a minute
        case Route::kCreate:
            return milliseconds(4'500);
        case Route::kList:
        case Route::kCharges:
        case Route::kLabel:
        case Route::kIncreases:
        case Route::kMaintenances:
            return seconds(1);
        case Route::kDestroy:
            return seconds(3);
        case Route::kCount:
            break;
    }
    return seconds(1);
}

ProviderApi::ProviderApi(Stage& stage, FakeProvider& provider)
    : stage_(stage), provider_(provider) {
    charge_lag_ =
        minutes(static_cast<std::int64_t>(stage.faults.intensity(Fault::kChargesLate) * 45.0));
    if (charge_lag_ > Duration{}) stage.faults.count(Fault::kChargesLate);
}

ApiReply ProviderApi::admit(Route route) {
    if (provider_.is_out()) return {.status = 0, .success = false, .error = "no answer"};
    const bool early = used_[index(route)] &&
                       stage_.now() < last_[index(route)] + minimum_interval(route) - kSlack;
    used_[index(route)] = true;
    last_[index(route)] = stage_.now();  // a refused call counts too
    if (early && on_haste) on_haste(route);
    // Another program with the same key has used up the share.
    const bool crowded = stage_.faults.strikes(Fault::kThrottled, 150'000);
    if (!early && !crowded) return {};
    stage_.marks.hit(Mark::kThrottled);
    // Of the four shapes that were seen two name no threshold.
    const bool names_it = stage_.faults.stream(Fault::kThrottled).below(2) == 0;
    return {.status = 429,
            .success = false,
            .error = "API requests too frequent",
            .threshold = names_it ? minimum_interval(route) : Duration{}};
}

ApiReply ProviderApi::create(const CreateCall& call) {
    if (ApiReply reply = admit(Route::kCreate); !reply.is_ok()) return reply;
    const ApiReply reply = judge(call);
    if (on_judged) on_judged(call, reply);
    return reply;
}

void ProviderApi::create_late(const CreateCall& call) {
    if (provider_.has_credit()) provider_.create(call, provider_.is_bid_too_low(call));
}

ApiReply ProviderApi::judge(const CreateCall& call) {
    FaultPlan& faults = stage_.faults;
    if (!provider_.has_credit() || faults.strikes(Fault::kAccountBlocked, 60'000)) {
        return {.status = 400, .success = false, .error = "insufficient_credit"};
    }
    if (faults.strikes(Fault::kCreateRefused, 300'000)) {
        const bool gone = faults.stream(Fault::kCreateRefused).below(2) == 0;
        return {.status = gone ? 410 : 400,
                .success = false,
                .error = gone ? "no_such_ask" : "invalid_args"};
    }
    const bool too_low = provider_.is_bid_too_low(call);
    const bool error = faults.strikes(Fault::kCreateErrorWithContract, 150'000);
    const ContractId contract = provider_.create(call, too_low || error);
    if (!contract) return {.status = 410, .success = false, .error = "no_such_ask"};
    // The insufficient bid: 200 with success:false, and a stopped machine that bills its disk.
    if (too_low || error) {
        return {.success = false, .contract = contract, .error = "no_such_ask: bid too low"};
    }
    return {.contract = contract};
}

ApiReply ProviderApi::destroy(ContractId contract) {
    if (ApiReply reply = admit(Route::kDestroy); !reply.is_ok()) return reply;
    if (provider_.destroy(contract)) return {};
    return {.status = 500, .success = false, .error = "the host does not answer"};
}

ApiReply ProviderApi::destroy_many(const std::vector<ContractId>& contracts) {
    if (ApiReply reply = admit(Route::kDestroy); !reply.is_ok()) return reply;
    if (stage_.faults.strikes(Fault::kBulkRefused, 700'000)) {
        return {.status = 400, .success = false, .error = "invalid_args"};
    }
    stage_.marks.hit(Mark::kDestroyedTogether);
    for (const ContractId contract : contracts)
        (void)provider_.destroy(contract);
    return {};
}

void ProviderApi::stop_many(const std::vector<ContractId>& contracts) {
    if (provider_.is_out()) return;
    for (const ContractId contract : contracts)
        provider_.stop_by_owner(contract);
}

ApiReply ProviderApi::set_label(ContractId contract, const std::string& label) {
    if (ApiReply reply = admit(Route::kLabel); !reply.is_ok()) return reply;
    Rental* rental = provider_.find(contract);
    if (rental != nullptr) rental->label = label;
    return {};
}

MachinePage ProviderApi::list(ContractId after) {
    MachinePage page;
    page.reply = admit(Route::kList);
    if (!page.reply.is_ok()) return page;
    Instant moment = stage_.now();
    if (stage_.faults.strikes(Fault::kListStale, 150'000)) {
        moment = moment - seconds(stage_.faults.stream(Fault::kListStale).between(1, 60));
    }
    ListedPart part = provider_.list_part(moment, after, kMachinesPerPage);
    page.total = part.total;
    page.rows = std::move(part.rows);
    if (part.goes_on) page.next = page.rows.back().listed.contract;
    spoil(page);
    return page;
}

void ProviderApi::spoil(MachinePage& page) {
    FaultPlan& faults = stage_.faults;
    if (faults.strikes(Fault::kListPageFails, 150'000)) {
        page.reply = {.status = 502, .success = false, .error = "a page failed"};
        page.rows.clear();
        return;
    }
    if (faults.strikes(Fault::kListTruncated, 150'000)) {
        RandomStream& draw = faults.stream(Fault::kListTruncated);
        page.rows.resize(page.rows.empty() ? 0 : draw.below(page.rows.size()));
        page.next = {};
    }
    if (!page.rows.empty() && faults.strikes(Fault::kListDuplicate, 150'000)) {
        page.rows.push_back(
            page.rows[faults.stream(Fault::kListDuplicate).below(page.rows.size())]);
    }
}

OfferPage ProviderApi::search(const std::string& gpu_name, int gpu_count) {
    OfferPage page;
    page.reply = admit(Route::kSearch);
    if (!page.reply.is_ok()) return page;
    if (stage_.faults.strikes(Fault::kSearchFails, 300'000)) {
        page.reply = {.status = 502, .success = false, .error = "the search failed"};
        return page;
    }
    for (const Offer& offer : provider_.offers(gpu_name, gpu_count))
        page.rows.push_back({offer, per_gpu(offer)});
    return page;
}

ChargePage ProviderApi::charges(std::int64_t from_day, std::int64_t to_day, ContractId after) {
    ChargePage page;
    page.reply = admit(Route::kCharges);
    if (!page.reply.is_ok()) return page;
    const Instant until = stage_.now() - charge_lag_;
    const auto& rentals = provider_.rentals();
    for (auto one = rentals.upper_bound(after); one != rentals.end(); ++one) {
        const auto& [id, rental] = *one;
        if (rental.gone_at && (kEpoch + (*rental.gone_at - Instant{})).day() < from_day) continue;
        if (page.rows.size() >= kChargesPerPage) {
            page.next = page.rows.back().charge.key.contract;
            break;
        }
        const bool estimate =
            rental.is_revised && (!rental.gone_at || stage_.now() - *rental.gone_at < minutes(30));
        for (const auto& [key, amount] : bill(rental, until)) {
            if (key.day < from_day || key.day > to_day) continue;
            Charge charge;
            charge.key = key;
            charge.amount = estimate ? Usd{amount.micros + amount.micros / 14} : amount;
            page.rows.push_back({charge, rental.label});
        }
    }
    return page;
}

IncreasePage ProviderApi::increases() {
    IncreasePage page;
    page.reply = admit(Route::kIncreases);
    if (page.reply.is_ok()) page.rows = provider_.increases();
    return page;
}

MaintenancePage ProviderApi::maintenances(const std::vector<std::int64_t>& machines) {
    MaintenancePage page;
    page.reply = admit(Route::kMaintenances);
    if (page.reply.is_ok()) page.rows = provider_.maintenances(machines);
    return page;
}

ApiReply ProviderApi::answer_increase(std::int64_t id, bool accepts) {
    if (ApiReply reply = admit(Route::kIncreases); !reply.is_ok()) return reply;
    if (provider_.answer_increase(id, accepts)) return {};
    return {.status = 404, .success = false, .error = "no_pending_price_increase"};
}

}  // namespace herder::sim
