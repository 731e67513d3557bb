#include "sim/batch.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "sim/stopwatch_clock.h"

namespace herder::sim {

namespace {

WorldOptions options_for(const BatchOptions& batch, std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    set_times(options, batch.fault_time, batch.fault_time);
    options.mutant = batch.mutant;
    options.poke_every = batch.poke_every;
    options.judged_by = batch.judged_by;
    options.reading = batch.reading;
    return options;
}

bool is_repeated(std::uint64_t seed) {
    return mix64(seed ^ 0x5EED) % 20 == 0;
}

class Collector {
  public:
    void add_repeat(const SeedReport& again, bool same) {
        const std::lock_guard lock(mutex_);
        total_.repeated += again.simulated;
        if (!same) ++total_.nondeterministic;
    }
    void add(const SeedReport& seed) {
        const std::lock_guard lock(mutex_);
        ++total_.seeds;
        total_.simulated += seed.simulated;
        total_.machines += static_cast<std::uint64_t>(seed.machines_rented);
        total_.hash ^= mix64(seed.hash ^ seed.seed);
        total_.marks.add(seed.marks);
        for (std::size_t i = 0; i < seed.faults.size(); ++i)
            total_.faults[i] += seed.faults[i];
        machines_.push_back(seed.machines_rented);
        if (seed.holds()) return;
        ++total_.failed;
        failures_.push_back(seed);
    }
    BatchReport finish() {
        std::sort(machines_.begin(), machines_.end());
        if (!machines_.empty()) total_.median_machines = machines_[machines_.size() / 2];
        std::sort(failures_.begin(), failures_.end(),
                  [](const auto& a, const auto& b) { return a.seed < b.seed; });
        if (!failures_.empty()) {
            total_.first_failed = failures_.front().seed;
            total_.first_invariant = failures_.front().violations.front().invariant;
        }
        return total_;
    }
    const std::vector<SeedReport>& failures() const { return failures_; }

  private:
    std::mutex mutex_;  // guards all below while threads run
    BatchReport total_;
    std::vector<int> machines_;
    std::vector<SeedReport> failures_;
};

void print_failures(const BatchOptions& options, const std::vector<SeedReport>& failures,
                    std::ostream& out) {
    std::size_t shown = 0;
    for (const SeedReport& failed : failures) {
        const Violation& violation = failed.violations.front();
        out << "seed " << failed.seed << " violates " << violation.invariant << " at "
            << to_text(violation.at - Instant{}) << ": " << violation.detail << "\n";
        if (options.explains && shown++ < 3) {
            explain(failed, options_for(options, failed.seed), out);
        }
    }
}

}  // namespace

BatchReport run_batch(const BatchOptions& options, std::ostream& out) {
    const Stopwatch watch;
    Collector collector;
    std::atomic<std::uint64_t> next{options.first};
    const auto work = [&] {
        for (;;) {
            const std::uint64_t seed = next++;
            if (seed >= options.first + options.seeds) return;
            const SeedReport report = run_seed(options_for(options, seed));
            if (is_repeated(seed)) {
                const SeedReport again = run_seed(options_for(options, seed));
                collector.add_repeat(again, again.hash == report.hash);
            }
            collector.add(report);
        }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < options.threads; ++i)
        threads.emplace_back(work);
    work();
    for (std::thread& thread : threads)
        thread.join();
    BatchReport report = collector.finish();
    report.wall_seconds = watch.seconds();
    report.cpu_seconds = watch.cpu_seconds();
    print_failures(options, collector.failures(), out);
    return report;
}

void print_summary(const BatchReport& report, std::ostream& out) {
    for (const Mark mark : report.marks.never_hit())
        out << "never seen: SOMETIMES(\"" << to_string(mark) << "\")\n";
    out << "faults:";
    for (int i = 0; i < kFaultCount; ++i) {
        out << " " << to_string(static_cast<Fault>(i)) << "="
            << report.faults[static_cast<std::size_t>(i)];
    }
    const auto per_second = [&](double seconds_taken) {
        const Duration run = report.simulated + report.repeated;
        const double hours_run = static_cast<double>(run.whole_seconds()) / 3600.0;
        return static_cast<std::int64_t>(hours_run / std::max(seconds_taken, 0.001));
    };
    const int hit = kMarkCount - static_cast<int>(report.marks.never_hit().size());
    out << "\nsim: seeds=" << report.seeds << " failed=" << report.failed
        << " nondeterministic=" << report.nondeterministic
        << " simulated_hours=" << report.simulated.whole_seconds() / 3600
        << " machines=" << report.machines << " median_machines=" << report.median_machines
        << " marks=" << hit << "/" << kMarkCount << " hash=" << std::hex << report.hash << std::dec
        << " hours_per_second=" << per_second(report.wall_seconds)
        << " hours_per_cpu_second=" << per_second(report.cpu_seconds) << "\n";
}

namespace {

struct Catch {
    std::uint64_t seed = 0;  // 0: it survived
    double cpu_seconds = 0;
};

// In small portions, so that an early catch costs little.
Catch hunt(const MutantFacts& facts, const BatchOptions& options) {
    constexpr std::uint64_t kPortion = 10;
    BatchOptions one = options;
    one.mutant = facts.mutant;
    one.explains = false;
    Catch caught;
    for (std::uint64_t done = 0; done < options.seeds && caught.seed == 0; done += kPortion) {
        one.first = options.first + done;
        one.seeds = std::min(kPortion, options.seeds - done);
        std::ostream silent(nullptr);
        const BatchReport report = run_batch(one, silent);
        caught.seed = report.first_failed;
        caught.cpu_seconds += report.cpu_seconds;
    }
    return caught;
}

}  // namespace

bool run_mutants(std::optional<Mutant> only, const BatchOptions& options, std::ostream& out) {
    bool all = true;
    for (const MutantFacts& facts : kMutants) {
        if (only && *only != facts.mutant) continue;
        BatchOptions within = options;
        if (within.seeds == 0) within.seeds = static_cast<std::uint64_t>(facts.seeds);
        if (within.judged_by.empty()) within.judged_by = facts.caught_by;
        const Catch caught = hunt(facts, within);
        all = all && caught.seed != 0;
        out << "mutant " << facts.word << ": ";
        if (caught.seed == 0) {
            out << "SURVIVED " << within.seeds << " seeds, unseen by " << within.judged_by;
        } else {
            out << "caught at seed " << caught.seed << " by " << within.judged_by;
        }
        out << " (" << static_cast<int>(caught.cpu_seconds) << " CPU s)\n";
        out.flush();
    }
    return all;
}

}  // namespace herder::sim
