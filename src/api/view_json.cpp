// tidy:allow missing-test covered by jobs_routes_json_test.cpp
#include "api/view_json.h"

#include <algorithm>

#include "api/job_alias.h"
#include "api/view_parts_json.h"
#include "core/cost_tracker/ledger.h"

namespace herder::api {

namespace json = boost::json;

namespace {

const Attempt* newest_attempt(const State& state, const Job& job) {
    const auto found = state.attempts.find({job.id, job.fence});
    return found == state.attempts.end() ? nullptr : &found->second;
}

const Intent* intent_of(const State& state, const Attempt* attempt) {
    if (attempt == nullptr || attempt->members.empty()) return nullptr;
    return &state.intents.at(attempt->members.front().intent);
}

Columns cost_of_job_columns(const State& state, JobId job, Instant now) {
    Columns sum;
    const auto found = state.intents_of.find(job);
    if (found == state.intents_of.end()) return sum;
    for (const IntentId id : found->second) {
        const Columns one = columns_of(state, state.intents.at(id), now);
        sum.accrued += one.accrued;
        sum.charged += one.charged;
    }
    return sum;
}

std::int64_t live_step(const State& state, const Attempt& attempt) {
    std::int64_t step = attempt.step;
    if (attempt.members.empty()) return step;
    const auto lease = state.leases.find(attempt.members.front().intent);
    return lease == state.leases.end() ? step : std::max(step, lease->second.step);
}

Duration ran(const Job& job, const Attempt* attempt, Instant now) {
    if (attempt == nullptr || !attempt->is_live() || !attempt->started) return job.ran;
    return job.ran + (now - *attempt->started);
}

std::string gpu_label(const Job& job, const Intent* intent) {
    if (intent != nullptr) return gpu_text(intent->offer);
    if (job.spec.any_of.empty()) return "";
    const ResourceRequest& wish = job.spec.any_of.front();
    return std::to_string(wish.gpu_count) + "x " +
           (wish.gpu_name.empty() ? "any GPU" : wish.gpu_name);
}

void add_commits(const State& state, const Job& job, json::object& out) {
    std::int64_t commits = 0;
    std::int64_t last_step = 0;
    std::uint64_t newest = 0;
    const auto found = state.checkpoints_of.find(job.id);
    if (found != state.checkpoints_of.end()) {
        for (const CheckpointId id : found->second) {
            const Checkpoint& checkpoint = state.checkpoints.at(id);
            if (checkpoint.commit_seq == 0) continue;
            ++commits;
            if (checkpoint.commit_seq > newest) {
                newest = checkpoint.commit_seq;
                last_step = checkpoint.step;
            }
        }
    }
    out["committed_checkpoints"] = commits;
    out["last_checkpoint_step"] = last_step;
}

json::object job_object(const State& state, const Job& job, Instant now) {
    const Attempt* attempt = newest_attempt(state, job);
    const Intent* intent = intent_of(state, attempt);
    const Columns cost = cost_of_job_columns(state, job.id, now);
    json::object out;
    out["id"] = to_text(job.id);
    out["name"] = job.spec.name;
    out["project"] = job.spec.project;
    out["team"] = job.spec.team;
    out["user"] = job.spec.user;
    out["status"] = to_string(job.phase);
    out["status_text"] = status_text(state, job, now);
    out["stopping"] = nullptr;
    if (job.stop) out["stopping"] = to_string(job.stop->reason);
    out["submitted_at"] = to_rfc3339(job.submitted_wall);
    out["ended_at"] = time_or_null(job.ended_wall);
    out["ran_seconds"] = static_cast<double>(ran(job, attempt, now).us) / 1e6;
    out["attempts"] = job.fence.value;
    out["step"] =
        attempt == nullptr ? job.best_step : std::max(job.best_step, live_step(state, *attempt));
    out["gpu"] = gpu_label(job, intent);
    out["price_per_hour"] = nullptr;
    if (intent != nullptr && may_exist(intent->phase))
        out["price_per_hour"] = rate(total_rate(*intent));
    out["cost"] = money(cost.accrued);
    out["charged"] = money(cost.charged);
    add_commits(state, job, out);
    out["reason"] = nullptr;
    if (const auto* failed = std::get_if<phase::Failed>(&job.phase))
        out["reason"] = to_string(failed->reason);
    out["exit_code"] = nullptr;
    if (attempt != nullptr && attempt->exit_code) out["exit_code"] = *attempt->exit_code;
    return out;
}

json::object attempt_object(const State& state, const Attempt& attempt, Instant now) {
    json::object out;
    out["number"] = attempt.number;
    out["status"] = to_string(attempt.phase);
    out["reason"] = nullptr;
    out["detail"] = nullptr;
    if (const auto* ended = std::get_if<attempt_phase::Ended>(&attempt.phase)) {
        out["reason"] = to_string(ended->reason);
        out["detail"] = ended->detail;
    }
    out["created_at"] = to_rfc3339(attempt.created_wall);
    out["started_at"] = nullptr;
    if (attempt.started) {
        out["started_at"] = to_rfc3339(attempt.created_wall + (*attempt.started - attempt.created));
    }
    out["ended_at"] = time_or_null(attempt.ended_wall);
    out["resumed_step"] = attempt.resumed_step;
    out["resumed_from"] = nullptr;
    if (attempt.resumed_from) out["resumed_from"] = to_text(*attempt.resumed_from);
    out["last_step"] = live_step(state, attempt);
    add_machine(state, intent_of(state, &attempt), now, out);
    return out;
}

bool is_shown(const Job& job, const JobFilter& filter) {
    if (!filter.status.empty() && filter.status != to_string(job.phase)) return false;
    if (!filter.project.empty() && filter.project != job.spec.project) return false;
    return filter.with_ended || !is_terminal(job.phase);
}

std::string waiting(const std::string& what, const char* fallback) {
    return "waits for " + (what.empty() ? std::string(fallback) : what);
}

std::string boot_text(const Intent& intent, Instant now) {
    std::string text = "the machine boots";
    if (intent.boot == BootStage::kPulling) text = "the host pulls the image";
    if (intent.boot == BootStage::kStarting) text = "the container runs, its agent is awaited";
    const Duration left = std::get<rent::Bound>(intent.phase).join_deadline - now;
    if (left > Duration{}) text += ", given up in " + to_text(left);
    return intent.provider_state.empty() ? text : text + ": " + intent.provider_state;
}

std::string placing_text(const State& state, const Job& job, Instant now) {
    const Intent* intent = intent_of(state, newest_attempt(state, job));
    if (intent == nullptr) return "a machine is being chosen";
    if (std::holds_alternative<rent::Bound>(intent->phase)) {
        return boot_text(*intent, now);
    }
    if (std::holds_alternative<rent::Unknown>(intent->phase)) {
        return "the rent call was not answered; complete listings decide whether a machine exists";
    }
    return "renting " + gpu_text(intent->offer) + " at " + to_text(total_rate(*intent));
}

// What its last attempt had to add, as which outputs could not be stored.
std::string succeeded_text(const State& state, const Job& job) {
    const Attempt* attempt = newest_attempt(state, job);
    const auto* ended =
        attempt == nullptr ? nullptr : std::get_if<attempt_phase::Ended>(&attempt->phase);
    const std::string text = to_string(job.phase);
    return ended == nullptr || ended->detail.empty() ? text : text + ", but " + ended->detail;
}

}  // namespace

std::string status_text(const State& state, const Job& job, Instant now) {
    if (job.stop) return std::string("stopping: ") + explain(job.stop->reason);
    if (const auto* queued = std::get_if<phase::Queued>(&job.phase)) {
        return waiting(queued->waiting_for, "a machine");
    }
    if (const auto* recovering = std::get_if<phase::Recovering>(&job.phase)) {
        std::string text = std::string(explain(recovering->why)) + "; ";
        if (now < recovering->not_before)
            return text + "tries again in " + to_text(recovering->not_before - now);
        return text + waiting(recovering->waiting_for, "a new machine");
    }
    if (std::holds_alternative<phase::Placing>(job.phase)) return placing_text(state, job, now);
    if (const auto* failed = std::get_if<phase::Failed>(&job.phase)) {
        return explain(failed->reason) + (failed->detail.empty() ? "" : ": " + failed->detail);
    }
    if (std::holds_alternative<phase::Succeeded>(job.phase)) return succeeded_text(state, job);
    if (std::holds_alternative<phase::Running>(job.phase)) {
        const Intent* intent = intent_of(state, newest_attempt(state, job));
        if (intent == nullptr) return "running";
        if (intent->boot == BootStage::kJoined)
            return "the machine is up and tested before the job may use it";
        return "running on " + gpu_text(intent->offer);
    }
    return to_string(job.phase);
}

std::string jobs_view(const State& state, Instant now, const JobFilter& filter) {
    json::array items;
    json::value next = nullptr;
    auto it = state.jobs.rbegin();
    if (filter.after) it = std::make_reverse_iterator(state.jobs.lower_bound(filter.after));
    JobId last{};
    for (; it != state.jobs.rend(); ++it) {
        if (!is_shown(it->second, filter)) continue;
        if (items.size() == filter.limit) {
            next = json::string(to_text(last));
            break;
        }
        last = it->first;
        items.push_back(job_object(state, it->second, now));
    }
    return json::serialize(
        json::object{{"items", std::move(items)}, {"next_cursor", std::move(next)}});
}

std::string job_view(const State& state, Instant now, JobId id, bool with_attempts) {
    const Job& job = state.jobs.at(id);
    json::object out = job_object(state, job, now);
    if (with_attempts) {
        json::array attempts;
        for (auto it = state.attempts.lower_bound({id, Fence{0}});
             it != state.attempts.end() && it->first.job == id; ++it) {
            attempts.push_back(attempt_object(state, it->second, now));
        }
        out["attempt_list"] = std::move(attempts);
    }
    return json::serialize(out);
}

namespace {

json::object checkpoint_object(const Checkpoint& checkpoint) {
    std::int64_t size = 0;
    for (const CheckpointFile& file : checkpoint.files)
        size += file.size.count;
    json::object metrics;
    for (const auto& [name, value] : checkpoint.metrics)
        metrics[name] = value;
    return json::object{{"id", to_text(checkpoint.id)},
                        {"name", checkpoint.name},
                        {"step", checkpoint.step},
                        {"seq", checkpoint.commit_seq},
                        {"state", to_string(checkpoint.state)},
                        {"attempt", checkpoint.attempt.fence.value},
                        {"size_bytes", size},
                        {"metrics", std::move(metrics)},
                        {"committed_at", time_or_null(checkpoint.committed_wall)},
                        {"quarantined", checkpoint.quarantined},
                        {"doubted", bool{checkpoint.doubted_by}},
                        {"verified", checkpoint.verified},
                        {"pinned", checkpoint.pinned},
                        {"trouble", checkpoint.trouble}};
}

}  // namespace

Result<std::string> checkpoints_view(const State& state, JobId job, const Page& page) {
    json::array items;
    const auto found = state.checkpoints_of.find(job);
    if (found != state.checkpoints_of.end()) {
        for (auto it = found->second.rbegin(); it != found->second.rend(); ++it)
            items.push_back(checkpoint_object(state.checkpoints.at(*it)));
    }
    return page_text(std::move(items), page, Member{"id"});
}

std::string checkpoint_view(const Checkpoint& checkpoint) {
    json::object out = checkpoint_object(checkpoint);
    out["parent"] = checkpoint.parent ? json::value(to_text(checkpoint.parent)) : json::value();
    out["manifest_sha256"] = checkpoint.manifest_sha256;
    json::array files;
    for (const CheckpointFile& file : checkpoint.files) {
        files.push_back(json::object{{"path", file.path},
                                     {"size_bytes", file.size.count},
                                     {"crc32c", file.crc32c},
                                     {"mode", file.mode}});
    }
    out["files"] = std::move(files);
    return json::serialize(out);
}

std::string event_view(const Event& event) {
    json::object fields;
    for (const auto& [name, value] : event.fields)
        fields[name] = value;
    return json::serialize(json::object{{"seq", event.seq},
                                        {"at", to_rfc3339(event.wall)},
                                        {"kind", event.kind},
                                        {"subject", event.subject},
                                        {"fields", std::move(fields)}});
}

Result<JobId> find_job(const State& state, const std::string& text) {
    if (is_job_alias(text)) return find_alias(state, text);
    if (const Result<JobId> id = parse_id<JobTag>(text); id && state.jobs.contains(*id)) return *id;
    std::vector<JobId> by_prefix;
    for (auto it = state.jobs.rbegin(); it != state.jobs.rend(); ++it) {
        if (it->second.spec.name == text) return it->first;
        if (it->second.spec.name.starts_with(text)) by_prefix.push_back(it->first);
    }
    if (!text.empty() && by_prefix.size() == 1) return by_prefix.front();
    if (by_prefix.size() > 1) {
        return invalid("'" + text + "' begins the names of " + std::to_string(by_prefix.size()) +
                       " jobs; write more of the name, or the id");
    }
    return not_found("there is no job '" + text + "'");
}

}  // namespace herder::api
