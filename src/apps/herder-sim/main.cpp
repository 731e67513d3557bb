// herder-sim: runs the deterministic simulation of the orchestrator and its agents.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "apps/herder-sim/vast_reading.h"
#include "base/log.h"
#include "sim/batch.h"
#include "sim/replay_record.h"

namespace {

using namespace herder;
using namespace herder::sim;

struct Flags {
    BatchOptions batch;
    std::string mutant;
    std::uint64_t replay = 0;
    std::string record;
    bool trace = false;
    bool crash_sweep = false;
    std::int64_t hours = 48;
    std::int64_t minutes = 0;
    std::int64_t poke = 0;
    std::vector<std::string> off;
};

int replay(const Flags& flags) {
    WorldOptions options;
    options.seed = flags.replay;
    set_times(options, hours(flags.hours), flags.batch.fault_time);
    options.is_tracing = flags.trace;
    options.mutant = parse_mutant(flags.mutant).value_or(Mutant::kNone);
    options.judged_by = flags.batch.judged_by;
    options.reading = flags.batch.reading;
    options.poke_every = seconds(flags.poke);
    for (const std::string& word : flags.off) {
        const auto fault = parse_fault(word);
        if (!fault) {
            std::cerr << "herder-sim: there is no fault class '" << word << "'\n";
            return 2;
        }
        options.off.insert(*fault);
    }
    const SeedReport report = run_seed(options);
    for (const Violation& violation : report.violations) {
        std::cout << "seed " << report.seed << " violates " << violation.invariant << " at "
                  << to_text(violation.at - Instant{}) << ": " << violation.detail << "\n";
    }
    std::cout << "seed " << report.seed << ": " << (report.holds() ? "holds" : "FAILS")
              << " hash=" << std::hex << report.hash << std::dec << " jobs=" << report.jobs
              << " succeeded=" << report.jobs_succeeded << " machines=" << report.machines_rented
              << " commits=" << report.commits << " actions=" << report.actions << "\n";
    return report.holds() ? 0 : 1;
}

int run_mutants_flag(const Flags& flags) {
    std::optional<Mutant> only;
    if (flags.mutant != "all") {
        only = parse_mutant(flags.mutant);
        if (!only) {
            std::cerr << "herder-sim: there is no mutant '" << flags.mutant << "'\n";
            return 2;
        }
    }
    return run_mutants(only, flags.batch, std::cout) ? 0 : 1;
}

int run(const Flags& flags) {
    if (flags.replay != 0) return replay(flags);
    if (!flags.record.empty()) return replay_record(flags.record, flags.trace, std::cout);
    if (flags.crash_sweep) {
        return run_crash_sweep(flags.batch.first, flags.batch.threads, std::cout) ? 0 : 1;
    }
    if (!flags.mutant.empty()) return run_mutants_flag(flags);
    const BatchReport report = run_batch(flags.batch, std::cout);
    print_summary(report, std::cout);
    const bool enough = report.seeds < 1'000 || report.marks.never_hit().empty();
    return report.failed == 0 && report.nondeterministic == 0 && enough ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    set_log_sink([](const LogEvent&) {});
    Flags flags;
    CLI::App app{"Runs the real core, engine and agent in a simulated, hostile world."};
    CLI::Option* seeds = app.add_option("--seeds", flags.batch.seeds, "how many seeds");
    app.add_option("--seed", flags.batch.first, "the first seed");
    app.add_option("--mutant", flags.mutant, "plant this defect ('all': each in turn)");
    app.add_option("--replay", flags.replay, "run this one seed");
    app.add_option("--replay-record", flags.record,
                   "run what a server recorded with --record through this core");
    app.add_option("--judge", flags.batch.judged_by,
                   "count only violations of this invariant ('16 checkpoint-chain')");
    app.add_flag("--trace", flags.trace, "print every event of what is replayed");
    app.add_flag("--crash-sweep", flags.crash_sweep, "crash at every commit of a small scenario");
    app.add_option("--hours", flags.hours, "hours of faults (24 h of quiet follow)");
    app.add_option("--minutes", flags.minutes, "minutes of faults, in place of --hours");
    app.add_option("--poke", flags.poke,
                   "step the core every so many seconds, which must change nothing");
    app.add_option("--off", flags.off, "a fault class that does not strike (with --replay)");
    app.add_option("--jobs", flags.batch.threads, "threads")->check(CLI::Range(1, 256));
    CLI11_PARSE(app, argc, argv);
    if (!flags.mutant.empty() && seeds->count() == 0) flags.batch.seeds = 0;
    flags.batch.fault_time = flags.minutes > 0 ? minutes(flags.minutes) : hours(flags.hours);
    flags.batch.poke_every = seconds(flags.poke);
    flags.batch.reading = make_vast_reading();
    return run(flags);
}
