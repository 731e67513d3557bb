// What the client reads: listings and charges page by page, offers, what hosts announce.
#include <algorithm>
#include <iterator>
#include <optional>

#include "sim/provider_calls.h"

namespace herder::sim {

namespace {

constexpr int kTriesMax = 4;  // of a page that was refused for haste
constexpr int kWalksMax = 3;  // of a listing whose pages do not fit together

}  // namespace

// ---- list

struct ProviderCalls::ListWalk {
    Instant asked;
    Answer answer;
    int walks_left = kWalksMax;
    // Of the present walk.
    ContractId after;
    int tries_left = kTriesMax;
    std::optional<std::size_t> total;
    ContractId newest;
    std::vector<MachineRow> rows;

    void begin_again() {
        --walks_left;
        after = {};
        tries_left = kTriesMax;
        total.reset();
        newest = {};
        rows.clear();
    }
    // The same total on every page, and no machine twice: they come in the order of contracts.
    bool fits(const MachinePage& page) {
        const bool same = !total || *total == page.total;
        total = page.total;
        bool fresh = true;
        for (const MachineRow& row : page.rows) {
            fresh = fresh && row.listed.contract > newest;
            newest = row.listed.contract;
        }
        return same && fresh;
    }
};

void ProviderCalls::list(Instant asked, Answer answer) {
    auto walk = std::make_shared<ListWalk>();
    walk->asked = asked;
    walk->answer = std::move(answer);
    next_page(walk);
}

void ProviderCalls::next_page(const std::shared_ptr<ListWalk>& walk) {
    lane(Route::kList).add([this, walk](CallLane::Done done) {
        stage_.schedule.after(latency() / 2, [this, walk, done] {
            const auto page = std::make_shared<MachinePage>(api_.list(walk->after));
            const Duration back = page->reply.status == 0 ? seconds(20) : latency() / 2;
            stage_.schedule.after(back, [this, walk, done, page] {
                heed(Route::kList, page->reply);
                done(true);
                take_page(walk, *page);
            });
        });
    });
}

void ProviderCalls::take_page(const std::shared_ptr<ListWalk>& walk, MachinePage& page) {
    if (page.reply.status == 429 && --walk->tries_left > 0) return next_page(walk);
    const bool is_careless = mutant_ == Mutant::kFailedPageIsEnd;
    if (!page.reply.is_ok()) {
        return finish(walk, is_careless && page.reply.status != 0, "a page failed");
    }
    bool fits = walk->fits(page);
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(walk->rows));
    if (mutant_ == Mutant::kSecondPageDropped) return finish(walk, true, "");
    if (fits && page.next) {
        walk->after = page.next;
        walk->tries_left = kTriesMax;
        return next_page(walk);
    }
    fits = fits && walk->rows.size() == page.total;
    if (fits || is_careless) return finish(walk, true, "");
    // A machine that comes or goes between two pages tears the listing: once more, then it counts
    // as failed.
    stage_.marks.hit(Mark::kListTorn);
    walk->begin_again();
    if (walk->walks_left > 0) return next_page(walk);
    finish(walk, false, "the pages do not fit together");
}

void ProviderCalls::finish(const std::shared_ptr<ListWalk>& walk, bool complete,
                           const char* detail) {
    input::MachinesListed listing;
    listing.asked = walk->asked;
    listing.complete = complete;
    listing.detail = detail;
    distort(walk->rows);
    listing.machines.reserve(walk->rows.size());
    for (MachineRow& row : walk->rows)
        listing.machines.push_back(std::move(row.listed));
    walk->answer(std::move(listing));
}

// What the planted defects make of rows.
void ProviderCalls::distort(std::vector<MachineRow>& rows) {
    if (mutant_ == Mutant::kForgetFirstAbsence) forget_absent(rows);
    if (mutant_ == Mutant::kTrustDestroy) {
        std::erase_if(rows, [&](const MachineRow& row) {
            return believed_gone_.contains(row.listed.contract);
        });
    }
    if (mutant_ == Mutant::kStoppedIsGone) {
        std::erase_if(
            rows, [](const MachineRow& row) { return row.listed.state == MachineState::kStopped; });
    }
    if (mutant_ != Mutant::kStaleLabel) return;
    for (MachineRow& row : rows) {
        if (row.listed.label.empty()) continue;
        row.listed.label = labels_.try_emplace(row.machine, row.listed.label).first->second;
    }
}

// The planted defect: what one listing lacks is struck from the books, and never looked at again.
void ProviderCalls::forget_absent(std::vector<MachineRow>& rows) {
    std::set<ContractId> present;
    for (const MachineRow& row : rows)
        present.insert(row.listed.contract);
    for (const auto& [id, rental] : provider_.rentals()) {
        if (rental.is_listed() && !present.contains(id)) believed_gone_.emplace(id, stage_.now());
    }
    std::erase_if(
        rows, [&](const MachineRow& row) { return believed_gone_.contains(row.listed.contract); });
}

// ---- search and charges

void ProviderCalls::search(const effect::SearchOffers& call, Answer answer) {
    lane(Route::kSearch).add([this, call, answer](CallLane::Done done) {
        stage_.schedule.after(latency(), [this, call, answer, done] {
            const OfferPage page = api_.search(call.gpu_name, call.gpu_count);
            heed(Route::kSearch, page.reply);
            done(true);
            input::OffersFound found;
            found.gpu_name = call.gpu_name;
            found.gpu_count = call.gpu_count;
            found.complete = page.reply.is_ok();
            for (const OfferRow& row : page.rows) {
                found.offers.push_back(row.offer);
                const std::int64_t gpus =
                    mutant_ == Mutant::kGpuPriceIsTotal ? 1 : row.offer.gpu_count;
                found.offers.back().gpu_price = {row.per_gpu.micros * gpus};
            }
            answer(std::move(found));
        });
    });
}

struct ProviderCalls::ChargeWalk {
    effect::ReadCharges call;
    Answer answer;
    ContractId after;
    int tries_left = kTriesMax;
    input::ChargesRead read;
};

void ProviderCalls::charges(const effect::ReadCharges& call, Instant asked, Answer answer) {
    auto walk = std::make_shared<ChargeWalk>();
    walk->call = call;
    walk->answer = std::move(answer);
    walk->read.asked = asked;
    next_page(walk);
}

void ProviderCalls::next_page(const std::shared_ptr<ChargeWalk>& walk) {
    lane(Route::kCharges).add([this, walk](CallLane::Done done) {
        stage_.schedule.after(latency(), [this, walk, done] {
            ChargePage page = api_.charges(walk->call.from_day, walk->call.to_day, walk->after);
            heed(Route::kCharges, page.reply);
            done(true);
            take_page(walk, page);
        });
    });
}

void ProviderCalls::take_page(const std::shared_ptr<ChargeWalk>& walk, ChargePage& page) {
    if (page.reply.status == 429 && --walk->tries_left > 0) return next_page(walk);
    for (ChargeRow& row : page.rows) {
        Charge charge = row.charge;
        if (mutant_ == Mutant::kAddCharges) charge.amount = sums_[charge.key] += charge.amount;
        walk->read.charges.push_back(charge);
        walk->read.labels.push_back(std::move(row.label));
    }
    const bool goes_on = page.next && mutant_ != Mutant::kChargesFirstPage;
    if (page.reply.is_ok() && goes_on) {
        walk->after = page.next;
        walk->tries_left = kTriesMax;
        return next_page(walk);
    }
    walk->read.complete = page.reply.is_ok();
    walk->answer(std::move(walk->read));
}

// ---- what hosts announce

void ProviderCalls::increases(Answer answer) {
    lane(Route::kIncreases).add([this, answer = std::move(answer)](const CallLane::Done& done) {
        stage_.schedule.after(latency(), [this, answer, done] {
            IncreasePage page = api_.increases();
            heed(Route::kIncreases, page.reply);
            done(true);
            answer(input::IncreasesRead{std::move(page.rows)});
        });
    });
}

// Whatever comes of it: one that still waits is read, and answered, again.
void ProviderCalls::answer_increase(const effect::AnswerIncrease& call) {
    lane(Route::kIncreases).add([this, call](const CallLane::Done& done) {
        stage_.schedule.after(latency(), [this, call, done] {
            heed(Route::kIncreases, api_.answer_increase(call.increase, call.accept));
            done(true);
        });
    });
}

void ProviderCalls::maintenances(const effect::ReadMaintenances& call, Answer answer) {
    lane(Route::kMaintenances)
        .add([this, call, answer = std::move(answer)](const CallLane::Done& done) {
            stage_.schedule.after(latency(), [this, call, answer, done] {
                MaintenancePage page = api_.maintenances(call.machines);
                heed(Route::kMaintenances, page.reply);
                done(true);
                if (page.reply.is_ok()) answer(input::MaintenancesRead{std::move(page.rows)});
            });
        });
}

}  // namespace herder::sim
