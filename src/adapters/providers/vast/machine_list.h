#pragma once
// One walk through the pages of the machine list: everything that they must agree on before the
// whole counts as complete. Not the calls themselves.
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/providers/vast/instances_json.h"
#include "base/result.h"

namespace herder::vast {

class MachineList {
  public:
    // kConflict: the pages do not fit together; another walk may fit.
    Status add(MachinePage page);
    // All machines once the last page is in, or what is missing.
    Result<std::vector<InstanceRecord>> finish();

  private:
    std::optional<std::int64_t> total_;
    std::set<ContractId> seen_;
    std::vector<InstanceRecord> machines_;
};

// The answer of the older list, which has no pages: complete, or an error.
Result<std::vector<InstanceRecord>> read_whole_list(MachinePage page);

}  // namespace herder::vast
