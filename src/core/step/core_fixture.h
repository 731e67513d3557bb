#pragma once
// A bench to drive the core by hand in tests: a clock, the last output, the stored rows, and short
// verbs for what users, providers and agents do. Not for tests of whole worlds: that is the
// simulator's business.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/digest.h"
#include "core/step/budget_use.h"
#include "core/step/core.h"

namespace herder {

inline const ClusterIdentity kCluster{"test", std::string(32, 'k')};

inline Offer make_offer(std::int64_t ask, std::int64_t price_micros) {
    Offer offer;
    offer.provider = "vast";
    offer.ask = ask;
    offer.machine = ask * 10;
    offer.gpu_name = "RTX_4090";
    offer.gpu_ram_mb = 24564;
    offer.interruptible = true;
    offer.gpu_price = usd_per_hour_micros(price_micros);
    offer.disk_price_per_gb = usd_per_hour_micros(100);
    offer.reliability_ppm = 990'000;
    offer.upload_mbps = 500;
    offer.download_mbps = 500;
    offer.disk_free = gigabytes(500);
    offer.verified = true;
    return offer;
}

inline JobSpec make_spec() {
    JobSpec spec;
    spec.name = "digits";
    spec.run = "python train.py";
    ResourceRequest request;
    request.gpu_name = "RTX_4090";
    request.price_max = usd_per_hour_micros(400'000);
    spec.any_of = {request};
    spec.limits.max_duration = hours(2);
    return spec;
}

// Drives the core by hand: a clock, the last output, and short verbs.
class Bench {
  public:
    Bench() : core(std::make_unique<Core>(kCluster, Settings{})) { lead(); }

    void lead() { feed(input::LeadershipGained{Term{++term}, {}}); }
    // The process dies and another one loads what was committed.
    void restart() {
        core = std::make_unique<Core>(kCluster, Settings{});
        for (const auto& [key, record] : rows)
            HERDER_ASSERT(core->load_row(RowChange{key.first, key.second, record}).has_value());
        lead();
    }

    Output feed(InputBody body, Duration later = milliseconds(1)) {
        now = now + later;
        Input in;
        in.now = now;
        const WallTime wall{1'790'000'000'000'000 + now.us};
        in.wall = wall;
        in.draw = ++draws;
        in.body = std::move(body);
        last = core->step({in});
        story.insert(story.end(), last.events.begin(), last.events.end());
        for (const RowChange& change : last.changes)
            rows[{change.table, change.key}] = *change.record;
        for (const Effect& effect : last.effects) {
            if (const auto* create = std::get_if<effect::CreateMachine>(&effect)) created = *create;
        }
        HERDER_ASSERT(is_tally_right(wall));
        return last;
    }
    // The figures that the core decides with equal a plain reading of all rentals.
    bool is_tally_right(WallTime wall) const {
        BudgetTally tally = state().tally;
        const std::vector<BudgetUse> uses = tally.gather(state(), now, wall);
        const auto& budgets = state().meta.budgets;
        for (std::size_t i = 0; i < budgets.size(); ++i) {
            if (uses[i] != budget_use(state(), budgets[i], now, wall)) return false;
        }
        return true;
    }
    template <class T>
    bool asks_for() const {
        return std::any_of(last.effects.begin(), last.effects.end(),
                           [](const Effect& e) { return std::holds_alternative<T>(e); });
    }
    void list(std::vector<ListedMachine> machines, Duration later = seconds(1)) {
        input::MachinesListed listed;
        listed.complete = true;
        listed.asked = now;
        listed.machines = std::move(machines);
        feed(listed, later);
    }
    void offer(std::vector<Offer> offers) {
        input::OffersFound found;
        found.complete = true;
        found.gpu_name = "RTX_4090";
        found.gpu_count = 1;
        found.offers = std::move(offers);
        feed(found);
    }
    ListedMachine machine(MachineState state) const {
        ListedMachine listed;
        listed.contract = contract;
        listed.label = created->intent.label;
        listed.state = state;
        return listed;
    }
    JobId submit(JobSpec spec = make_spec(), const std::string& key = "") {
        input::SubmitJob in;
        in.reply_to = 1;
        in.spec = std::move(spec);
        in.client_key = key;
        const Output out = feed(in);
        const auto& body = out.replies.at(0).body;
        return body ? std::get<reply::Submitted>(*body).job : JobId{};
    }
    // Up to the create call.
    JobId place() {
        list({});
        const JobId job = submit();
        offer({make_offer(101, 200'000), make_offer(102, 300'000)});
        return job;
    }
    void create_done() {
        input::CreateEnded ended;
        ended.intent = created->intent.id;
        ended.outcome = input::CallOutcome::kDone;
        ended.contract = contract;
        feed(ended);
    }
    Result<ReplyBody> join(const std::string& session = "session") {
        input::AgentJoined in;
        in.reply_to = 2;
        in.intent = created->intent.id;
        in.token_hash = sha256_hex(created->join_token);
        in.session_hash = sha256_hex(session);
        in.contract = contract;
        return feed(in).replies.at(0).body;
    }
    AgentOrders report(AgentReport report, Duration later = seconds(1)) {
        input::AgentReported in;
        in.reply_to = 3;
        in.session_hash = sha256_hex("session");
        report.intent = created->intent.id;
        report.fence = created->intent.attempt.fence;
        report.sequence = ++sequence;
        if (measures && report.phase == AgentPhase::kJoined && !report.admission)
            report.admission = AdmissionFacts{};
        in.report = std::move(report);
        const Output out = feed(in, later);
        return std::get<reply::Orders>(out.replies.at(0).body.value()).orders;
    }
    JobId run() {
        const JobId job = place();
        create_done();
        HERDER_ASSERT(join().has_value());
        report({});
        AgentReport running;
        running.phase = AgentPhase::kRunning;
        report(running);
        return job;
    }
    // The job's command ends with this outcome.
    AgentOrders finish(AttemptOutcome outcome = {}) {
        AgentReport done;
        done.phase = AgentPhase::kDone;
        done.outcome = std::move(outcome);
        return report(done);
    }
    AgentOrders beat(Duration later = seconds(10)) {
        AgentReport running;
        running.phase = AgentPhase::kRunning;
        return report(running, later);
    }
    Result<ReplyBody> change(JobId job, input::JobVerb verb) {
        input::ChangeJob in;
        in.reply_to = 9;
        in.job = job;
        in.verb = verb;
        in.actor = "test";
        return feed(in).replies.at(0).body;
    }
    bool cancel(JobId job) { return change(job, input::JobVerb::kCancel).has_value(); }
    void call_ends(input::CallOutcome outcome, ContractId with = {}) {
        input::CreateEnded ended;
        ended.intent = created->intent.id;
        ended.outcome = outcome;
        ended.contract = with;
        ended.detail = "as the provider put it";
        feed(ended);
    }
    void find_outcome(JobId job, std::optional<AttemptOutcome> outcome = {}) {
        input::OutcomeFound found;
        found.attempt = {job, state().jobs.at(job).fence};
        found.outcome = std::move(outcome);
        feed(found);
    }
    // The provider says that the machine stopped, and its agent was not heard for `silent`.
    void preempt(Duration silent = seconds(25)) {
        tick(silent);
        list({machine(MachineState::kStopped)});
    }
    void tick(Duration later = seconds(1)) { feed(input::TimerFired{}, later); }
    // Absent from as many complete listings as it takes.
    void vanish() {
        list({machine(MachineState::kStarting)});
        tick();
        list({});
        list({});
    }
    bool has_event(const std::string& kind) const {
        return std::any_of(last.events.begin(), last.events.end(),
                           [&](const Event& event) { return event.kind == kind; });
    }
    void budgets(std::vector<BudgetSpec> list) {
        input::SetBudgets set;
        set.budgets = std::move(list);
        feed(set);
    }
    const State& state() const { return core->state(); }
    const Attempt& attempt() const { return state().attempts.at(created->intent.attempt); }
    std::string rent_phase() const { return to_string(intent().phase); }
    std::string phase_of(JobId job) const { return to_string(state().jobs.at(job).phase); }
    const Intent& intent() const { return state().intents.at(created->intent.id); }

    std::unique_ptr<Core> core;
    std::map<std::pair<Table, std::string>, std::string> rows;  // as the store has them
    Instant now;
    std::uint64_t term = 0;
    std::uint64_t draws = 0;
    std::uint64_t sequence = 0;
    bool measures = true;  // its agent has measured its machine when it reports first
    Output last;
    std::vector<Event> story;  // every event so far
    ContractId contract{5001};
    std::optional<effect::CreateMachine> created;
};

inline CheckpointOffer make_checkpoint(std::uint64_t local_seq, std::int64_t step, bool sealed) {
    CheckpointOffer offer;
    offer.local_seq = local_seq;
    offer.step = step;
    offer.files = {CheckpointFile{"state.json", Bytes{10}, 7, 0644}};
    offer.sealed = sealed;
    return offer;
}

inline CheckpointId publish(Bench& bench, std::uint64_t local_seq, std::int64_t step) {
    AgentReport report;
    report.phase = AgentPhase::kRunning;
    report.step = step;
    report.checkpoint = make_checkpoint(local_seq, step, false);
    const CheckpointId id = bench.report(report).grant.value().checkpoint;
    report.checkpoint->sealed = true;
    bench.report(report);
    HERDER_ASSERT(bench.asks_for<effect::WriteManifest>());
    input::ManifestWritten written;
    written.checkpoint = id;
    written.outcome = input::CallOutcome::kDone;
    written.manifest_sha256 = "abc";
    bench.feed(written);
    return id;
}

}  // namespace herder
