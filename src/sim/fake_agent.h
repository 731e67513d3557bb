#pragma once
// The agent on one rented machine: the real brain, a simulated shell around it (join, reports,
// uploads, restores, processes), and the dead-man's switch as a process of its own.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/worker/worker_brain.h"
#include "sim/fake_job.h"
#include "sim/fake_network.h"
#include "sim/fake_objects.h"
#include "sim/fake_provider.h"
#include "sim/host_clock.h"
#include "sim/mutant.h"
#include "sim/orchestrator.h"

namespace herder::sim {

class FakeAgent;

// Told of what only the truth knows. Default: nobody listens.
class AgentWatch {
  public:
    virtual ~AgentWatch() = default;
    virtual void on_restoring(const FakeAgent&, const Assignment&) {}
    virtual void on_computing(const FakeAgent&) {}  // begins
};

struct AgentWorld {
    Stage& stage;
    FakeNetwork& network;
    FakeObjects& objects;
    FakeProvider& provider;
    const std::vector<JobPlan>& plans;      // by number - 1
    std::map<std::uint64_t, int>& runs;     // starts so far, by plan
    std::function<Orchestrator*()> server;  // null while none runs
    AgentWatch* watch = nullptr;
    Mutant mutant = Mutant::kNone;
};

// What is true of an agent, for checkers.
struct AgentFacts {
    std::optional<AttemptKey> attempt;
    bool is_computing = false;  // a process of the job is alive
    Instant computing_since;
    Instant heard_sent_at;  // sending time of the newest report that was answered; true time
    Duration detached_for;  // of the newest orders
    Duration lease;
    std::optional<Instant> told_fenced;
    // A report of it reached a server that was not frozen, and none sent later had: what was
    // overtaken on its way is no news of the machine.
    Instant last_report_in;
    std::uint64_t newest_in = 0;
    std::int64_t step = 0;
    bool has_outcome = false;
    // What it restored last, and whether all that came of it was as it had been declared.
    std::optional<CheckpointId> read_back;
    bool is_read_right = true;
};

class FakeAgent {
  public:
    FakeAgent(AgentWorld& world, const Rental& rental);
    ~FakeAgent();

    void boot();
    // The container and all in it are gone.
    void die();
    // The agent and the job die, the switch lives on.
    void kill_agent();
    bool is_alive() const { return alive_; }
    const AgentFacts& facts() const { return facts_; }
    ContractId contract() const { return contract_; }
    IntentId intent() const { return intent_; }
    std::int64_t machine() const { return machine_; }

  private:
    void join();
    void on_join_answer(const Result<ReplyBody>* answer);
    void feed(const WorkerInput& input);
    void act(const WorkerAction& action);
    void arm(Instant local);
    void wake();

    void send_report(const AgentReport& report);
    void on_orders(std::uint64_t sequence, Instant sent_local, Instant sent_true,
                   const Result<ReplyBody>* answer);
    void measure();
    void restore(const Assignment& assignment);
    void read_back(CheckpointId id);
    void run(const Assignment& assignment);
    void end_run(const worker_input::ProcessEnd& end);
    // A checkpoint's parts on their way to the store.
    struct Sending {
        std::uint64_t local_seq = 0;
        std::vector<PartToSend> parts;
        std::size_t next = 0;
        Duration pace;  // of one part
    };
    void upload(const UploadGrant& grant);
    void begin_upload(const UploadGrant& grant, Duration wait);
    void send_next(std::shared_ptr<Sending> sending);
    bool send(const PartToSend& sent);
    void end_upload(std::uint64_t local_seq, bool uploaded);
    void store_outcome(const AttemptOutcome& outcome);
    void touch_switch(Duration after);
    void watch_switch();
    bool can_speak() const;
    Instant local() const { return clock_.monotonic(); }
    void later(Duration wait, std::function<void()> action);

    AgentWorld& world_;
    const ContractId contract_;
    const IntentId intent_;
    const std::int64_t machine_;
    const std::string token_;
    const std::string token_hash_;
    const std::string session_hash_;
    HostClock clock_;
    RandomStream draw_;
    WorkerBrain brain_;
    AgentFacts facts_;
    std::unique_ptr<FakeJob> job_;
    std::optional<CheckpointId> restored_;  // what the newest run began from
    std::uint64_t run_generation_ = 0;
    bool alive_ = true;  // the agent's process
    bool container_ = true;
    bool joined_ = false;
    int join_tries_ = 0;
    std::optional<bool> misreads_;  // what it reads back is not what the store holds
    std::uint64_t next_local_seq_ = 1;
    std::map<std::uint64_t, std::vector<LocalFile>> local_;  // what is staged, by local_seq
    Instant timer_at_ = kNever;                              // true time
    std::uint64_t open_sequence_ = 0;                        // a report without an answer so far
    Instant open_since_;                                     // local
    AgentOrders last_orders_;
    std::uint64_t last_sequence_ = 0;
    Instant switch_at_;  // local
};

}  // namespace herder::sim
