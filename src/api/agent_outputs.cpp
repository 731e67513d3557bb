// The files that a job leaves: where they go, and their hashes once they are there.
#include "api/agent_api.h"
#include "api/problem_json.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/layout.h"
#include "protocol/output_parts_json.h"

namespace herder::api {

namespace {

// URLs hold long enough for a slow link; those of parts come a window at a time.
constexpr Duration kUrlLife = hours(6);
constexpr Duration kPartUrlLife = hours(1);

void say_done(const ExchangePtr& exchange) {
    Response response;
    response.body = "{}";
    exchange->respond(std::move(response));
}

}  // namespace

bool is_output_in_use(const State& state, const std::string& key) {
    if (!protocol::is_output_key(key)) return false;
    const auto job = state.jobs.find(protocol::job_of_key(key));
    return job != state.jobs.end() && is_active(job->second.phase);
}

// Outputs of a job have one name each, whichever attempt stored them: an attempt that was given up
// must not write over those of the one that came after it. Not on the engine's thread.
Status AgentApi::check_newest(const Session& session) {
    const bool is_newest = parts_.engine.fetch<bool>([&](const State& state, Instant) {
        const auto job = state.jobs.find(session.attempt.job);
        return job != state.jobs.end() && job->second.fence == session.attempt.fence;
    });
    if (is_newest) return ok();
    return Error{ErrorCode::kConflict, "a later attempt of this job has begun; its outputs count"};
}

// Runs `with` on the thread for outputs. The attempt is looked at there: it may have waited for its
// turn for minutes.
void AgentApi::with_newest(const Request& request, const ExchangePtr& exchange,
                           std::function<void(const Session&)> with) {
    with_session(
        request, exchange,
        [this, exchange, with = std::move(with), path = request.path](const Session& session) {
            const bool is_taken = output_work_.run([=, this] {
                end_outputs();
                const Status newest = check_newest(session);
                if (!newest) return exchange->respond(problem(newest.error(), path));
                with(session);
            });
            if (!is_taken) exchange->respond(problem(unavailable("too much work"), path));
        });
}

void AgentApi::sign_outputs(const Request& request, const ExchangePtr& exchange) {
    const Result<protocol::SignRequest> wish = protocol::parse_sign_request(request.body);
    if (!wish) return exchange->respond(problem(wish.error(), request.path));
    with_newest(request, exchange,
                [=, this](const Session& session) { answer_outputs(session, *wish, exchange); });
}

void AgentApi::answer_outputs(const Session& session, const protocol::SignRequest& wish,
                              const ExchangePtr& exchange) {
    protocol::SignResponse answer;
    std::vector<std::string> whole;
    const std::string prefix = protocol::outputs_prefix(session.team, session.attempt.job);
    for (std::size_t i = 0; i < wish.outputs.size(); ++i) {
        const std::string& path = wish.outputs[i];
        answer.urls.emplace_back();
        const bool is_sized = i < wish.sizes.size();
        if (is_sized && output_desk_.takes_parts(Bytes{wish.sizes[i]})) continue;
        const Result<std::string> url =
            parts_.objects.sign(UrlVerb::kPut, prefix + path, parts_.clock.wall() + kUrlLife);
        if (!url)
            return exchange->respond(problem(url.error().with_context(path), protocol::kAgentSign));
        answer.urls.back() = *url;
        whole.push_back(path);
    }
    Status ready = output_desk_.begin({session.team, session.attempt}, whole);
    if (ready) ready = forget_hashes(session, whole);
    if (!ready) return exchange->respond(problem(ready.error(), protocol::kAgentSign));
    Response response;
    response.body = protocol::to_json(answer);
    exchange->respond(std::move(response));
}

void AgentApi::sign_output_parts(const Request& request, const ExchangePtr& exchange) {
    const auto wish = protocol::parse_output_parts_request(request.body);
    if (!wish) return exchange->respond(problem(wish.error(), request.path));
    with_newest(request, exchange, [=, this](const Session& session) {
        const WallTime expires = parts_.clock.wall() + kPartUrlLife;
        const auto parts = output_desk_.sign({session.team, session.attempt}, *wish, expires);
        if (!parts) return exchange->respond(problem(parts.error(), protocol::kAgentOutputParts));
        Response response;
        response.body = protocol::to_json(*parts);
        exchange->respond(std::move(response));
    });
}

void AgentApi::take_sent_output(const Request& request, const ExchangePtr& exchange) {
    const auto sent = protocol::parse_sent_output(request.body);
    if (!sent) return exchange->respond(problem(sent.error(), request.path));
    with_newest(request, exchange, [=, this](const Session& session) {
        const auto making = output_desk_.prepare({session.team, session.attempt}, *sent);
        if (!making) return exchange->respond(problem(making.error(), protocol::kAgentOutputSent));
        if (!*making) return say_done(exchange);
        make_output(session, **making, exchange);
    });
}

// On a thread that is free, while the one for outputs goes on. The attempt is looked at once more
// there.
void AgentApi::make_output(const Session& session, const OutputDesk::Making& making,
                           const ExchangePtr& exchange) {
    const bool is_taken = output_making_.run([=, this] {
        const Status made = output_desk_.make(making, [&] {
            const Status newest = check_newest(session);
            return newest ? forget_hashes(session, {making.upload.output.path}) : newest;
        });
        {
            const std::lock_guard lock(mutex_);
            made_.push_back({making, made, exchange});
        }
        // Where too many wait already, the first of them does it.
        (void)output_work_.run([this] { end_outputs(); });
    });
    if (is_taken) return;
    const Error busy = unavailable("too many outputs wait to be put together; ask again");
    (void)output_desk_.finish(making, busy);
    exchange->respond(problem(busy, protocol::kAgentOutputSent));
}

// On the thread for outputs, or once it has ended.
void AgentApi::end_outputs() {
    std::vector<Made> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(made_);
    }
    for (const Made& one : all) {
        const Status done = output_desk_.finish(one.making, one.outcome);
        if (done)
            say_done(one.exchange);
        else
            one.exchange->respond(problem(done.error(), protocol::kAgentOutputSent));
    }
}

// Before the first byte of a file can change: whatever becomes of this attempt, the hash of an
// earlier one must not speak against it.
Status AgentApi::forget_hashes(const Session& session, const std::vector<std::string>& paths) {
    const std::string key = protocol::output_hashes_key(session.team, session.attempt.job);
    const std::lock_guard lock(hashes_mutex_);
    const Result<std::string> before = parts_.objects.get(key, protocol::kOutputHashesSizeMax);
    if (!before && before.error().code == ErrorCode::kNotFound) return ok();
    if (!before) return before.error();
    // A damaged list has no hashes.
    protocol::OutputHashes all =
        protocol::parse_output_hashes(*before).value_or(protocol::OutputHashes{});
    std::size_t count = 0;
    for (const std::string& path : paths)
        count += all.erase(path);
    return count == 0 ? ok() : parts_.objects.put(key, protocol::to_text(all), false);
}

void AgentApi::note_outputs(const Request& request, const ExchangePtr& exchange) {
    const auto hashes = protocol::parse_output_hashes(request.body);
    if (!hashes) return exchange->respond(problem(hashes.error(), request.path));
    with_newest(request, exchange,
                [=, this](const Session& session) { write_hashes(session, *hashes, exchange); });
}

// On the thread for outputs. Those of earlier attempts stay: so do their files. Where the list
// would become too long to be read, only the newest attempt's are left.
void AgentApi::write_hashes(const Session& session, const protocol::OutputHashes& hashes,
                            const ExchangePtr& exchange) {
    const std::string key = protocol::output_hashes_key(session.team, session.attempt.job);
    protocol::OutputHashes all = hashes;
    const std::lock_guard lock(hashes_mutex_);
    const Result<std::string> before = parts_.objects.get(key, protocol::kOutputHashesSizeMax);
    if (!before && before.error().code != ErrorCode::kNotFound)
        return exchange->respond(problem(before.error(), protocol::kAgentOutputs));
    // A damaged list is written anew: its hashes would be of no use.
    if (before)
        all.merge(protocol::parse_output_hashes(*before).value_or(protocol::OutputHashes{}));
    std::string text = protocol::to_text(all);
    if (text.size() > protocol::kOutputHashesSizeMax) text = protocol::to_text(hashes);
    const Status written = parts_.objects.put(key, text, false);
    if (!written) return exchange->respond(problem(written.error(), protocol::kAgentOutputs));
    say_done(exchange);
}

}  // namespace herder::api
