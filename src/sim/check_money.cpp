// Invariants of money: leaks, double rentals, calls without a row, budgets, prices, the ledger.
#include <algorithm>

#include "base/record.h"
#include "sim/checker.h"

namespace herder::sim {

namespace {

std::string text_of(const Rental& rental) {
    return "machine " + std::to_string(rental.id.value) + " of " + to_text(rental.intent);
}

const Intent* intent_of(const State& state, IntentId id) {
    const auto found = state.intents.find(id);
    return found == state.intents.end() ? nullptr : &found->second;
}

bool is_wanted(const State& state, const Rental& rental) {
    const Intent* intent = intent_of(state, rental.intent);
    if (intent == nullptr) return false;
    if (!std::holds_alternative<rent::Bound>(intent->phase) &&
        !std::holds_alternative<rent::Live>(intent->phase)) {
        return false;
    }
    const auto attempt = state.attempts.find(intent->attempt);
    return intent->contract == rental.id && attempt != state.attempts.end() &&
           attempt->second.is_live();
}

class NoLeak : public Checker {
  public:
    const char* name() const override { return "1 no-leak"; }
    const char* statement() const override {
        return "no instance with our label is alive and unwanted for more than 30 min outside "
               "outages of the provider and of ourselves";
    }
    void on_minute(const Sight& sight) override {
        if (sight.provider.is_out() || sight.leader == nullptr) return;
        for (const auto& [id, rental] : sight.provider.rentals()) {
            if (!rental.is_listed() || !rental.intent || rental.is_offline) continue;
            int& minutes_unwanted = unwanted_[id];
            if (is_wanted(*sight.leader, rental)) {
                minutes_unwanted = 0;
            } else if (++minutes_unwanted > kMinutesMax) {
                violate(sight, text_of(rental) + " lives on unwanted");
            }
        }
    }

  private:
    static constexpr int kMinutesMax = 30;
    std::map<ContractId, int> unwanted_;
};

class OneMachinePerIntent : public Checker {
  public:
    const char* name() const override { return "2 one-machine-per-intent"; }
    const char* statement() const override {
        return "contracts ever created per intent are at most one";
    }
    void on_created(const Sight& sight, const Rental& rental) override {
        if (!rental.intent) return;
        const auto [known, first] = machine_of_.try_emplace(rental.intent, rental.id);
        if (!first) {
            violate(sight, text_of(rental) + " besides " + std::to_string(known->second.value));
        }
    }

  private:
    std::map<IntentId, ContractId> machine_of_;
};

class NoCallWithoutRow : public Checker {
  public:
    const char* name() const override { return "3 no-call-without-row"; }
    const char* statement() const override {
        return "every create and destroy seen by the provider follows from a row that was "
               "committed earlier";
    }
    void on_create_sent(const Sight& sight, const CreateCall& call) override {
        const auto row = sight.store.rows().find({Table::kIntent, to_text(call.intent)});
        if (row == sight.store.rows().end()) {
            return violate(sight, "create for " + to_text(call.intent) + " without a row");
        }
        const auto intent = from_record<Intent>(row->second);
        if (!intent || intent->label != call.label ||
            std::holds_alternative<rent::Planned>(intent->phase)) {
            violate(sight, "create for " + to_text(call.intent) + " which is not armed");
        }
    }
    void on_commit(const Sight&, const Commit& commit, const State&) override {
        for (const Event& event : commit.events) {
            if (event.kind == "machine.orphan") strays_.insert(event.subject);
        }
    }
    void on_destroy_sent(const Sight& sight, ContractId contract) override {
        if (strays_.contains(std::to_string(contract.value))) return;
        const Rental* rental = sight.provider.find(contract);
        if (rental == nullptr || !rental->intent) return;  // invariant 10
        const auto row = sight.store.rows().find({Table::kIntent, to_text(rental->intent)});
        const auto intent = row == sight.store.rows().end() ? Result<Intent>(not_found("no row"))
                                                            : from_record<Intent>(row->second);
        if (!intent ||
            (!std::holds_alternative<rent::Closing>(intent->phase) && !is_over(intent->phase) &&
             !std::holds_alternative<rent::Closed>(intent->phase))) {
            violate(sight, "destroy of " + text_of(*rental) + " without a row that closes it");
        }
    }

  private:
    std::set<std::string> strays_;
};

class BudgetKept : public Checker {
  public:
    const char* name() const override { return "4 budget"; }
    const char* statement() const override {
        return "billed plus one tick's burn stays within the budget, but for the worst time to "
               "kill and outages";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr || ++minute_ % 10 != 0) return;
        for (const BudgetSpec& budget : sight.leader->meta.budgets) {
            if (budget.window == BudgetWindow::kTotal) check(sight, budget);
        }
    }

  private:
    void check(const Sight& sight, const BudgetSpec& budget) {
        Usd billed;
        Usd allowance;
        for (const auto& [id, rental] : sight.provider.rentals()) {
            const Intent* intent = intent_of(*sight.leader, rental.intent);
            if (intent == nullptr) continue;
            const auto job = sight.leader->jobs.find(intent->attempt.job);
            if (job == sight.leader->jobs.end() || !covers(budget, job->second.spec)) continue;
            billed += total_bill(rental, sight.stage.now());
            const UsdPerHour rate = rental.gpu_rate + rental.disk_rate;
            allowance += rate * (kWorstTimeToKill + minutes(30));
        }
        if (billed > budget.limit + allowance + worst_outage(sight)) {
            violate(sight, "budget " + budget.name + " of " + to_text(budget.limit) +
                               " has been billed " + to_text(billed));
        }
    }
    Usd worst_outage(const Sight& sight) const {
        return UsdPerHour{8'000'000} * sight.provider.outage_so_far();
    }
    int minute_ = 0;
};

class PriceCap : public Checker {
  public:
    const char* name() const override { return "5 price-cap"; }
    const char* statement() const override {
        return "a bid is rented as a bid and within the job's cap; on demand nothing costs much "
               "more "
               "than what it was chosen for";
    }
    void on_created(const Sight& sight, const Rental& rental) override {
        const auto row = sight.store.rows().find({Table::kIntent, to_text(rental.intent)});
        if (row == sight.store.rows().end()) return;
        const auto intent = from_record<Intent>(row->second);
        if (!intent) return;
        if (!rental.interruptible) return check_on_demand(sight, rental, *intent);
        if (intent->price_cap.micros > 0 &&
            rental.gpu_rate + rental.disk_rate > intent->price_cap) {
            violate(sight, text_of(rental) + " costs more than its cap");
        }
    }

  private:
    // The market's prices for renting on demand move by as much as this between search and order.
    static constexpr std::int64_t kPercentMax = 130;

    void check_on_demand(const Sight& sight, const Rental& rental, const Intent& intent) const {
        if (intent.bid.micros > 0) {
            violate(sight, text_of(rental) + " was ordered with a bid and is rented on demand");
        }
        // The row's rate is what was planned until a listing has told another one.
        if (intent.listed == Instant{} &&
            rental.gpu_rate.micros * 100 > intent.gpu_rate.micros * kPercentMax) {
            violate(sight, text_of(rental) + " costs " + to_decimal(rental.gpu_rate) +
                               " and was chosen for " + to_decimal(intent.gpu_rate));
        }
    }
};

class LedgerIsBill : public Checker {
  public:
    const char* name() const override { return "6 ledger"; }
    const char* statement() const override {
        return "the charges in our ledger equal the provider's bill per contract to the "
               "micro-dollar, and each has one owner";
    }
    void on_end(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [id, rental] : sight.provider.rentals()) {
            const Usd ours = sight.leader->ledger.charged(id);
            const Usd bill = total_bill(rental, sight.stage.now());
            if (rental.intent && ours != bill) {
                violate(sight, text_of(rental) + ": bill " + to_decimal(bill) + ", ledger " +
                                   to_decimal(ours));
            }
        }
        for (const auto& [key, charge] : sight.leader->ledger.charges()) {
            const Rental* rental = sight.provider.find(key.contract);
            const IntentId owner = rental == nullptr ? IntentId{} : rental->intent;
            if (charge.intent != owner) {
                violate(sight, "a charge of machine " + std::to_string(key.contract.value) +
                                   " belongs to " + to_text(owner) + ", not to " +
                                   to_text(charge.intent));
            }
        }
    }
};

class ReservationsEnd : public Checker {
  public:
    const char* name() const override { return "7 reserve"; }
    const char* statement() const override {
        return "budget reservations are held by open intents alone";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr || ++minute_ % 30 != 0) return;
        for (const auto& [id, intent] : sight.leader->intents) {
            if (is_over(intent.phase) && intent.reserved.micros != 0) {
                violate(sight,
                        to_text(id) + " is over and still reserves " + to_text(intent.reserved));
            }
        }
    }

  private:
    int minute_ = 0;
};

class ZeroAtRest : public Checker {
  public:
    const char* name() const override { return "9 zero-at-rest"; }
    const char* statement() const override {
        return "without active jobs there is no instance of ours within 15 min, outages apart";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr || sight.provider.is_out() || !sight.stage.faults.has_ended() ||
            !sight.leader->live_attempts.empty()) {
            minutes_ = 0;
            return;
        }
        const bool any = std::any_of(
            sight.provider.rentals().begin(), sight.provider.rentals().end(), [](const auto& one) {
                return one.second.is_listed() && one.second.intent && !one.second.is_offline;
            });
        minutes_ = any ? minutes_ + 1 : 0;
        if (minutes_ > 15) violate(sight, "nothing runs, yet a machine is kept");
    }
    void on_end(const Sight& sight) override {
        for (const auto& [id, rental] : sight.provider.rentals()) {
            if (rental.is_listed() && rental.intent) {
                violate(sight, text_of(rental) + " is left at the end");
            }
        }
    }

  private:
    int minutes_ = 0;
};

class ForeignSafe : public Checker {
  public:
    const char* name() const override { return "10 foreign-safe"; }
    const char* statement() const override { return "what lacks our label is never destroyed"; }
    void on_destroy_sent(const Sight& sight, ContractId contract) override {
        const Rental* rental = sight.provider.find(contract);
        if (rental != nullptr && !rental->intent) {
            violate(sight, "destroy of the stranger's machine " + std::to_string(contract.value));
        }
    }
};

}  // namespace

void add_money_checkers(Checkers& checkers) {
    checkers.push_back(std::make_unique<NoLeak>());
    checkers.push_back(std::make_unique<OneMachinePerIntent>());
    checkers.push_back(std::make_unique<NoCallWithoutRow>());
    checkers.push_back(std::make_unique<BudgetKept>());
    checkers.push_back(std::make_unique<PriceCap>());
    checkers.push_back(std::make_unique<LedgerIsBill>());
    checkers.push_back(std::make_unique<ReservationsEnd>());
    checkers.push_back(std::make_unique<ZeroAtRest>());
    checkers.push_back(std::make_unique<ForeignSafe>());
}

}  // namespace herder::sim
