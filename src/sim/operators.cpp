#include "sim/operators.h"

#include <utility>

#include "sim/waiting.h"

namespace herder::sim {

Operators::Operators(Stage& stage, std::function<Orchestrator*()> server, Duration horizon,
                     int jobs)
    : stage_(stage),
      server_(std::move(server)),
      horizon_(horizon),
      workload_(stage.seed, "workload"),
      whims_(stage.seed, "whims") {
    for (int i = 1; i <= jobs; ++i) {
        plans_.push_back(draw_job_plan(workload_, static_cast<std::uint64_t>(i), horizon));
    }
    draw_troubles();
    draw_budgets();
}

void Operators::draw_troubles() {
    FaultPlan& faults = stage_.faults;
    for (JobPlan& plan : plans_) {
        if (faults.strikes(Fault::kUserError, 300'000)) {
            plan.ending = faults.stream(Fault::kUserError).below(3) == 0 ? JobEnding::kFailsAlways
                                                                         : JobEnding::kFailsOnce;
        } else if (faults.strikes(Fault::kOutOfMemory, 150'000)) {
            plan.ending = JobEnding::kRunsOutOfMemory;
        } else if (faults.strikes(Fault::kHang, 150'000)) {
            plan.ending = JobEnding::kHangs;
        } else if (faults.strikes(Fault::kNeverEnds, 150'000)) {
            plan.ending = JobEnding::kNeverEnds;
        }
    }
}

void Operators::draw_budgets() {
    if (workload_.below(2) == 0) return;
    BudgetSpec team;
    team.name = "red-total";
    team.team = "red";
    team.limit = usd_cents(workload_.between(500, 8'000));
    budgets_.push_back(team);
    if (workload_.below(2) == 0) return;
    BudgetSpec project;
    project.name = "vision-day";
    project.project = "vision";
    project.window = BudgetWindow::kDay;
    project.limit = usd_cents(workload_.between(300, 3'000));
    budgets_.push_back(project);
}

void Operators::begin() {
    if (!budgets_.empty()) stage_.schedule.after(seconds(5), [this] { set_budgets(); });
    for (const JobPlan& plan : plans_) {
        const std::uint64_t number = plan.number;
        stage_.schedule.at(plan.submit_at, [this, number] { submit(number); });
    }
    stage_.schedule.after(minutes(20), [this] { forge(); });
}

void Operators::set_budgets() {
    const auto again = [this] { stage_.schedule.after(seconds(30), [this] { set_budgets(); }); };
    Orchestrator* server = server_();
    if (server == nullptr) return again();
    input::SetBudgets in;
    in.budgets = budgets_;
    server->request(in, [again](const Result<ReplyBody>* answer) {
        if (answer == nullptr || !answer->has_value()) again();
    });
}

void Operators::submit(std::uint64_t number) {
    const JobPlan& plan = plans_[number - 1];
    const auto again = [this, number] {
        stage_.schedule.after(seconds(20), [this, number] {
            if (!promises_[number].job && !promises_[number].is_refused) submit(number);
        });
    };
    Orchestrator* server = server_();
    if (server == nullptr) return again();
    input::SubmitJob in;
    in.spec = plan.spec;
    in.client_key = plan.client_key;
    in.actor = "user";
    server->request(in, [this, number, again](const Result<ReplyBody>* answer) {
        if (answer == nullptr) return again();
        if (!answer->has_value() && is_retryable(answer->error().code)) return again();
        on_submitted(number, *answer);
    });
}

void Operators::on_submitted(std::uint64_t number, const Result<ReplyBody>& answer) {
    Promise& promise = promises_[number];
    if (!answer) {
        if (answer.error().code == ErrorCode::kBudgetExceeded) {
            stage_.marks.hit(Mark::kBudgetRefused);
        }
        promise.is_refused = !promise.job;
        return;
    }
    const auto& submitted = std::get<reply::Submitted>(*answer);
    if (promise.job && promise.job != submitted.job) {
        on_broken_promise("one client key was given " + to_text(promise.job) + " and " +
                          to_text(submitted.job));
    }
    if (submitted.existed) stage_.marks.hit(Mark::kRepeatedSubmit);
    if (promise.job) return;
    promise.job = submitted.job;
    stage_.note("user.accepted", submitted.job.value, number);
    if (stage_.faults.has_ended()) return bring_to_an_end(plans_[number - 1]);
    plan_changes(number);
    // Some clients repeat themselves although they were answered.
    if (whims_.below(8) == 0) {
        stage_.schedule.after(minutes(whims_.between(1, 600)), [this, number] { submit(number); });
    }
}

void Operators::plan_changes(std::uint64_t number) {
    const std::uint64_t whim = whims_.below(10);
    const Duration when = seconds(whims_.between(1, 4 * 3600));
    if (whim == 0) {
        stage_.schedule.after(when,
                              [this, number] { change(number, input::JobVerb::kCancel, 20); });
    } else if (whim == 1) {
        // At once, while its machine is being asked for.
        stage_.schedule.after(seconds(whims_.between(1, 120)),
                              [this, number] { change(number, input::JobVerb::kCancel, 20); });
    } else if (whim == 2) {
        const Duration rest = minutes(whims_.between(1, 300));
        stage_.schedule.after(when, [this, number] { change(number, input::JobVerb::kPause, 5); });
        stage_.schedule.after(when + rest,
                              [this, number] { change(number, input::JobVerb::kResume, 20); });
    }
}

void Operators::change(std::uint64_t number, input::JobVerb verb, int tries_left) {
    if (tries_left == 0) return;
    const auto again = [this, number, verb, tries_left] {
        stage_.schedule.after(seconds(30), [this, number, verb, tries_left] {
            change(number, verb, tries_left - 1);
        });
    };
    Orchestrator* server = server_();
    if (server == nullptr) return again();
    input::ChangeJob in;
    in.job = promises_[number].job;
    in.verb = verb;
    in.actor = "user";
    if (verb == input::JobVerb::kCancel && server->state() != nullptr) {
        const State& state = *server->state();
        for (const IntentId id : state.open_intents) {
            const Intent& intent = state.intents.at(id);
            if (intent.attempt.job == in.job &&
                std::holds_alternative<rent::Unknown>(intent.phase)) {
                stage_.marks.hit(Mark::kCancelledWhileUnknown);
            }
        }
        const auto job = state.jobs.find(in.job);
        if (job != state.jobs.end() && std::holds_alternative<phase::Running>(job->second.phase)) {
            stage_.marks.hit(Mark::kCancelledWhileRunning);
        }
    }
    server->request(in, [this, number, verb, again](const Result<ReplyBody>* answer) {
        if (answer == nullptr) return again();
        if (answer->has_value()) return on_changed(number, verb);
        // A resume may come before the pause has taken effect.
        if (is_retryable(answer->error().code) || verb == input::JobVerb::kResume) again();
    });
}

void Operators::on_changed(std::uint64_t number, input::JobVerb verb) {
    Promise& promise = promises_[number];
    stage_.note("user.changed", promise.job.value, static_cast<std::uint64_t>(verb));
    if (verb == input::JobVerb::kResume) stage_.marks.hit(Mark::kPausedAndResumed);
    if (verb != input::JobVerb::kCancel || promise.cancelled) return;
    const State* state = server_() == nullptr ? nullptr : server_()->state();
    if (state == nullptr) return;
    promise.cancelled = stage_.now();
    promise.fence_at_cancel = state->jobs.at(promise.job).fence.value;
    promise.intents_at_cancel = state->meta.next_intent - 1;
}

// A stranger tries an agent's door with a session and a token that he does not have.
void Operators::forge() {
    if (stage_.faults.has_ended()) return;
    stage_.schedule.after(minutes(20), [this] { forge(); });
    Orchestrator* server = server_();
    if (server == nullptr || !stage_.faults.strikes(Fault::kForgery, 500'000)) return;
    if (server->is_frozen() || server->state()->intents.empty()) return;
    RandomStream& draw = stage_.faults.stream(Fault::kForgery);
    const auto& intents = server->state()->intents;
    auto chosen = intents.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(draw.below(intents.size())));
    const auto must_fail = [this](const Result<ReplyBody>* answer) {
        if (answer != nullptr && answer->has_value()) {
            on_broken_promise("37: a forged message was answered as if it were genuine");
        }
    };
    input::AgentReported report;
    report.session_hash = "forged";
    report.report.intent = chosen->first;
    report.report.fence = chosen->second.attempt.fence;
    report.report.sequence = 1'000'000;
    report.report.outcome = AttemptOutcome{EndReason::kSucceeded, 0, "forged"};
    server->report(report, must_fail);
    input::AgentJoined join;
    join.intent = chosen->first;
    join.token_hash = "forged";
    join.session_hash = "forged";
    join.contract = chosen->second.contract;
    server->request(join, must_fail);
}

void Operators::begin_quiet() {
    // A job that waits for the new day of a used-up budget would wait for the simulation's end.
    const auto is_daily = [](const BudgetSpec& b) { return b.window == BudgetWindow::kDay; };
    if (std::erase_if(budgets_, is_daily) > 0) set_budgets();
    for (const JobPlan& plan : plans_)
        bring_to_an_end(plan);
    stage_.schedule.after(hours(12), [this] { give_up_waiting(); });
}

// Of what waits for money or for a price, some would be rented too late to end before the
// simulation does: a cheap offer may come at any time.
void Operators::give_up_waiting() {
    const State* state = server_() == nullptr ? nullptr : server_()->state();
    if (state == nullptr) return stage_.schedule.after(minutes(1), [this] { give_up_waiting(); });
    for (const JobPlan& plan : plans_) {
        const auto job = state->jobs.find(promises_[plan.number].job);
        if (job == state->jobs.end()) continue;
        if (is_waiting_for_money(job->second)) change(plan.number, input::JobVerb::kCancel, 100);
    }
}

void Operators::bring_to_an_end(const JobPlan& plan) {
    if (!promises_[plan.number].job) return;
    const bool endless = plan.ending == JobEnding::kHangs || plan.ending == JobEnding::kNeverEnds;
    change(plan.number, endless ? input::JobVerb::kCancel : input::JobVerb::kResume, 100);
}

}  // namespace herder::sim
