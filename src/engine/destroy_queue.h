#pragma once
// Which machines are destroyed next, the dearest first, and whether one by one or many in one call:
// a market that allows one call in three seconds would bill hundreds of machines for many minutes
// more. Pure.
#include <cstddef>
#include <map>
#include <vector>

#include "core/step/output.h"

namespace herder {

struct DestroyBatch {
    std::vector<effect::DestroyMachine> machines;
    bool together = false;  // in one call
};

class DestroyQueue {
  public:
    // A machine that waits already is not queued twice.
    void add(const effect::DestroyMachine& destroy);
    // Empty when nothing waits.
    DestroyBatch take();
    // The market refused the call for many as such: these go one by one from now on.
    void refuse_together(const DestroyBatch& batch);

    bool empty() const { return waiting_.empty(); }
    void clear() { waiting_.clear(); }

  private:
    bool may_go_together(ContractId contract) const;

    std::map<ContractId, effect::DestroyMachine> waiting_;
    // Calls for many that each machine was part of. Whoever comes back after two of them was not
    // destroyed by either, whatever was claimed, and gets a call of its own.
    std::map<ContractId, int> tries_;
};

}  // namespace herder
