// Invariants of jobs: they end, keep their promises, never compute twice, never lose for nothing.
#include <algorithm>
#include <cstring>

#include "sim/checker.h"
#include "sim/waiting.h"

namespace herder::sim {

namespace {

class EveryJobEnds : public Checker {
  public:
    const char* name() const override { return "11 every-job-ends"; }
    const char* statement() const override {
        return "every accepted job ends, or is queued with a stated reason";
    }
    void on_end(const Sight& sight) override {
        if (sight.leader == nullptr) return violate(sight, "nobody leads at the end");
        for (const auto& [id, job] : sight.leader->jobs) {
            if (is_terminal(job.phase) || is_waiting_for_money(job)) continue;
            violate(sight, to_text(id) + " is " + herder::to_string(job.phase) + " at the end (" +
                               waiting_reason(job) + ")");
        }
        for (const auto& [number, promise] : sight.operators.promises()) {
            if (!promise.job && !promise.is_refused) {
                violate(sight, "submit " + std::to_string(number) + " was never answered");
            }
        }
        for (const auto& [id, intent] : sight.leader->intents) {
            if (!is_over(intent.phase)) {
                violate(sight,
                        to_text(id) + " is " + herder::to_string(intent.phase) + " at the end");
            }
        }
    }
};

class AcceptedIsDurable : public Checker {
  public:
    const char* name() const override { return "12 accepted-is-durable"; }
    const char* statement() const override {
        return "an acknowledged job survives any crash; one client key names one job";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr || ++minute_ % 15 != 0) return;
        for (const auto& [number, promise] : sight.operators.promises()) {
            if (!promise.job) continue;
            const auto job = sight.leader->jobs.find(promise.job);
            if (job == sight.leader->jobs.end()) {
                violate(sight, to_text(promise.job) + " was acknowledged and is gone");
            } else if (plan_number(job->second.spec) != number) {
                violate(sight, to_text(promise.job) + " is another job than was submitted");
            }
        }
    }

  private:
    int minute_ = 0;
};

class TerminalIsFinal : public Checker {
  public:
    const char* name() const override { return "13 terminal-is-final"; }
    const char* statement() const override { return "no job leaves an end state"; }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const RowChange& change : commit.changes) {
            if (change.table != Table::kJob) continue;
            const auto id = parse_id<JobTag>(change.key);
            if (!id) continue;
            const JobPhase& phase = state.jobs.at(*id).phase;
            const auto known = ended_.find(*id);
            if (known != ended_.end() && known->second != phase.index()) {
                violate(sight, to_text(*id) + " had ended and is now " + herder::to_string(phase));
            }
            if (is_terminal(phase)) ended_[*id] = phase.index();
        }
    }

  private:
    std::map<JobId, std::size_t> ended_;
};

class AttemptsInOrder : public Checker {
  public:
    const char* name() const override { return "14 attempt-order"; }
    const char* statement() const override {
        return "fences of a job strictly increase, and at most one attempt is live";
    }
    void on_commit(const Sight& sight, const Commit&, const State& state) override {
        const AttemptKey* before = nullptr;
        for (const AttemptKey& key : state.live_attempts) {
            if (before != nullptr && before->job == key.job) {
                violate(sight, to_text(key.job) + " has two live attempts");
            }
            std::uint64_t& newest = newest_[key.job];
            if (key.fence.value < newest) {
                violate(sight, to_text(key.job) + " went back to an older fence");
            }
            newest = std::max(newest, key.fence.value);
            before = &key;
        }
    }

  private:
    std::map<JobId, std::uint64_t> newest_;
};

class NoDoubleCompute : public Checker {
  public:
    const char* name() const override { return "15 no-double-compute"; }
    const char* statement() const override {
        return "two machines never compute one job beyond the older one's lease and detached_for, "
               "and none computes after it was told that it is fenced";
    }
    void on_minute(const Sight& sight) override {
        std::map<JobId, std::vector<const AgentFacts*>> computing;
        for (const auto& [id, agent] : sight.agents) {
            if (!agent->is_alive() || !agent->facts().is_computing) continue;
            const AgentFacts& facts = agent->facts();
            computing[facts.attempt->job].push_back(&facts);
            if (facts.told_fenced && sight.stage.now() - *facts.told_fenced > seconds(30)) {
                violate(sight, to_text(facts.attempt->job) + " computes on though fenced");
            }
        }
        for (const auto& [job, all] : computing) {
            for (const AgentFacts* one : all)
                check(sight, job, *one, all);
        }
    }

  private:
    void check(const Sight& sight, JobId job, const AgentFacts& one,
               const std::vector<const AgentFacts*>& all) {
        const bool has_newer = std::any_of(all.begin(), all.end(), [&](const AgentFacts* other) {
            return other->attempt->fence > one.attempt->fence;
        });
        const Duration may = one.lease + one.detached_for;
        // One per cent for its clock, a minute because we look once a minute.
        const Instant end = one.heard_sent_at + may + may / 100 + seconds(61);
        if (has_newer && sight.stage.now() > end) {
            violate(sight, to_text(job) +
                               " is computed by two machines, the older one unheard for " +
                               to_text(sight.stage.now() - one.heard_sent_at));
        }
    }
};

class RetryBudget : public Checker {
  public:
    const char* name() const override { return "19 retry-budget"; }
    const char* statement() const override {
        return "errors of the user's code are retried within the user's limit, losses of "
               "machines never count against it, and there is no hot loop";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const Event& event : commit.events) {
            if (event.kind != "attempt.ended") continue;
            const Job& job = state.jobs.at(event.job);
            for (const auto& [key, value] : event.fields) {
                if (key == "reason") count(sight, job, value);
            }
        }
    }

  private:
    void count(const Sight& sight, const Job& job, const std::string& reason) {
        Seen& seen = seen_[job.id];
        const bool is_users = reason == "user_error" || reason == "out_of_memory_host" ||
                              reason == "out_of_memory_gpu" || reason == "disk_full";
        if (is_users && ++seen.errors > job.spec.recovery.max_restarts_on_errors + 1) {
            violate(sight, to_text(job.id) + " was retried more often than its user allowed");
        }
        if (job.user_restarts > seen.errors) {
            violate(sight, to_text(job.id) + " paid with a restart for " + reason);
        }
        seen.ends.push_back(sight.stage.now());
        std::erase_if(seen.ends, [&](Instant end) { return sight.stage.now() - end > hours(1); });
        if (seen.ends.size() > 60) violate(sight, to_text(job.id) + " is tried in a hot loop");
    }
    struct Seen {
        int errors = 0;
        std::vector<Instant> ends;
    };
    std::map<JobId, Seen> seen_;
};

class CancelWins : public Checker {
  public:
    const char* name() const override { return "20 cancel-wins"; }
    const char* statement() const override {
        return "after an acknowledged cancel no attempt starts and no rent is sent for the job";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [number, promise] : sight.operators.promises()) {
            if (!promise.cancelled) continue;
            const Job& job = sight.leader->jobs.at(promise.job);
            if (job.fence.value > promise.fence_at_cancel) {
                violate(sight, to_text(job.id) + " was tried again after its cancel");
            }
            if (sight.stage.now() - *promise.cancelled > hours(1) && !is_terminal(job.phase)) {
                violate(sight, to_text(job.id) + " is " + herder::to_string(job.phase) +
                                   " an hour after its cancel");
            }
        }
    }
    void on_create_sent(const Sight& sight, const CreateCall& call) override {
        if (sight.leader == nullptr) return;
        const auto intent = sight.leader->intents.find(call.intent);
        if (intent == sight.leader->intents.end()) return;
        for (const auto& [number, promise] : sight.operators.promises()) {
            if (promise.cancelled && promise.job == intent->second.attempt.job &&
                call.intent.value > promise.intents_at_cancel) {
                violate(sight, to_text(call.intent) + " is rented for a cancelled job");
            }
        }
    }
};

// Was the agent that this attempt speaks through well, and heard, a moment ago?
const FakeAgent* find_agent(const Sight& sight, const State& state, const std::string& attempt) {
    for (const auto& [id, agent] : sight.agents) {
        const auto intent = state.intents.find(agent->intent());
        if (intent == state.intents.end()) continue;
        const AttemptKey key = intent->second.attempt;
        if (to_text(key.job) + "/" + std::to_string(key.fence.value) == attempt) {
            return agent.get();
        }
    }
    return nullptr;
}

class NoNeedlessKill : public Checker {
  public:
    const char* name() const override { return "26 no-needless-kill"; }
    const char* statement() const override {
        return "a healthy machine that is heard, or one that is listed and still boots in time, "
               "is not written off";
    }
    void on_commit(const Sight& sight, const Commit& commit, const State& state) override {
        for (const Event& event : commit.events) {
            if (event.kind != "attempt.ended" && event.kind != "attempt.lost") continue;
            // Judged when it was decided; its agent may speak again before the outcome is read.
            if (!judged_.insert(event.subject).second) continue;
            for (const auto& [key, value] : event.fields) {
                if (key == "reason") judge(sight, state, event, value);
            }
        }
    }

  private:
    std::set<std::string> judged_;

    void judge(const Sight& sight, const State& state, const Event& event,
               const std::string& reason) {
        if (reason == "provider_error") return judge_vanished(sight, state, event);
        if (reason != "host_lost" && reason != "agent_lost" && reason != "preempted") return;
        const FakeAgent* agent = find_agent(sight, state, event.subject);
        if (agent == nullptr || !agent->is_alive() || agent->facts().has_outcome) return;
        // As heard by whoever writes it off: a message that waits at a frozen host is not heard.
        if (agent->facts().last_report_in + seconds(15) > sight.stage.now()) {
            violate(sight,
                    event.subject + " was written off as " + reason + " while its agent was heard");
        }
    }
    void judge_vanished(const Sight& sight, const State& state, const Event& event) {
        for (const auto& [id, rental] : sight.provider.rentals()) {
            if (!rental.is_listed() || rental.is_offline || !rental.intent) continue;
            const auto intent = state.intents.find(rental.intent);
            if (intent == state.intents.end()) continue;
            const AttemptKey key = intent->second.attempt;
            if (to_text(key.job) + "/" + std::to_string(key.fence.value) != event.subject) continue;
            const bool boots =
                rental.state == RentalState::kLoading || rental.state == RentalState::kRunning;
            const bool was_listed = rental.visible_from + seconds(90) < sight.stage.now();
            for (const auto& [field, value] : event.fields) {
                if (field == "detail" && boots && was_listed &&
                    value.find("vanished") != std::string::npos) {
                    violate(sight, event.subject + " was written off as vanished, yet machine " +
                                       std::to_string(id.value) + " is listed");
                }
            }
        }
    }
};

class NoThrash : public Checker {
  public:
    const char* name() const override { return "27 no-thrash"; }
    const char* statement() const override {
        return "at most 60 rents per job and hour, and a host that failed is not rented again "
               "within its penalty";
    }
    void on_minute(const Sight& sight) override {
        if (sight.leader == nullptr) return;
        for (const auto& [machine, until] : sight.leader->meta.avoided_machines) {
            Penalty& penalty = penalties_[machine];
            if (penalty.until != until) penalty = {sight.logical_now, until};
        }
    }
    void on_create_sent(const Sight& sight, const CreateCall& call) override {
        if (sight.leader == nullptr) return;
        const auto found = sight.leader->intents.find(call.intent);
        if (found == sight.leader->intents.end()) return;
        const Intent& intent = found->second;
        std::vector<Instant>& rents = rents_[intent.attempt.job];
        rents.push_back(sight.stage.now());
        std::erase_if(rents, [&](Instant at) { return sight.stage.now() - at > hours(1); });
        if (rents.size() > 60) violate(sight, to_text(intent.attempt.job) + " rents and rents");
        const auto penalty = penalties_.find(intent.offer.machine);
        if (penalty != penalties_.end() && intent.planned < penalty->second.until &&
            intent.planned > penalty->second.since) {
            violate(sight, to_text(call.intent) + " asks for a machine within its penalty");
        }
    }

  private:
    struct Penalty {
        Instant since;
        Instant until;
    };
    std::map<std::int64_t, Penalty> penalties_;
    std::map<JobId, std::vector<Instant>> rents_;
};

}  // namespace

void add_job_checkers(Checkers& checkers) {
    checkers.push_back(std::make_unique<EveryJobEnds>());
    checkers.push_back(std::make_unique<AcceptedIsDurable>());
    checkers.push_back(std::make_unique<TerminalIsFinal>());
    checkers.push_back(std::make_unique<AttemptsInOrder>());
    checkers.push_back(std::make_unique<NoDoubleCompute>());
    checkers.push_back(std::make_unique<RetryBudget>());
    checkers.push_back(std::make_unique<CancelWins>());
    checkers.push_back(std::make_unique<NoNeedlessKill>());
    checkers.push_back(std::make_unique<NoThrash>());
}

}  // namespace herder::sim
