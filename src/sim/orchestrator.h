#pragma once
// One process of the orchestrator: the real core and the real engine over the simulated database,
// with an effect runner that calls the simulated provider and artifact store. It can be killed,
// crash inside a commit, freeze and go on, and be fenced.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/step/core.h"
#include "engine/destroy_queue.h"
#include "engine/engine.h"
#include "ports/entropy.h"
#include "sim/fake_objects.h"
#include "sim/fake_store.h"
#include "sim/host_clock.h"
#include "sim/mutant.h"
#include "sim/provider_calls.h"
#include "sim/store_lane.h"
#include "sim/upload_desk.h"

namespace herder::sim {

// What all processes share.
struct Surroundings {
    Stage& stage;
    FakeStoreBody& store;
    ProviderCalls& calls;
    FakeObjects& objects;
    ClusterIdentity cluster;
    Settings settings;
    Mutant mutant = Mutant::kNone;
    InputRecorder* recorder = nullptr;  // of what the processes are fed; outlives them
};

class DrawnEntropy : public Entropy {
  public:
    DrawnEntropy(std::uint64_t seed, std::uint64_t number)
        : stream_(mix64(seed) ^ number, "entropy") {}
    std::uint64_t draw() override { return stream_.next(); }

  private:
    RandomStream stream_;
};

class Orchestrator : public EffectRunner {
  public:
    // Without a body: the connection broke before an answer came.
    using ReplyHandler = std::function<void(const Result<ReplyBody>*)>;
    // The process is no more; `fenced`: another one leads, it must not be restarted.
    using DeathHandler = std::function<void(bool fenced)>;

    Orchestrator(Surroundings& around, HostClock& clock, std::uint64_t number, DeathHandler died);
    ~Orchestrator() override;

    void start();
    void kill();
    void freeze(Duration length);
    // What is to happen just when the next order to rent waits for its turn.
    void at_next_order(std::function<void()> then) { at_next_order_ = std::move(then); }
    // A timer that nobody asked for must change nothing: what waits has asked for its own.
    void poke();
    bool is_dead() const { return core_ == nullptr; }
    bool is_frozen() const;
    Term term() const { return term_; }
    // Null once dead.
    const State* state() const { return core_ ? &core_->state() : nullptr; }
    bool is_committing() const { return engine_->is_committing(); }
    Instant logical_now() { return engine_->logical_now(); }

    // A request of an agent or a user arrives.
    template <class In>
    void request(In in, ReplyHandler handler) {
        arrive(
            [this, in = std::move(in)](ReplyHandler answer) mutable {
                in.reply_to = expect(std::move(answer));
                post(std::move(in));
            },
            std::move(handler));
    }
    void report(input::AgentReported in, ReplyHandler handler);
    // The parts that this machine is still to send of a checkpoint that was granted to it.
    Result<std::vector<PartToSend>> sign_parts(CheckpointId id, const CheckpointOrigin& origin,
                                               const std::vector<LocalFile>& files);

  private:
    void run(const Effect& effect, Instant logical_now) override;
    void run_create(const effect::CreateMachine& create);
    void queue_create(const effect::CreateMachine& create);
    void send_create(const effect::CreateMachine& create, const CallLane::Done& done);
    void queue_destroy(const effect::DestroyMachine& destroy);
    void serve_destroys();
    void send_destroys(const CallLane::Done& done);
    void search(const effect::SearchOffers& search);
    void read_charges(const effect::ReadCharges& read, Instant logical_now);
    void read_increases();
    void read_maintenances(const effect::ReadMaintenances& read);

    ReplyTo expect(ReplyHandler handler);
    void post(InputBody body);
    // What arrives at a frozen host waits until it goes on; what arrives at a dead one is lost.
    template <class Act>
    void when_running(Act action) {
        if (is_dead()) return;
        if (!is_frozen()) return action();
        around_.stage.schedule.at(frozen_until_, [this, action = std::move(action)]() mutable {
            when_running(std::move(action));
        });
    }
    // A request that finds nobody any more is a broken connection for whoever sent it.
    template <class Act>
    void arrive(Act action, ReplyHandler handler) {
        if (is_dead()) return break_connection(std::move(handler));
        if (!is_frozen()) return action(std::move(handler));
        around_.stage.schedule.at(frozen_until_, [this, action = std::move(action),
                                                  handler = std::move(handler)]() mutable {
            arrive(std::move(action), std::move(handler));
        });
    }
    void break_connection(ReplyHandler handler);
    ProviderCalls::Answer into_post();
    // True for whoever is the first to ask so; the answer to `once` ends that.
    bool is_first(const std::string& question) { return asked_.insert(question).second; }
    ProviderCalls::Answer once(const std::string& question);
    void on_reply(const Reply& reply);
    void judge_poke(const Output& output);
    bool is_waiting_for_money(const Event& event) const;
    void pump_soon();
    void pump();
    bool is_spinning();
    void arm_timer();
    void die(bool fenced);
    void reissue_open_intents();
    StoreLane::Hooks store_hooks();
    bool pass_stale_report(input::AgentReported& in) const;
    void revive_set_aside();
    void condemn(const input::AgentReported& in);
    void choose_by_time(Assignment& assignment) const;

    Surroundings& around_;
    HostClock& clock_;
    const std::uint64_t number_;
    DeathHandler died_;
    DrawnEntropy entropy_;
    RandomStream draw_;
    FakeStore store_;
    UploadDesk desk_;
    StoreLane store_lane_;
    std::unique_ptr<Core> core_;
    std::unique_ptr<Engine> engine_;
    Term term_;
    Instant frozen_until_;
    DestroyQueue destroys_;
    bool destroys_wait_ = false;
    std::set<std::string> asked_;
    std::function<void()> at_next_order_;
    bool pump_is_due_ = false;
    bool is_pumping_ = false;
    bool is_poking_ = false;
    Instant poked_before_ = kNever;  // the timer that it was set for
    Instant timer_at_ = kNever;
    std::int64_t steps_minute_ = 0;
    int steps_this_minute_ = 0;
    std::uint64_t next_reply_ = 1;
    std::map<ReplyTo, ReplyHandler> waiting_;
};

}  // namespace herder::sim
