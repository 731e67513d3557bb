#include "engine/panic.h"

namespace herder {

namespace {

// A machine that is still listed after so many rounds is asked for by itself: many in one call may
// be taken by the market and come to nothing.
constexpr int kRoundsTogether = 12;

// What came of the calls is told by the next listing. The first round stops all of them before it
// destroys any: one call for many ends what their GPUs cost, also where each must be destroyed by
// itself, which takes three seconds a machine.
void end_each(Provider& provider, const std::vector<ListedMachine>& machines, int round) {
    std::vector<ContractId> contracts;
    for (const ListedMachine& machine : machines)
        contracts.push_back(machine.contract);
    if (round == 0) (void)provider.stop_many(contracts);
    if (round < kRoundsTogether &&
        provider.destroy_many(contracts).outcome != input::CallOutcome::kRefused)
        return;
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
    int ended = 0;
    for (int round = 0; round < options.rounds; ++round) {
        if (seen) {
            empty_in_a_row = seen->ours.empty() ? empty_in_a_row + 1 : 0;
            if (empty_in_a_row >= options.listings_to_be_sure) return std::vector<ListedMachine>{};
            if (!seen->ours.empty()) end_each(provider, seen->ours, ended++);
            if (options.progress) options.progress(seen->ours.size());
        }
        if (options.wait && !options.wait()) break;
        seen = list_rented(provider, cluster);
    }
    if (!seen) return seen.error().with_context("listing what is left");
    return std::move(seen->ours);
}

}  // namespace herder
