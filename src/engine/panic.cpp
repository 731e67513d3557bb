#include "engine/panic.h"

#include <utility>

namespace herder {

namespace {

constexpr int kListingsToBeSure = 2;

// What came of the calls is told by the next listing. The first round stops all of them before it
// destroys any: one call for many ends what their GPUs cost, also where each must be destroyed by
// itself, which takes three seconds a machine.
void end_each(Provider& provider, const std::vector<ListedMachine>& machines, bool is_first) {
    if (machines.empty()) return;
    std::vector<ContractId> contracts;
    for (const ListedMachine& machine : machines)
        contracts.push_back(machine.contract);
    if (is_first) (void)provider.stop_many(contracts);
    if (provider.destroy_many(contracts).outcome != input::CallOutcome::kRefused) return;
    for (const ContractId contract : contracts)
        (void)provider.destroy(contract);
}

}  // namespace

Result<Rented> list_rented(Provider& provider, const ClusterIdentity& cluster) {
    Result<std::vector<ListedMachine>> listed = provider.list();
    if (!listed) return listed.error();
    Rented rented;
    for (ListedMachine& machine : *listed) {
        if (!parse_label(cluster, machine.label)) {
            ++rented.foreign;
            continue;
        }
        rented.rate = rented.rate + machine.gpu_price + machine.disk_price;
        rented.ours.push_back(std::move(machine));
    }
    return rented;
}

Result<std::vector<ListedMachine>> end_all(Provider& provider, const ClusterIdentity& cluster,
                                           const PanicOptions& options) {
    Result<Rented> seen = list_rented(provider, cluster);
    int empty_in_a_row = 0;
    bool is_first = true;
    for (int round = 0; round < options.rounds; ++round) {
        if (seen) {
            empty_in_a_row = seen->ours.empty() ? empty_in_a_row + 1 : 0;
            if (empty_in_a_row == kListingsToBeSure) return std::vector<ListedMachine>{};
            end_each(provider, seen->ours, std::exchange(is_first, false));
            if (options.progress) options.progress(seen->ours.size());
        }
        if (options.wait && !options.wait()) break;
        seen = list_rented(provider, cluster);
    }
    if (!seen) return seen.error().with_context("listing what is left");
    return std::move(seen->ours);
}

}  // namespace herder
