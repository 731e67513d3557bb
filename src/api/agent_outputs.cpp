// The files that a job leaves: where they go, and their hashes once they are there.
#include "api/agent_api.h"
#include "api/problem_json.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/layout.h"

namespace herder::api {

namespace {

// URLs hold long enough for a slow link.
constexpr Duration kUrlLife = hours(6);

}  // namespace

// Outputs of a job have one name each, whichever attempt stored them: an attempt that was given up
// must not write over those of the one that came after it.
void AgentApi::with_newest(const Request& request, const ExchangePtr& exchange,
                           std::function<void(const Session&)> with) {
    with_session(
        request, exchange,
        [this, exchange, with = std::move(with), path = request.path](const Session& session) {
            parts_.engine.read([=](const State& state, Instant) {
                const auto job = state.jobs.find(session.attempt.job);
                if (job != state.jobs.end() && job->second.fence == session.attempt.fence)
                    return with(session);
                exchange->respond(
                    problem(Error{ErrorCode::kConflict,
                                  "a later attempt of this job has begun; its outputs count"},
                            path));
            });
        });
}

void AgentApi::sign_outputs(const Request& request, const ExchangePtr& exchange) {
    const Result<protocol::SignRequest> wish = protocol::parse_sign_request(request.body);
    if (!wish) return exchange->respond(problem(wish.error(), request.path));
    with_newest(request, exchange, [=, this](const Session& session) {
        if (!disk_.run([=, this] { answer_outputs(session, *wish, exchange); }))
            exchange->respond(problem(unavailable("too much work"), protocol::kAgentSign));
    });
}

// On the thread for files, like write_hashes().
void AgentApi::answer_outputs(const Session& session, const protocol::SignRequest& wish,
                              const ExchangePtr& exchange) {
    protocol::SignResponse answer;
    const std::string prefix = protocol::outputs_prefix(session.team, session.attempt.job);
    for (const std::string& path : wish.outputs) {
        const Result<std::string> url =
            parts_.objects.sign(UrlVerb::kPut, prefix + path, parts_.clock.wall() + kUrlLife);
        if (!url)
            return exchange->respond(problem(url.error().with_context(path), protocol::kAgentSign));
        answer.urls.push_back(*url);
    }
    const Status forgotten = forget_hashes(session, wish.outputs);
    if (!forgotten) return exchange->respond(problem(forgotten.error(), protocol::kAgentSign));
    Response response;
    response.body = protocol::to_json(answer);
    exchange->respond(std::move(response));
}

// Before the first byte of a file can change: whatever becomes of this attempt, the hash of an
// earlier one must not speak against it.
Status AgentApi::forget_hashes(const Session& session, const std::vector<std::string>& paths) {
    const std::string key = protocol::output_hashes_key(session.team, session.attempt.job);
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
    with_newest(request, exchange, [=, this](const Session& session) {
        if (!disk_.run([=, this] { write_hashes(session, *hashes, exchange); }))
            exchange->respond(problem(unavailable("too much work"), protocol::kAgentOutputs));
    });
}

// On the thread for files. Those of earlier attempts stay: so do their files.
void AgentApi::write_hashes(const Session& session, const protocol::OutputHashes& hashes,
                            const ExchangePtr& exchange) {
    const std::string key = protocol::output_hashes_key(session.team, session.attempt.job);
    protocol::OutputHashes all = hashes;
    const Result<std::string> before = parts_.objects.get(key, protocol::kOutputHashesSizeMax);
    if (!before && before.error().code != ErrorCode::kNotFound)
        return exchange->respond(problem(before.error(), protocol::kAgentOutputs));
    // A damaged list is written anew: its hashes would be of no use.
    if (before)
        all.merge(protocol::parse_output_hashes(*before).value_or(protocol::OutputHashes{}));
    const Status written = parts_.objects.put(key, protocol::to_text(all), false);
    if (!written) return exchange->respond(problem(written.error(), protocol::kAgentOutputs));
    Response response;
    response.body = "{}";
    exchange->respond(std::move(response));
}

}  // namespace herder::api
