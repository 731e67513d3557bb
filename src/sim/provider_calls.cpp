#include "sim/provider_calls.h"

#include <algorithm>

namespace herder::sim {

namespace {

constexpr Duration kClientTimeout = seconds(60);

input::CreateEnded ended(const CreateCall& call, input::CallOutcome outcome, const char* detail) {
    input::CreateEnded end;
    end.intent = call.intent;
    end.outcome = outcome;
    end.detail = detail;
    return end;
}

}  // namespace

ProviderCalls::ProviderCalls(Stage& stage, FakeProvider& provider, Mutant mutant)
    : stage_(stage), provider_(provider), mutant_(mutant), draw_(stage.seed, "provider_calls") {
    charge_lag_ =
        minutes(static_cast<std::int64_t>(stage.faults.intensity(Fault::kChargesLate) * 45.0));
    if (charge_lag_ > Duration{}) stage.faults.count(Fault::kChargesLate);
}

Duration ProviderCalls::latency() {
    return milliseconds(draw_.between(200, 2'500));
}

void ProviderCalls::create(const CreateCall& call, Answer answer) {
    stage_.note("create.sent", call.intent.value, static_cast<std::uint64_t>(call.ask));
    create_once(call, answer, mutant_ == Mutant::kBlindRetry ? 2 : 0);
}

void ProviderCalls::give_up(const CreateCall& call, const Answer& answer, int tries_left) {
    stage_.schedule.after(kClientTimeout, [this, call, answer, tries_left] {
        if (tries_left > 0) return create_once(call, answer, tries_left - 1);
        answer(ended(call, input::CallOutcome::kUnknown, "timed out after 60 s"));
    });
}

void ProviderCalls::create_once(const CreateCall& call, const Answer& answer, int tries_left) {
    if (on_create_sent) on_create_sent(call);
    FaultPlan& faults = stage_.faults;
    if (provider_.is_out()) return give_up(call, answer, tries_left);
    const auto refuse = [&](const char* why, bool gone, bool stop_all) {
        input::CreateEnded end = ended(call, input::CallOutcome::kRefused, why);
        end.offer_gone = gone;
        end.stop_all = stop_all;
        stage_.schedule.after(latency(), [answer, end] { answer(end); });
    };
    if (faults.strikes(Fault::kAccountBlocked, 60'000)) {
        return refuse("insufficient credit", false, true);
    }
    if (faults.strikes(Fault::kCreateRefused, 300'000)) {
        return refuse("429 or offer gone", faults.stream(Fault::kCreateRefused).below(2) == 0,
                      false);
    }
    if (faults.strikes(Fault::kCreateNoEffect, 200'000)) {
        stage_.schedule.after(latency(), [answer, call] {
            answer(ended(call, input::CallOutcome::kUnknown, "502 from the gateway"));
        });
        return;
    }
    if (faults.strikes(Fault::kCreateTimeout, 200'000)) {
        const Duration when = seconds(faults.stream(Fault::kCreateTimeout).between(1, 55));
        stage_.schedule.after(when, [this, call] { provider_.create(call, false); });
        return give_up(call, answer, tries_left);
    }
    if (faults.strikes(Fault::kCreateLate, 200'000)) {
        RandomStream& draw = faults.stream(Fault::kCreateLate);
        // Up to 90 s after the client gave up; rarely far later than anybody promised.
        const std::int64_t late = draw.below(10) == 0 ? 600 : 90;
        stage_.schedule.after(kClientTimeout + seconds(draw.between(0, late)),
                              [this, call] { provider_.create(call, false); });
        return give_up(call, answer, tries_left);
    }
    act_and_answer(call, answer);
}

void ProviderCalls::act_and_answer(const CreateCall& call, const Answer& answer) {
    stage_.schedule.after(latency(), [this, call, answer] {
        const auto offers = provider_.offers("", 1);
        const bool too_low = std::any_of(offers.begin(), offers.end(), [&](const Offer& offer) {
            return offer.ask == call.ask && offer.interruptible && call.bid.micros > 0 &&
                   offer.gpu_price > call.bid;
        });
        const bool error = stage_.faults.strikes(Fault::kCreateErrorWithContract, 150'000);
        const ContractId contract = provider_.create(call, too_low || error);
        const bool done = contract && !too_low && !error;
        input::CreateEnded end =
            ended(call, done ? input::CallOutcome::kDone : input::CallOutcome::kRefused,
                  done ? "" : "no_such_ask or bid too low");
        end.contract = contract;
        end.offer_gone = !contract;
        stage_.schedule.after(latency(), [answer, end] { answer(end); });
    });
}

void ProviderCalls::destroy(const effect::DestroyMachine& call, Answer answer) {
    if (on_destroy_sent) on_destroy_sent(call.contract);
    stage_.note("destroy.sent", static_cast<std::uint64_t>(call.contract.value), call.intent.value);
    input::DestroyEnded end;
    end.intent = call.intent;
    const bool lost = stage_.faults.strikes(Fault::kDestroyLost, 400'000);
    if (provider_.is_out() || lost) {
        const bool acts = lost && stage_.faults.stream(Fault::kDestroyLost).below(2) == 0;
        if (acts && !provider_.is_out()) provider_.destroy(call.contract);
        stage_.schedule.after(seconds(30), [answer, end] { answer(end); });
        return;
    }
    stage_.schedule.after(latency(), [this, call, answer, end] {
        input::DestroyEnded result = end;
        if (provider_.destroy(call.contract)) result.outcome = input::CallOutcome::kDone;
        const bool trusts = mutant_ == Mutant::kTrustDestroy;
        if (trusts && result.outcome == input::CallOutcome::kDone) {
            believed_gone_.emplace(call.contract, stage_.now());
        }
        answer(result);
    });
}

input::MachinesListed ProviderCalls::make_listing(Instant asked) {
    input::MachinesListed listing;
    listing.asked = asked;
    if (provider_.is_out()) {
        listing.detail = "no answer";
        return listing;
    }
    Instant moment = stage_.now();
    if (stage_.faults.strikes(Fault::kListStale, 200'000)) {
        moment = moment - seconds(stage_.faults.stream(Fault::kListStale).between(1, 60));
    }
    listing.machines = provider_.list(moment);
    listing.complete = true;
    spoil_listing(listing);
    return listing;
}

void ProviderCalls::spoil_listing(input::MachinesListed& listing) {
    FaultPlan& faults = stage_.faults;
    std::vector<ListedMachine>& rows = listing.machines;
    for (const Fault torn : {Fault::kListPageFails, Fault::kListTruncated}) {
        if (!faults.strikes(torn, 250'000)) continue;
        listing.complete = mutant_ == Mutant::kFailedPageIsEnd;
        listing.detail = "a page failed";
        rows.resize(rows.empty() ? 0 : faults.stream(torn).below(rows.size()));
    }
    if (!rows.empty() && faults.strikes(Fault::kListDuplicate, 250'000)) {
        rows.push_back(rows[faults.stream(Fault::kListDuplicate).below(rows.size())]);
    }
    if (mutant_ == Mutant::kForgetFirstAbsence) forget_absent(rows);
    if (mutant_ == Mutant::kTrustDestroy) {
        std::erase_if(
            rows, [&](const ListedMachine& row) { return believed_gone_.contains(row.contract); });
    }
}

// The planted defect: what one listing lacks is struck from the books, and never looked at again.
void ProviderCalls::forget_absent(std::vector<ListedMachine>& rows) {
    std::set<ContractId> present;
    for (const ListedMachine& row : rows)
        present.insert(row.contract);
    for (const auto& [id, rental] : provider_.rentals()) {
        if (rental.is_listed() && !present.contains(id)) believed_gone_.emplace(id, stage_.now());
    }
    std::erase_if(rows,
                  [&](const ListedMachine& row) { return believed_gone_.contains(row.contract); });
}

void ProviderCalls::list(Instant asked, Answer answer) {
    const Duration there = latency() / 2;
    stage_.schedule.after(there, [this, asked, answer] {
        input::MachinesListed listing = make_listing(asked);
        const Duration back = provider_.is_out() ? seconds(20) : latency() / 2;
        stage_.schedule.after(
            back, [answer, listing = std::move(listing)]() mutable { answer(std::move(listing)); });
    });
}

void ProviderCalls::search(const effect::SearchOffers& call, Answer answer) {
    stage_.schedule.after(latency(), [this, call, answer] {
        input::OffersFound found;
        found.gpu_name = call.gpu_name;
        found.gpu_count = call.gpu_count;
        found.complete =
            !provider_.is_out() && !stage_.faults.strikes(Fault::kSearchFails, 300'000);
        if (found.complete) found.offers = provider_.offers(call.gpu_name, call.gpu_count);
        answer(std::move(found));
    });
}

input::ChargesRead ProviderCalls::make_charges(const effect::ReadCharges& call, Instant asked) {
    input::ChargesRead read;
    read.asked = asked;
    read.complete = !provider_.is_out();
    if (!read.complete) return read;
    const Instant until = stage_.now() - charge_lag_;
    for (const auto& [id, rental] : provider_.rentals()) {
        if (rental.gone_at && (kEpoch + (*rental.gone_at - Instant{})).day() < call.from_day) {
            continue;
        }
        const bool estimate =
            rental.is_revised && (!rental.gone_at || stage_.now() - *rental.gone_at < minutes(30));
        for (const auto& [key, amount] : bill(rental, until)) {
            if (key.day < call.from_day || key.day > call.to_day) continue;
            Charge charge;
            charge.key = key;
            charge.amount = estimate ? Usd{amount.micros + amount.micros / 14} : amount;
            if (mutant_ == Mutant::kAddCharges) charge.amount = sums_[key] += charge.amount;
            read.charges.push_back(charge);
            read.labels.push_back(rental.label);
        }
    }
    return read;
}

void ProviderCalls::charges(const effect::ReadCharges& call, Instant asked, Answer answer) {
    stage_.schedule.after(latency(),
                          [this, call, asked, answer] { answer(make_charges(call, asked)); });
}

}  // namespace herder::sim
