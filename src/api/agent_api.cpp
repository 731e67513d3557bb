#include "api/agent_api.h"

#include <algorithm>
#include <optional>

#include "api/problem_json.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "engine/artifact_runner.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/layout.h"
#include "protocol/report_json.h"

namespace herder::api {

namespace {

// URLs hold long enough for a slow link; the outcome's as long as an agent may be alone.
constexpr Duration kUrlLife = hours(6);
// A batch of parts is asked for when it is wanted (64 parts of 16 MiB take an hour at 2.4 Mbit/s).
constexpr Duration kPartUrlLife = hours(1);
// Objects that are made of their parts, one of a job.
constexpr std::size_t kOutputsAtOnce = 4;
constexpr std::size_t kOutputsWaiting = 1000;

void answer(const ExchangePtr& exchange, std::string body, int status = 200) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    exchange->respond(std::move(response));
}

bool is_news(const AgentReport& report, const AgentOrders& orders) {
    if (orders.fenced || orders.desired != DesiredState::kRun || orders.assignment ||
        orders.admission || orders.grant)
        return true;
    return report.checkpoint && orders.settled_local_seq >= report.checkpoint->local_seq;
}

}  // namespace

AgentApi::AgentApi(AgentParts parts, AgentOptions options)
    : parts_(parts),
      options_(std::move(options)),
      parked_(parts.feed, parts.clock),
      trees_(parts.objects, kTrees),
      listings_(parts.objects, kListings),
      part_desk_(parts.objects),
      output_desk_(parts.objects),
      output_making_(kOutputsWaiting, kOutputsAtOnce) {}

AgentApi::~AgentApi() {
    stop();
}

void AgentApi::stop() {
    parked_.stop();
    disk_.stop();
    output_making_.stop();
    output_work_.stop();
    end_outputs();
    bucket_work_.stop();
}

void AgentApi::handle(Request request, ExchangePtr exchange) {
    const std::string& path = request.path;
    const bool post = request.method == "POST";
    if (post && path == protocol::kAgentJoin) return join(request, exchange);
    if (post && path == protocol::kAgentSync) return sync(request, exchange);
    if (post && path == protocol::kAgentLogs) return store_log(request, exchange);
    if (post && path == protocol::kAgentParts) return sign_parts(request, exchange);
    if (post && path == protocol::kAgentSign) return sign_outputs(request, exchange);
    if (post && path == protocol::kAgentOutputs) return note_outputs(request, exchange);
    if (post && path == protocol::kAgentOutputParts) return sign_output_parts(request, exchange);
    if (post && path == protocol::kAgentOutputSent) return take_sent_output(request, exchange);
    if (post && path == protocol::kAgentChunks) return sign_chunks(request, exchange);
    if (post && path == protocol::kAgentSecrets) return give_secrets(request, exchange);
    if (request.method == "GET" && path.starts_with(protocol::kAgentFiles))
        return send_file(request, exchange);
    exchange->respond(problem(not_found("agents have no " + request.method + " here"), path));
}

void AgentApi::join(const Request& request, const ExchangePtr& exchange) {
    const Result<protocol::JoinRequest> wish = protocol::parse_join_request(request.body);
    if (!wish) return exchange->respond(problem(wish.error(), request.path));
    // Derived, so that a join whose answer was lost can be repeated and gets the same session.
    const std::string key =
        to_base64url(hmac_sha256(options_.session_secret, "session/" + wish->token));
    input::AgentJoined in;
    in.intent = wish->intent;
    in.token_hash = sha256_hex(wish->token);
    in.session_hash = sha256_hex(key);
    in.contract = wish->contract;
    parts_.engine.ask(std::move(in), [exchange, key, path = request.path,
                                      &roots = options_.storage_roots](Result<ReplyBody> reply) {
        if (!reply) return exchange->respond(problem(reply.error(), path));
        const AttemptKey attempt = std::get<reply::Joined>(*reply).attempt;
        protocol::JoinResponse response;
        response.session_key = key;
        response.job = attempt.job;
        response.fence = attempt.fence;
        response.storage_roots = roots;
        answer(exchange, protocol::to_json(response));
    });
}

void AgentApi::sync(const Request& request, const ExchangePtr& exchange) {
    const Result<AgentReport> report = protocol::parse_report(request.body);
    if (!report) return exchange->respond(problem(report.error(), request.path));
    const bool hold = request.query_or("wait", "1") != "0";
    const Instant until = hold ? parts_.clock.monotonic() + options_.report_every : Instant{};
    const std::string session_hash = sha256_hex(request.bearer);
    exchange->on_gone([&engine = parts_.engine, intent = report->intent, session_hash] {
        engine.post(input::AgentGone{intent, session_hash});
    });
    ask_orders(session_hash, *report, exchange, until);
}

void AgentApi::ask_orders(const std::string& session_hash, const AgentReport& report,
                          const ExchangePtr& exchange, Instant hold_until) {
    if (!exchange->is_alive()) return;
    input::AgentReported in;
    in.session_hash = session_hash;
    in.report = report;
    parts_.engine.ask(std::move(in), [=, this](Result<ReplyBody> reply) {
        if (!reply) return exchange->respond(problem(reply.error(), protocol::kAgentSync));
        const AgentOrders orders = std::get<reply::Orders>(*reply).orders;
        if (!is_news(report, orders) && parts_.clock.monotonic() < hold_until) {
            parts_.engine.read([=, this](const State& state, Instant) {
                const JobId job = state.intents.at(report.intent).attempt.job;
                parked_.park(job, hold_until,
                             [=, this] { ask_orders(session_hash, report, exchange, hold_until); });
            });
            return;
        }
        parts_.engine.read([=, this](const State& state, Instant) {
            answer_orders(state, report, orders, exchange);
        });
    });
}

namespace {

// The objects that are to be sent, if this attempt may still send them.
Result<std::vector<PartDesk::Object>> find_granted(const State& state, AttemptKey attempt,
                                                   const std::string& team,
                                                   const protocol::PartsRequest& wish) {
    const auto found = state.checkpoints.find(wish.checkpoint);
    const bool is_own = found != state.checkpoints.end() && found->second.attempt == attempt;
    const bool is_there =
        is_own && static_cast<std::size_t>(wish.index) < found->second.files.size();
    if (!is_there) return not_found("this attempt has no such checkpoint file");
    const Checkpoint& checkpoint = found->second;
    if (checkpoint.state != CheckpointState::kUploading) {
        return Error{ErrorCode::kConflict, "the checkpoint is not being uploaded any more"};
    }
    std::vector<PartDesk::Object> objects;
    const auto first = static_cast<std::size_t>(wish.index);
    const std::size_t end =
        std::min(first + static_cast<std::size_t>(wish.files), checkpoint.files.size());
    for (std::size_t i = first; i < end; ++i) {
        objects.push_back(
            {protocol::checkpoint_key(team, checkpoint, object_name(i)), checkpoint.files[i].size});
    }
    return objects;
}

// Signs, or leaves the URL empty: the agent then asks again.
std::string sign(ObjectStore& objects, UrlVerb verb, const std::string& key, WallTime expires) {
    return objects.sign(verb, key, expires).value_or("");
}

void add_upload_urls(const State& state, ObjectStore& objects, const std::string& team,
                     WallTime expires, protocol::SyncResponse& response) {
    const Checkpoint& checkpoint = state.checkpoints.at(response.orders.grant->checkpoint);
    for (std::size_t i = 0; i < checkpoint.files.size(); ++i) {
        const std::string key = protocol::checkpoint_key(team, checkpoint, object_name(i));
        response.upload_urls.push_back(
            {static_cast<int>(i), sign(objects, UrlVerb::kPut, key, expires)});
    }
}

void add_restore(const State& state, ObjectStore& objects, WallTime expires,
                 protocol::SyncResponse& response) {
    const Checkpoint& checkpoint = state.checkpoints.at(*response.orders.assignment->resume_from);
    const std::string& team = state.jobs.at(checkpoint.attempt.job).spec.team;
    protocol::RestorePlan plan;
    plan.checkpoint = checkpoint.id;
    for (std::size_t i = 0; i < checkpoint.files.size(); ++i) {
        const std::string key = protocol::checkpoint_key(team, checkpoint, object_name(i));
        plan.files.push_back({checkpoint.files[i], sign(objects, UrlVerb::kGet, key, expires)});
    }
    response.restore = std::move(plan);
}

}  // namespace

void AgentApi::answer_orders(const State& state, const AgentReport& report,
                             const AgentOrders& orders, const ExchangePtr& exchange) {
    const Intent& intent = state.intents.at(report.intent);
    const JobSpec& spec = state.jobs.at(intent.attempt.job).spec;
    const WallTime expires = parts_.clock.wall() + kUrlLife;
    protocol::SyncResponse response;
    response.orders = orders;
    response.outcome_url =
        sign(parts_.objects, UrlVerb::kPut, protocol::outcome_key(spec.team, intent.attempt),
             parts_.clock.wall() + spec.detached_for + spec.dead_man_after + kUrlLife);
    if (orders.admission) {
        const std::string key = protocol::probe_key(spec.team, intent.attempt);
        response.probe_put_url = sign(parts_.objects, UrlVerb::kPut, key, expires);
        response.probe_get_url = sign(parts_.objects, UrlVerb::kGet, key, expires);
    }
    if (MultipartUploads* uploads = parts_.objects.multipart()) {
        const UploadLimits limits = uploads->limits();
        response.upload_parts = {limits.part_size_min, limits.parts_max, limits.is_checked};
    } else if (orders.grant) {
        add_upload_urls(state, parts_.objects, spec.team, expires, response);
    }
    if (orders.assignment) {
        if (orders.assignment->resume_from) add_restore(state, parts_.objects, expires, response);
        if (!spec.workdir_object.empty()) {
            response.workdir_url =
                sign(parts_.objects, UrlVerb::kGet, spec.workdir_object, expires);
        }
        for (const DataInput& input : spec.inputs) {
            const std::string key = input_key(state, spec, input);
            response.input_urls.push_back(
                key.empty() ? "" : sign(parts_.objects, UrlVerb::kGet, key, expires));
        }
        response.sdk_sha256 = options_.sdk_sha256;
        response.job_env["HERDER_PROVIDER"] = options_.provider_name;
        response.job_env["HERDER_INSTANCE_ID"] = std::to_string(intent.contract.value);
        response.job_env["HERDER_PRICE_PER_HOUR"] = to_decimal(intent.gpu_rate + intent.disk_rate);
    }
    answer(exchange, protocol::to_json(response));
}

void AgentApi::with_session(const Request& request, const ExchangePtr& exchange,
                            std::function<void(const Session&)> with) {
    const std::string hash = sha256_hex(request.bearer);
    std::optional<Session> known;
    {
        const std::lock_guard lock(mutex_);
        const auto found = sessions_.find(hash);
        if (found != sessions_.end()) known = found->second;
    }
    // Without the lock: `with` writes files, answers and rings bells.
    if (known) return with(*known);
    parts_.engine.read([this, hash, exchange, with, path = request.path](const State& state,
                                                                         Instant) {
        for (const IntentId id : state.open_intents) {
            const Intent& intent = state.intents.at(id);
            if (intent.session_hash != hash) continue;
            const Session session{id, intent.attempt, state.jobs.at(intent.attempt.job).spec.team};
            {
                const std::lock_guard lock(mutex_);
                if (sessions_.size() > 100'000) sessions_.clear();
                sessions_[hash] = session;
            }
            return with(session);
        }
        exchange->respond(problem(Error{ErrorCode::kUnauthenticated, "unknown session"}, path));
    });
}

void AgentApi::sign_parts(const Request& request, const ExchangePtr& exchange) {
    const Result<protocol::PartsRequest> wish = protocol::parse_parts_request(request.body);
    if (!wish) return exchange->respond(problem(wish.error(), request.path));
    with_session(request, exchange, [=, this](const Session& session) {
        parts_.engine.read([=, this](const State& state, Instant) {
            const auto objects = find_granted(state, session.attempt, session.team, *wish);
            if (!objects) return exchange->respond(problem(objects.error(), protocol::kAgentParts));
            const WallTime expires = parts_.clock.wall() + kPartUrlLife;
            const bool taken = disk_.run([=, this] {
                const auto parts = part_desk_.sign(*objects, *wish, expires);
                if (!parts) return exchange->respond(problem(parts.error(), protocol::kAgentParts));
                answer(exchange, protocol::to_json(*parts));
            });
            if (taken) return;
            exchange->respond(
                problem(unavailable("too many wait for the store"), protocol::kAgentParts));
        });
    });
}

void AgentApi::send_file(const Request& request, const ExchangePtr& exchange) {
    const auto file =
        options_.files.find(request.path.substr(std::string(protocol::kAgentFiles).size()));
    if (file == options_.files.end()) {
        return exchange->respond(problem(not_found("no file has this hash"), request.path));
    }
    Response response;
    response.content_type = "application/octet-stream";
    response.file = file->second;
    exchange->respond(std::move(response));
}

}  // namespace herder::api
