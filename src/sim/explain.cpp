// Makes a failing seed small: the shortest horizon and the fewest fault classes that still fail.
#include <algorithm>

#include "sim/batch.h"

namespace herder::sim {

namespace {

bool fails(const WorldOptions& options) {
    return !run_seed(options).holds();
}

// Turns classes off one by one, for good where the seed fails without them.
std::set<Fault> find_unneeded(WorldOptions options, const std::vector<Fault>& classes) {
    for (const Fault fault : classes) {
        options.off.insert(fault);
        if (!fails(options)) options.off.erase(fault);
    }
    return options.off;
}

Duration find_horizon(WorldOptions options) {
    Duration low{};
    Duration high = options.fault_time;
    for (int i = 0; i < 6; ++i) {
        set_times(options, options.workload_time, (low + high) / 2);
        if (fails(options)) {
            high = options.fault_time;
        } else {
            low = options.fault_time;
        }
    }
    return high;
}

std::string off_flags(const std::set<Fault>& off, const std::vector<Fault>& classes) {
    std::string flags;
    for (const Fault fault : classes) {
        if (off.contains(fault)) flags += std::string(" --off ") + to_string(fault);
    }
    return flags;
}

}  // namespace

void explain(const SeedReport& failed, const WorldOptions& options, std::ostream& out) {
    const std::size_t lines = std::min<std::size_t>(failed.tail.size(), 25);
    for (std::size_t i = failed.tail.size() - lines; i < failed.tail.size(); ++i)
        out << "    " << to_text(failed.tail[i]) << "\n";
    WorldOptions small = options;
    small.off = find_unneeded(options, failed.classes_on);
    set_times(small, small.workload_time, find_horizon(small));
    out << "  needs:";
    for (const Fault fault : failed.classes_on) {
        if (!small.off.contains(fault)) out << " " << to_string(fault);
    }
    const std::string mutant = options.mutant == Mutant::kNone
                                   ? ""
                                   : std::string(" --mutant ") + to_string(options.mutant);
    const std::int64_t hours_planned = options.workload_time.whole_seconds() / 3600;
    const std::string common =
        (hours_planned == 48 ? "" : " --hours " + std::to_string(hours_planned)) + mutant;
    out << "; horizon " << to_text(small.fault_time) << "\n  replay: herder-sim --replay "
        << failed.seed << " --trace" << common << "\n  smaller: herder-sim --replay " << failed.seed
        << " --trace" << common << " --minutes " << small.fault_time.whole_seconds() / 60 + 1
        << off_flags(small.off, failed.classes_on) << "\n";
}

}  // namespace herder::sim
