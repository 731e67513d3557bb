// What a machine may fetch of the artifact store for its job: URLs with an end.
#include <algorithm>

#include "api/agent_api.h"
#include "api/problem_json.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/layout.h"
#include "protocol/tree_json.h"

namespace herder::api {

namespace {

bool names_tree(const JobSpec& spec, const std::string& key) {
    return spec.workdir_object == key ||
           std::any_of(spec.inputs.begin(), spec.inputs.end(),
                       [&](const DataInput& input) { return input.tree == key; });
}

}  // namespace

std::string input_key(const State& state, const JobSpec& spec, const DataInput& input) {
    if (!input.tree.empty()) return input.tree;
    const std::size_t slash = input.object.find('/');
    if (slash == std::string::npos) return {};
    const Result<JobId> job = parse_id<JobTag>(input.object.substr(0, slash));
    const auto found = job ? state.jobs.find(*job) : state.jobs.end();
    if (found == state.jobs.end() || found->second.spec.team != spec.team) return {};
    return protocol::outputs_prefix(spec.team, *job) + input.object.substr(slash + 1);
}

void AgentApi::sign_chunks(const Request& request, const ExchangePtr& exchange) {
    const Result<protocol::ChunkWish> wish = protocol::parse_chunk_wish(request.body);
    if (!wish) return exchange->respond(problem(wish.error(), request.path));
    with_session(request, exchange, [=, this](const Session& session) {
        parts_.engine.read([=, this](const State& state, Instant) {
            const auto job = state.jobs.find(session.attempt.job);
            if (job == state.jobs.end() || !names_tree(job->second.spec, wish->tree)) {
                return exchange->respond(problem(
                    Error{ErrorCode::kForbidden, "this tree is not one of the machine's job"},
                    protocol::kAgentChunks));
            }
            if (!disk_.run([=, this] { answer_chunks(*wish, exchange); }))
                exchange->respond(problem(unavailable("too much work"), protocol::kAgentChunks));
        });
    });
}

// On the thread for files.
void AgentApi::answer_chunks(const protocol::ChunkWish& wish, const ExchangePtr& exchange) {
    const auto tree = trees_.get(wish.tree);
    if (!tree) return exchange->respond(problem(tree.error(), protocol::kAgentChunks));
    const auto& chunks = (*tree)->chunks;
    protocol::SignResponse response;
    const auto end =
        std::min<std::size_t>(chunks.size(), static_cast<std::size_t>(wish.from + wish.pieces));
    for (auto i = static_cast<std::size_t>(wish.from); i < end; ++i) {
        const auto url = parts_.objects.sign(UrlVerb::kGet, protocol::chunk_key(chunks[i].sha256),
                                             parts_.clock.wall() + hours(6));
        if (!url) return exchange->respond(problem(url.error(), protocol::kAgentChunks));
        response.urls.push_back(*url);
    }
    Response answer;
    answer.body = protocol::to_json(response);
    exchange->respond(std::move(answer));
}

}  // namespace herder::api
