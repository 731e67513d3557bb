// A small scenario without other faults, run once for every commit boundary: the process ends
// right before, or right after, that commit.
#include <atomic>
#include <mutex>
#include <thread>

#include "sim/batch.h"

namespace herder::sim {

namespace {

WorldOptions small_scenario(std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    options.fault_time = hours(3);
    options.workload_time = hours(1);
    options.quiet_time = hours(12);
    options.jobs_max = 3;
    for (int i = 0; i < kFaultCount; ++i)
        options.off.insert(static_cast<Fault>(i));
    return options;
}

}  // namespace

bool run_crash_sweep(std::uint64_t seed, int threads, std::ostream& out) {
    const SeedReport calm = run_seed(small_scenario(seed));
    std::atomic<std::uint64_t> next{0};
    std::atomic<std::uint64_t> failed{calm.holds() ? 0U : 1U};
    std::mutex printing;
    const auto work = [&] {
        for (;;) {
            const std::uint64_t number = next++;
            if (number >= calm.commits * 2) return;
            WorldOptions options = small_scenario(seed);
            // The last commits come just before the end: whoever crashes there must be up again.
            options.quiet_time = options.quiet_time + hours(1);
            options.crash_at_commit = number / 2 + 1;
            options.crash_after = number % 2 == 1;
            const SeedReport report = run_seed(options);
            if (report.holds()) continue;
            ++failed;
            const std::lock_guard lock(printing);
            out << "crash " << (options.crash_after ? "after" : "before") << " commit "
                << options.crash_at_commit << ": " << report.violations.front().invariant << ": "
                << report.violations.front().detail << "\n";
        }
    };
    std::vector<std::thread> pool;
    for (int i = 1; i < threads; ++i)
        pool.emplace_back(work);
    work();
    for (std::thread& thread : pool)
        thread.join();
    out << "crash sweep: boundaries=" << calm.commits * 2 << " jobs=" << calm.jobs
        << " machines=" << calm.machines_rented << " failed=" << failed << "\n";
    return failed == 0;
}

}  // namespace herder::sim
