// The account's money: credit, running out of it, the card, deposits (vast-api 2.11, 2.17, 4.7).
#include <algorithm>
#include <cmath>

#include "vastsim/market.h"

namespace herder::vastsim {

namespace {

constexpr Usd kLowCredit = usd_cents(500);
constexpr std::int64_t kHoursPerMonth = 720;

// 20 % at one month, 30 % at three, never more than 40 % (vast-api 2.11).
double discount_of(double months) {
    const double share = months <= 1 ? 0.2 * months : 0.2 + 0.05 * (months - 1);
    return std::clamp(share, 0.0, 0.4);
}

}  // namespace

Usd Market::deposit_left(ContractNumber id) {
    const Contract* contract = find_live(id);
    if (contract == nullptr || contract->deposit.micros == 0) return {};
    const Usd used = cost_of(id) - contract->cost_at_deposit;
    return std::max(contract->deposit - used, usd_micros(0));
}

Usd Market::deposits_held() {
    Usd held;
    for (const auto& [machine_id, ids] : live_on_machine_) {
        for (const ContractNumber id : ids)
            held += deposit_left(id);
    }
    return held;
}

Usd Market::available() {
    return initial_credit_ - spent() - deposits_held();
}

Usd Market::credit() {
    if (!credit_shown_at_ || now_ - *credit_shown_at_ >= scenario_.credit_refresh) {
        shown_credit_ = available();
        credit_shown_at_ = now_;
    }
    return shown_credit_;
}

void Market::set_credit(Usd credit) {
    const bool more = credit > available();
    initial_credit_ = credit + spent() + deposits_held();
    credit_shown_at_.reset();
    if (more && out_of_credit_ && credit.micros > 0) {
        top_up({});
    }
    check_credit();
}

void Market::top_up(Usd amount) {
    initial_credit_ += amount;
    credit_shown_at_.reset();
    if (amount.micros > 0) {
        invoices_.push_back({.id = 88'001 + static_cast<std::int64_t>(invoices_.size()),
                             .when = now_,
                             .type = "credit",
                             .service = "stripe_payments",
                             .description = "Automatic top-up",
                             .amount = usd_micros(-amount.micros)});
        notices_.push_back({"payment_receipt", "Payment received", "Payment received", now_});
    }
    if (available().micros <= 0) return;
    out_of_credit_ = told_low_credit_ = false;
    // Whether anything resumes by itself is open (vast-api 9); the GPUs may be let meanwhile.
    for (auto& [id, contract] : contracts_) {
        if (!contract.destroyed && contract.out_of_credit && scenario_.topup_resumes) {
            contract.queued_start = true;
        }
    }
    for (const auto& [machine_id, machine] : machines_)
        resume_waiting(machine_id);
}

// At zero everything stops at once; the disks bill on (vast-api 4.7).
void Market::check_credit() {
    const Usd left = available();
    const bool card = scenario_.autobill_amount.micros > 0;
    if (card && left <= scenario_.autobill_threshold && !top_up_planned_) {
        top_up_planned_ = true;
        schedule(scenario_.autobill_delay, TimerKind::kTopUp, 0);
    }
    if (left <= kLowCredit && !told_low_credit_) {
        told_low_credit_ = true;
        notices_.push_back({"low_credit", "Low credit", "Your credit is low", now_});
    }
    if (left > usd_micros(0)) return;
    if (!out_of_credit_) run_out();
    if (!card && left < usd_micros(-debt_limit().micros)) destroy_everything();
}

void Market::run_out() {
    out_of_credit_ = true;
    for (auto& [id, contract] : contracts_) {
        if (contract.destroyed) continue;
        contract.queued_start = false;
        if (!contract.has_gpus) continue;
        contract.out_of_credit = true;
        halt(contract, "out of credit", scenario_.credit_out_keeps_intended);
    }
    notices_.push_back({"billing_failed", "Out of credit", "Your instances were stopped", now_});
}

// The buffer is scaled by the average spend: that of `debt_buffer`, at least a dollar.
Usd Market::debt_limit() const {
    const std::int64_t running = std::max<std::int64_t>((now_ - start_).us / hours(1).us, 1);
    const std::int64_t hourly = settled_.micros / running;
    return usd_micros(std::max<std::int64_t>(hourly * (scenario_.debt_buffer.us / hours(1).us),
                                             usd_cents(100).micros));
}

void Market::destroy_everything() {
    std::vector<ContractNumber> ids;
    for (const auto& [id, contract] : contracts_) {
        if (!contract.destroyed) ids.push_back(id);
    }
    for (const ContractNumber id : ids)
        destroy(id);
    for (auto& [id, volume] : volumes_) {
        if (!volume.deleted) (void)delete_volume(id);
    }
}

Status Market::prepay(ContractNumber id, Usd amount) {
    Contract* contract = find_live(id);
    if (contract == nullptr || contract->bid) return not_found("No such instance");
    if (amount.micros <= 0 || amount > available()) {
        return Error{ErrorCode::kBudgetExceeded, "Insufficient credit"};
    }
    accrue(*contract);
    const Usd cost = total_of(contract->days);
    if (contract->deposit.micros == 0) contract->undiscounted = contract->gpu_rate;
    contract->deposit = deposit_left(id) + amount;
    contract->cost_at_deposit = cost;
    const UsdPerHour hourly = contract->undiscounted + contract->storage_rate;
    contract->discount_months = static_cast<double>(contract->deposit.micros) /
                                static_cast<double>(hourly.micros * kHoursPerMonth);
    contract->discount_rate = discount_of(contract->discount_months);
    const auto kept = static_cast<std::int64_t>(std::llround((1 - contract->discount_rate) * 1e6));
    contract->gpu_rate = {contract->undiscounted.micros * kept / 1'000'000};
    note(*contract, "prepaid");
    invoices_.push_back({.id = 88'001 + static_cast<std::int64_t>(invoices_.size()),
                         .when = now_,
                         .type = "reserved",
                         .service = "instance_prepay",
                         .description = "Deposit for instance " + std::to_string(id),
                         .amount = amount});
    credit_shown_at_.reset();
    return ok();
}

// The rest comes back without the discount already taken and without five per cent.
void Market::refund_deposit(Contract& contract) {
    const Usd rest = deposit_left(contract.id);
    const Usd used = contract.deposit - rest;
    const std::int64_t saved = contract.undiscounted.micros - contract.gpu_rate.micros;
    const std::int64_t rate = std::max<std::int64_t>(contract.gpu_rate.micros, 1);
    contract.discount_taken = usd_micros(used.micros * saved / rate);
    const std::int64_t fee =
        std::min(rest.micros, contract.discount_taken.micros + rest.micros / 20);
    settled_ += usd_micros(fee);
    contract.deposit = {};
    invoices_.push_back({.id = 88'001 + static_cast<std::int64_t>(invoices_.size()),
                         .when = now_,
                         .type = "refund",
                         .service = "instance_prepay",
                         .description = "Refund for instance " + std::to_string(contract.id),
                         .amount = usd_micros(fee - rest.micros)});
}

}  // namespace herder::vastsim
