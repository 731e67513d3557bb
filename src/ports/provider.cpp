#include "ports/provider.h"

namespace herder {

namespace {

std::string not_offered(const Provider& provider, const std::string& what) {
    return "the provider " + provider.name() + " cannot " + what;
}

CallAnswer refuse(const Provider& provider, const std::string& what) {
    return {.outcome = input::CallOutcome::kRefused, .detail = not_offered(provider, what)};
}

// The worst of all: one doubt makes the whole a doubt.
template <class Call>
CallAnswer one_by_one(const std::vector<ContractId>& contracts, Call call) {
    CallAnswer worst{.outcome = input::CallOutcome::kDone, .detail = {}};
    for (const ContractId contract : contracts) {
        CallAnswer answer = call(contract);
        if (answer.outcome > worst.outcome) worst = std::move(answer);
    }
    return worst;
}

}  // namespace

Result<std::optional<ListedMachine>> Provider::show(ContractId /*contract*/) {
    return invalid(not_offered(*this, "show a single machine"));
}

CallAnswer Provider::stop(ContractId /*contract*/) {
    return refuse(*this, "stop a machine");
}

CallAnswer Provider::start(ContractId /*contract*/) {
    return refuse(*this, "start a stopped machine");
}

CallAnswer Provider::set_label(ContractId /*contract*/, const std::string& /*label*/) {
    return refuse(*this, "change a label");
}

CallAnswer Provider::stop_many(const std::vector<ContractId>& contracts) {
    return one_by_one(contracts, [this](ContractId contract) { return stop(contract); });
}

CallAnswer Provider::destroy_many(const std::vector<ContractId>& contracts) {
    return one_by_one(contracts, [this](ContractId contract) { return destroy(contract); });
}

Result<std::string> Provider::logs(ContractId /*contract*/, const LogQuery& /*query*/) {
    return invalid(not_offered(*this, "hand out a machine's log"));
}

Result<std::vector<PriceIncrease>> Provider::increases() {
    return std::vector<PriceIncrease>();
}

Result<std::vector<Maintenance>> Provider::maintenances(
    const std::vector<std::int64_t>& /*machines*/) {
    return std::vector<Maintenance>();
}

CallAnswer Provider::answer_increase(std::int64_t /*increase*/, bool /*accept*/) {
    return refuse(*this, "answer a price increase");
}

}  // namespace herder
