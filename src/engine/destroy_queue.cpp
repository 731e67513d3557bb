#include "engine/destroy_queue.h"

#include <algorithm>

namespace herder {

namespace {

// From here on a call for many is the quicker way, and up to here it is sure to be taken: the
// market's neighbouring call for many takes a hundred (Vast.ai documentation, 2026-08-07).
constexpr std::size_t kTogetherMin = 5;
constexpr std::size_t kTogetherMax = 100;
constexpr int kTriesMax = 2;
constexpr std::size_t kRememberedMax = 10'000;

bool is_dearer(const effect::DestroyMachine& a, const effect::DestroyMachine& b) {
    return std::pair(-a.rate.micros, a.contract) < std::pair(-b.rate.micros, b.contract);
}

}  // namespace

void DestroyQueue::add(const effect::DestroyMachine& destroy) {
    waiting_.insert_or_assign(destroy.contract, destroy);
}

bool DestroyQueue::may_go_together(ContractId contract) const {
    const auto tries = tries_.find(contract);
    return tries == tries_.end() || tries->second < kTriesMax;
}

DestroyBatch DestroyQueue::take() {
    DestroyBatch batch;
    std::vector<effect::DestroyMachine> together;
    std::vector<effect::DestroyMachine> single;
    for (const auto& [contract, destroy] : waiting_)
        (may_go_together(contract) ? together : single).push_back(destroy);
    std::sort(together.begin(), together.end(), is_dearer);
    if (together.size() >= kTogetherMin) {
        together.resize(std::min(together.size(), kTogetherMax));
        batch = {std::move(together), true};
        if (tries_.size() > kRememberedMax) tries_.clear();
        for (const effect::DestroyMachine& machine : batch.machines)
            ++tries_[machine.contract];
    } else {
        single.insert(single.end(), together.begin(), together.end());
        if (single.empty()) return batch;
        batch.machines = {*std::min_element(single.begin(), single.end(), is_dearer)};
    }
    for (const effect::DestroyMachine& machine : batch.machines)
        waiting_.erase(machine.contract);
    return batch;
}

void DestroyQueue::refuse_together(const DestroyBatch& batch) {
    for (const effect::DestroyMachine& machine : batch.machines) {
        tries_[machine.contract] = kTriesMax;
        add(machine);
    }
}

}  // namespace herder
