#include "adapters/providers/vast/machine_list.h"

namespace herder::vast {

namespace {

Error inconsistent(const std::string& why) {
    return {ErrorCode::kConflict, "listing machines: the pages do not fit together: " + why};
}

bool is_short(const MachinePage& page) {
    return page.found && *page.found != static_cast<std::int64_t>(page.machines.size());
}

}  // namespace

Status MachineList::add(MachinePage page) {
    if (!page.total) return inconsistent("no total is given");
    if (total_ && *total_ != *page.total) return inconsistent("the total changed");
    total_ = page.total;
    if (is_short(page)) return inconsistent("a page holds fewer rows than it says");
    if (page.machines.empty() && !page.next_token.empty()) {
        return inconsistent("an empty page in between");
    }
    for (InstanceRecord& record : page.machines) {
        const ContractId contract = record.machine.contract;
        if (!seen_.insert(contract).second) {
            return inconsistent("machine " + std::to_string(contract.value) + " is listed twice");
        }
        machines_.push_back(std::move(record));
    }
    return ok();
}

Result<std::vector<InstanceRecord>> MachineList::finish() {
    if (static_cast<std::int64_t>(machines_.size()) != total_.value_or(-1)) {
        return inconsistent(std::to_string(machines_.size()) + " rows of " +
                            std::to_string(total_.value_or(0)));
    }
    return std::move(machines_);
}

Result<std::vector<InstanceRecord>> read_whole_list(MachinePage page) {
    if (!page.found) return inconsistent("the old list gives no number of rows");
    page.total = page.found;
    MachineList list;
    page.next_token.clear();
    if (Status added = list.add(std::move(page)); !added) return added.error();
    return list.finish();
}

}  // namespace herder::vast
