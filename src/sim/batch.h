#pragma once
// Many seeds: runs them on a few threads, checks determinism on some, explains what fails, tries
// the planted defects and every crash boundary, and sums up.
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "sim/world.h"

namespace herder::sim {

struct BatchOptions {
    std::uint64_t first = 1;
    std::uint64_t seeds = 300;  // for mutants 0: as many as the table of mutants allows
    int threads = 2;
    Duration fault_time = hours(48);
    Mutant mutant = Mutant::kNone;
    std::string judged_by;  // the one invariant that counts; empty: all
    Duration poke_every;
    bool explains = true;        // minimises the first failures
    ClientReading reading = {};  // of the provider's answers
};

struct BatchReport {
    std::uint64_t seeds = 0;
    std::uint64_t failed = 0;
    std::uint64_t nondeterministic = 0;
    std::uint64_t first_failed = 0;  // 0: none
    std::string first_invariant;
    Duration simulated;
    Duration repeated;  // besides, for the check of determinism
    double wall_seconds = 0;
    double cpu_seconds = 0;  // of the whole process while the seeds ran
    int median_machines = 0;
    std::uint64_t machines = 0;
    std::uint64_t hash = 0;  // over all seeds
    Marks marks;
    std::array<std::uint64_t, kFaultCount> faults{};
};

BatchReport run_batch(const BatchOptions& options, std::ostream& out);

// The first seed that catches each, by the checker that must; true if all are caught in time.
bool run_mutants(std::optional<Mutant> only, const BatchOptions& options, std::ostream& out);

// Every commit boundary of a small scenario, before and after; true if all hold.
bool run_crash_sweep(std::uint64_t seed, int threads, std::ostream& out);

// What a failing seed needs: its command, the last lines, the shortest horizon, the fault classes.
void explain(const SeedReport& failed, const WorldOptions& options, std::ostream& out);

void print_summary(const BatchReport& report, std::ostream& out);

}  // namespace herder::sim
