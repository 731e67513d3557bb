#include "sim/fake_network.h"

#include <algorithm>

namespace herder::sim {

Duration FakeNetwork::journey() {
    Duration journey = milliseconds(draw_.between(15, 150));
    if (stage_.faults.strikes(Fault::kNetDelay, 100'000)) {
        const double tail = stage_.faults.stream(Fault::kNetDelay).exponential(6e6);
        journey += Duration{static_cast<std::int64_t>(std::min(tail, 120e6))};
    }
    return journey;
}

void FakeNetwork::send(ContractId machine, Way way, std::function<void()> arrive) {
    if (is_cut(machine, way)) return;
    if (stage_.faults.strikes(Fault::kNetLoss, 150'000)) return;
    if (stage_.faults.strikes(Fault::kNetDuplicate, 80'000)) {
        stage_.schedule.after(journey(), arrive);
    }
    stage_.schedule.after(journey(), std::move(arrive));
}

void FakeNetwork::disturb(ContractId machine) {
    if (!stage_.faults.strikes(Fault::kNetPartition, 30'000)) return;
    RandomStream& draw = stage_.faults.stream(Fault::kNetPartition);
    const Instant until = stage_.now() + minutes(draw.between(1, 60));
    const std::uint64_t ways = draw.below(3);
    if (ways != 1) cut_until_[{machine, Way::kToServer}] = until;
    if (ways != 0) cut_until_[{machine, Way::kToAgent}] = until;
    stage_.note("net.cut", static_cast<std::uint64_t>(machine.value), ways);
}

bool FakeNetwork::is_cut(ContractId machine, Way way) const {
    const auto found = cut_until_.find({machine, way});
    return found != cut_until_.end() && stage_.now() < found->second;
}

}  // namespace herder::sim
