// What users ask for: submit, cancel, pause, resume, budgets.
#include <algorithm>

#include "base/assert.h"
#include "core/step/steps.h"

namespace herder {

namespace {

UsdPerHour dearest_accepted(const JobSpec& spec) {
    UsdPerHour dearest{};
    for (const ResourceRequest& request : spec.any_of)
        dearest = std::max(dearest, request.price_max);
    return dearest;
}

Result<ReplyBody> submitted(JobId job, bool existed) {
    return ReplyBody(reply::Submitted{.job = job, .existed = existed, .plan = std::nullopt});
}

}  // namespace

namespace {

// Why the job cannot go on from the checkpoint that it names, or empty.
std::string find_start_fault(const State& state, const JobSpec& spec) {
    if (!spec.start_from) return {};
    const Checkpoint* from = find_good(state, *spec.start_from);
    if (from != nullptr && state.jobs.at(from->attempt.job).spec.team == spec.team) return {};
    return "there is no committed checkpoint " + to_text(*spec.start_from) + " in team '" +
           spec.team + "' to start from";
}

// Retention would delete it under a job that waits for a machine.
void pin_start(Work& work, const JobSpec& spec, JobId fork) {
    if (!spec.start_from) return;
    Checkpoint& from = work.edit_checkpoint(*spec.start_from);
    if (from.pinned) return;
    from.pinned = true;
    work.note("checkpoint.pinned", from.attempt.job, from.name, {{"actor", to_text(fork)}});
}

}  // namespace

void on_submit(Work& work, const input::SubmitJob& in) {
    if (!in.client_key.empty()) {
        const auto known = work.state.by_client_key.find({in.spec.team, in.client_key});
        if (known != work.state.by_client_key.end()) {
            return work.answer(in.reply_to, submitted(known->second, true));
        }
    }
    if (in.spec.run.empty() || in.spec.any_of.empty()) {
        return work.answer(in.reply_to,
                           invalid("the job has nothing to run or no acceptable machine"));
    }
    if (const std::string fault = find_start_fault(work.state, in.spec); !fault.empty())
        return work.answer(in.reply_to, not_found(fault));
    const UsdPerHour price = dearest_accepted(in.spec);
    const Usd wanted = worst_case(price, in.spec, Duration{}, Usd{});
    const std::vector<BudgetInForce> budgets =
        budgets_in_force(work, budgets_of(work.state.meta.budgets, in.spec));
    if (const auto objection = budget_objection(budgets, wanted, price)) {
        return work.answer(in.reply_to, Error{ErrorCode::kBudgetExceeded, *objection});
    }
    if (in.dry_run) return work.answer(in.reply_to, submitted(JobId{}, false));
    Job job;
    job.id = JobId{work.edit_meta().next_job++};
    job.spec = in.spec;
    job.client_key = in.client_key;
    job.submitted = work.now;
    job.submitted_wall = work.wall;
    job.phase = phase::Queued{work.now, "a machine"};
    const JobId id = job.id;
    work.add_job(std::move(job));
    work.note("job.submitted", id, to_text(id), {{"name", in.spec.name}, {"actor", in.actor}});
    pin_start(work, in.spec, id);
    work.answer(in.reply_to, submitted(id, false));
}

namespace {

const char* verb_word(input::JobVerb verb) {
    switch (verb) {
        case input::JobVerb::kCancel:
            return "cancel";
        case input::JobVerb::kPause:
            return "pause";
        case input::JobVerb::kResume:
            return "resume";
    }
    return "change";
}

Error conflict(const Job& job, input::JobVerb verb) {
    return {ErrorCode::kConflict, std::string("cannot ") + verb_word(verb) + " " + to_text(job.id) +
                                      ": it is " + to_string(job.phase) +
                                      (job.stop ? " and stopping" : "")};
}

Status cancel(Work& work, Job& job, const std::string& actor) {
    if (std::holds_alternative<phase::Cancelled>(job.phase)) return ok();
    if (is_terminal(job.phase)) return conflict(job, input::JobVerb::kCancel);
    work.note("job.cancel_requested", job.id, to_text(job.id), {{"actor", actor}});
    if (is_active(job.phase)) {
        request_stop(work, job.id, EndReason::kCancelled, actor);
    } else {
        work.set_phase(job, phase::Cancelled{work.now});
        work.note("job.cancelled", job.id, to_text(job.id));
    }
    return ok();
}

Status pause(Work& work, Job& job, const std::string& actor) {
    if (std::holds_alternative<phase::Paused>(job.phase)) return ok();
    if (job.stop && job.stop->reason == EndReason::kPaused) return ok();
    if (is_terminal(job.phase) || job.stop) return conflict(job, input::JobVerb::kPause);
    work.note("job.pause_requested", job.id, to_text(job.id), {{"actor", actor}});
    if (is_active(job.phase)) {
        request_stop(work, job.id, EndReason::kPaused, actor);
    } else {
        work.set_phase(job, phase::Paused{work.now});
        work.note("job.paused", job.id, to_text(job.id));
    }
    return ok();
}

Status resume(Work& work, Job& job, const std::string& actor) {
    if (!std::holds_alternative<phase::Paused>(job.phase)) {
        return conflict(job, input::JobVerb::kResume);
    }
    job.stop.reset();
    work.set_phase(job, phase::Queued{work.now, "a machine"});
    work.note("job.resumed", job.id, to_text(job.id), {{"actor", actor}});
    return ok();
}

Status apply_verb(Work& work, Job& job, input::JobVerb verb, const std::string& actor) {
    switch (verb) {
        case input::JobVerb::kCancel:
            return cancel(work, job, actor);
        case input::JobVerb::kPause:
            return pause(work, job, actor);
        case input::JobVerb::kResume:
            return resume(work, job, actor);
    }
    return internal("unknown verb");
}

}  // namespace

void on_change(Work& work, const input::ChangeJob& in) {
    if (!work.state.jobs.contains(in.job)) {
        return work.answer(in.reply_to, not_found("there is no job " + to_text(in.job)));
    }
    const Status done = apply_verb(work, work.edit_job(in.job), in.verb, in.actor);
    if (!done) return work.answer(in.reply_to, done.error());
    work.answer(in.reply_to, ReplyBody(reply::Changed{in.job}));
}

void on_budgets(Work& work, const input::SetBudgets& in) {
    if (work.state.meta.budgets != in.budgets) {
        work.set_budgets(in.budgets);
        work.note("budgets.set", JobId{}, "budgets",
                  {{"count", std::to_string(in.budgets.size())}});
    }
    work.answer(in.reply_to, ReplyBody(reply::Changed{}));
}

void request_stop(Work& work, JobId id, EndReason reason, const std::string& actor) {
    Job& job = work.edit_job(id);
    HERDER_ASSERT(is_active(job.phase));
    // A cancel overrules a pause or a budget stop that is under way; nothing overrules a cancel.
    if (job.stop && job.stop->reason == EndReason::kCancelled) return;
    job.stop = StopRequest{.reason = reason, .since = work.now, .actor = actor};
    Attempt& attempt = work.edit_attempt({id, job.fence});
    work.note("job.stopping", id, to_text(id), {{"reason", to_string(reason)}, {"actor", actor}});
    if (std::holds_alternative<attempt_phase::Running>(attempt.phase)) {
        const Duration patience = job.spec.checkpoint.stop_grace + work.settings.stop_upload;
        work.set_phase(attempt, attempt_phase::Stopping{work.now, work.now + patience, reason});
    } else if (auto* stopping = std::get_if<attempt_phase::Stopping>(&attempt.phase)) {
        if (stopping->moves || kind_of(stopping->reason) == ReasonKind::kDecision) {
            stopping->reason = reason;
            stopping->moves = false;
        }
    } else {
        end_attempt(work, attempt.key(), reason, explain(reason));
    }
}

}  // namespace herder
