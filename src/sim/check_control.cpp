// Invariants of control: the event log, deadlines of effects, listings, clocks, identity.
#include <algorithm>

#include "sim/checker.h"

namespace herder::sim {

namespace {

class EventLogComplete : public Checker {
  public:
    const char* name() const override { return "30 event-log-complete"; }
    const char* statement() const override {
        return "replaying the events from empty gives the same tables, and their numbers are dense";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State&) override {
        for (const Event& event : commit.events) {
            if (event.seq != last_ + 1) {
                violate(sight,
                        "event " + std::to_string(event.seq) + " follows " + std::to_string(last_));
            }
            last_ = event.seq;
            if (!event.row) continue;
            if (event.row->record) {
                replayed_[{event.row->table, event.row->key}] = *event.row->record;
            } else {
                replayed_.erase({event.row->table, event.row->key});
            }
        }
    }
    void on_end(const Sight& sight) override {
        if (replayed_ != sight.store.rows()) violate(sight, "the replayed tables differ");
    }

  private:
    std::uint64_t last_ = 0;
    std::map<FakeStoreBody::RowKey, std::string> replayed_;
};

class EffectsInTime : public Checker {
  public:
    const char* name() const override { return "31 outbox-drained"; }
    const char* statement() const override {
        return "no create is sent after its deadline, and none is open for long";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr || sight.provider.is_out()) return;
        for (const IntentId id : sight.leader->open_intents) {
            const Intent& intent = sight.leader->intents.at(id);
            const auto* armed = std::get_if<rent::Armed>(&intent.phase);
            const auto* sent = std::get_if<rent::Sent>(&intent.phase);
            const Instant since = armed != nullptr  ? armed->since
                                  : sent != nullptr ? sent->at
                                                    : sight.logical_now;
            if (sight.logical_now - since > minutes(10)) {
                violate(sight,
                        to_text(id) + " has been " + herder::to_string(intent.phase) + " too long");
            }
        }
    }
    void on_create_sent(const Sight& sight, const CreateCall& call) override {
        if (sight.leader == nullptr) return;
        const auto intent = sight.leader->intents.find(call.intent);
        if (intent == sight.leader->intents.end()) return;
        const auto* armed = std::get_if<rent::Armed>(&intent->second.phase);
        if (armed != nullptr && sight.logical_now > armed->send_before + seconds(5)) {
            violate(sight, to_text(call.intent) + " is sent after its deadline");
        }
    }
};

class NoMassAction : public Checker {
  public:
    const char* name() const override { return "32 lists-trusted-only-when-complete"; }
    const char* statement() const override {
        return "no commit writes off a fifth of six or more healthy machines at once";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State&) override {
        std::set<std::string> lost;
        for (const Event& event : commit.events) {
            if (event.kind == "attempt.lost") lost.insert(event.subject);
        }
        if (lost.size() < 3) return;
        std::size_t healthy = 0;
        std::size_t running = 0;
        for (const auto& [id, agent] : sight.agents) {
            const Rental* rental = sight.provider.find(id);
            if (!agent->is_alive() || rental == nullptr || !rental->is_listed()) continue;
            ++running;
            const AgentFacts& facts = agent->facts();
            if (!facts.attempt || rental->is_offline || facts.has_outcome) continue;
            if (facts.last_report_in + minutes(1) < sight.stage.now()) continue;
            const std::string key =
                to_text(facts.attempt->job) + "/" + std::to_string(facts.attempt->fence.value);
            healthy += lost.contains(key) ? 1 : 0;
        }
        if (running >= 6 && healthy * 5 > running) {
            violate(sight, std::to_string(healthy) + " healthy machines written off at once");
        }
    }
};

class ClockJumpsHarmless : public Checker {
  public:
    const char* name() const override { return "33 clock"; }
    const char* statement() const override {
        return "logical time follows real time, whatever the wall clock says";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr || sight.leader->leads_since == Instant{}) return;
        const Term term = sight.leader->term;
        const Instant now = sight.stage.now();
        if (term == term_) {
            const Duration real = now - real_;
            const Duration logical = sight.logical_now - logical_;
            if (logical < real - real / 50 - seconds(5) ||
                logical > real + real / 50 + seconds(5)) {
                violate(sight,
                        "the logical clock made " + to_text(logical) + " in " + to_text(real));
            }
        } else {
            term_ = term;
        }
        real_ = now;
        logical_ = sight.logical_now;
    }

  private:
    Term term_;
    Instant real_;
    Instant logical_;
};

class Identity : public Checker {
  public:
    const char* name() const override { return "37 identity"; }
    const char* statement() const override {
        return "one session speaks for one intent, and a token joins once";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const Event& event : commit.events) {
            if (event.kind != "agent.joined") continue;
            const auto id = parse_id<IntentTag>(event.subject);
            if (!id) continue;
            const std::string& session = state.intents.at(*id).session_hash;
            const auto [known, first] = sessions_.try_emplace(*id, session);
            if (!first && known->second != session) {
                violate(sight, to_text(*id) + " was joined by two sessions");
            }
            if (session == "forged") violate(sight, to_text(*id) + " was joined by a stranger");
        }
    }

  private:
    std::map<IntentId, std::string> sessions_;
};

}  // namespace

void add_control_checkers(Checkers& checkers) {
    checkers.push_back(std::make_unique<EventLogComplete>());
    checkers.push_back(std::make_unique<EffectsInTime>());
    checkers.push_back(std::make_unique<NoMassAction>());
    checkers.push_back(std::make_unique<ClockJumpsHarmless>());
    checkers.push_back(std::make_unique<Identity>());
}

Checkers make_checkers() {
    Checkers checkers;
    add_money_checkers(checkers);
    add_job_checkers(checkers);
    add_checkpoint_checkers(checkers);
    add_control_checkers(checkers);
    add_provider_checkers(checkers);
    add_bucket_checkers(checkers);
    add_verified_checkers(checkers);
    return checkers;
}

const Event* find_event(const Commit& commit, const char* kind) {
    const auto found = std::find_if(commit.events.begin(), commit.events.end(),
                                    [&](const Event& event) { return event.kind == kind; });
    return found == commit.events.end() ? nullptr : &*found;
}

}  // namespace herder::sim
