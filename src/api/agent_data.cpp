// What a machine may fetch of the artifact store for its job: URLs with an end.
#include <algorithm>
#include <functional>

#include "api/agent_api.h"
#include "api/problem_json.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/layout.h"
#include "protocol/tree_json.h"

namespace herder::api {

namespace {

constexpr Duration kReadFor = hours(6);

bool names_tree(const JobSpec& spec, const std::string& key) {
    return spec.workdir_object == key ||
           std::any_of(spec.inputs.begin(), spec.inputs.end(),
                       [&](const DataInput& input) { return input.tree == key; });
}

// `sign`: the URL of one of `count` parts. Ends at the first that cannot be signed.
Result<protocol::SignResponse> sign_each(
    const protocol::ChunkWish& wish, std::size_t count,
    const std::function<Result<std::string>(std::size_t i)>& sign) {
    protocol::SignResponse response;
    for (std::size_t i = wish.begin(); i < wish.end(count); ++i) {
        auto url = sign(i);
        if (!url) return url.error();
        response.urls.push_back(std::move(*url));
    }
    return response;
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
            const bool is_tree = !protocol::tree_of_key(wish->tree).empty();
            DiskWork& work = is_tree ? disk_ : bucket_work_;
            if (!work.run([=, this] { answer_chunks(*wish, exchange); }))
                exchange->respond(problem(unavailable("too much work"), protocol::kAgentChunks));
        });
    });
}

// On the thread for files.
void AgentApi::answer_chunks(const protocol::ChunkWish& wish, const ExchangePtr& exchange) {
    const bool is_tree = !protocol::tree_of_key(wish.tree).empty();
    const auto signed_urls = is_tree ? sign_pieces(wish) : sign_files(wish);
    if (!signed_urls)
        return exchange->respond(problem(signed_urls.error(), protocol::kAgentChunks));
    Response answer;
    answer.body = protocol::to_json(*signed_urls);
    exchange->respond(std::move(answer));
}

Result<protocol::SignResponse> AgentApi::sign_pieces(const protocol::ChunkWish& wish) {
    const auto tree = trees_.get(wish.tree);
    if (!tree) return tree.error();
    const auto& chunks = (*tree)->chunks;
    const WallTime expires = parts_.clock.wall() + kReadFor;
    return sign_each(wish, chunks.size(), [&](std::size_t i) {
        return parts_.objects.sign(UrlVerb::kGet, protocol::chunk_key(chunks[i].sha256), expires);
    });
}

// The files of a user's bucket, where they are.
Result<protocol::SignResponse> AgentApi::sign_files(const protocol::ChunkWish& wish) {
    const auto listing = listings_.get(wish.tree);
    if (!listing) return listing.error();
    if (options_.buckets == nullptr) return unavailable("this server reads no buckets");
    const std::string& source = (*listing)->source;
    const auto& files = (*listing)->files;
    const WallTime expires = parts_.clock.wall() + kReadFor;
    return sign_each(wish, files.size(), [&](std::size_t i) {
        return options_.buckets->sign(source, files[i].path, expires);
    });
}

}  // namespace herder::api
