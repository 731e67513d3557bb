#pragma once
// One simulated world of one seed: wires clock, provider, network, store, processes, agents, users
// and checkers together, runs two days of faults and one day of quiet, and audits what is left.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/checker.h"
#include "sim/fake_agent.h"
#include "sim/fake_network.h"
#include "sim/mutant.h"
#include "sim/operators.h"
#include "sim/orchestrator.h"

namespace herder::sim {

struct WorldOptions {
    std::uint64_t seed = 1;
    Duration fault_time = hours(48);
    Duration workload_time = hours(48);  // jobs are submitted within it
    Duration quiet_time = hours(24);
    std::set<Fault> off;
    Mutant mutant = Mutant::kNone;
    std::string judged_by;  // the one invariant that counts; empty: all
    bool is_tracing = false;
    Duration poke_every;  // extra steps that must change nothing; 0: none
    int jobs_max = 60;
    ClientReading reading = {};  // of the provider's answers
    // The crash sweep: the process ends at this commit (1, 2, ...), before or after it.
    std::uint64_t crash_at_commit = 0;
    bool crash_after = false;
};

struct SeedReport {
    std::uint64_t seed = 0;
    std::vector<Violation> violations;
    std::vector<TraceLine> tail;
    std::uint64_t hash = 0;
    Marks marks;
    std::array<std::uint64_t, kFaultCount> faults{};
    std::vector<Fault> classes_on;
    int machines_rented = 0;
    int jobs = 0;
    int jobs_succeeded = 0;
    std::uint64_t commits = 0;
    std::uint64_t actions = 0;
    Duration simulated;
    bool holds() const { return violations.empty(); }
};

class World : private AgentWatch {
  public:
    explicit World(const WorldOptions& options);
    ~World() override;

    // Ends early at the first violation.
    SeedReport run();

  private:
    void wire();
    void start_process();
    void on_process_died(std::uint64_t number, bool fenced);
    CommitFate decide_fate();
    void every_minute();
    void every_ten_minutes();
    void every_poke();
    void disturb_process();
    void hand_over();
    void boot_agent(const Rental& rental);
    void watch_marks(const Commit& commit, const State& state);
    void begin_quiet();
    bool run_until(Instant end);
    SeedReport report() const;
    Sight sight();
    void on_restoring(const FakeAgent& agent, const Assignment& assignment) override;
    void on_computing(const FakeAgent& agent) override;

    const WorldOptions options_;
    Stage stage_;
    RandomStream shape_;
    FakeStoreBody store_;
    FakeProvider provider_;
    FakeObjects objects_;
    FakeNetwork network_;
    ProviderCalls calls_;
    Surroundings around_;
    std::vector<std::unique_ptr<HostClock>> hosts_;
    std::vector<std::unique_ptr<Orchestrator>> processes_;  // all ever started
    Orchestrator* server_ = nullptr;                        // where requests go
    Operators operators_;
    std::map<std::uint64_t, int> runs_;
    AgentWorld agent_world_;
    std::map<ContractId, std::unique_ptr<FakeAgent>> agents_;
    // Of machines that woke again: what they had scheduled may still come.
    std::vector<std::unique_ptr<FakeAgent>> former_agents_;
    Checkers checkers_;
    std::uint64_t commits_ = 0;
    int sweep_crashes_ = 0;
    Instant disk_full_until_;
    bool stranger_ = false;
};

// The usual phases: faults until `faults` (while users submit until `workload`), then quiet.
void set_times(WorldOptions& options, Duration workload, Duration faults);

SeedReport run_seed(const WorldOptions& options);

}  // namespace herder::sim
