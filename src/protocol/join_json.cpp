#include "protocol/join_json.h"

#include "protocol/agent_fields.h"

namespace herder::protocol {

template <class S, class V>
void fields(As<JoinRequest>, S& s, V& v) {
    v("protocol", s.protocol);
    v("agent_version", s.agent_version);
    v("features", s.features);
    v("intent", s.intent);
    v("token", s.token);
    v("contract", s.contract);
}
template <class S, class V>
void fields(As<JoinResponse>, S& s, V& v) {
    v("protocol", s.protocol);
    v("session_key", s.session_key);
    v("job", s.job);
    v("fence", s.fence);
    v("storage_roots", s.storage_roots);
}
template <class S, class V>
void fields(As<SignRequest>, S& s, V& v) {
    v("outputs", s.outputs);
    v("sizes", s.sizes);
}
template <class S, class V>
void fields(As<SignResponse>, S& s, V& v) {
    v("urls", s.urls);
}
template <class S, class V>
void fields(As<LogAnswer>, S& s, V& v) {
    v("next", s.next);
}

std::string to_json(const JoinRequest& request) {
    return write_document(request);
}
Result<JoinRequest> parse_join_request(std::string_view text) {
    return read_document<JoinRequest>(text, kJoinSizeMax).with_context("reading a join");
}
std::string to_json(const JoinResponse& response) {
    return write_document(response);
}
Result<JoinResponse> parse_join_response(std::string_view text) {
    return read_document<JoinResponse>(text, kJoinSizeMax)
        .with_context("reading the join's answer");
}
std::string to_json(const SignRequest& request) {
    return write_document(request);
}
Result<SignRequest> parse_sign_request(std::string_view text) {
    auto request = read_document<SignRequest>(text, kSignSizeMax);
    if (request && request->outputs.size() > kOutputsAskedMax) {
        return invalid("more than " + std::to_string(kOutputsAskedMax) + " outputs in one request");
    }
    if (request && !request->sizes.empty() && request->sizes.size() != request->outputs.size())
        return invalid("there must be a size for each output, or for none");
    return std::move(request).with_context("reading a request for URLs");
}
std::string to_json(const SignResponse& response) {
    return write_document(response);
}
Result<SignResponse> parse_sign_response(std::string_view text) {
    return read_document<SignResponse>(text, kSignSizeMax).with_context("reading URLs");
}
std::string to_json(const LogAnswer& answer) {
    return write_document(answer);
}
Result<LogAnswer> parse_log_answer(std::string_view text) {
    return read_document<LogAnswer>(text, kJoinSizeMax).with_context("reading a log's answer");
}

}  // namespace herder::protocol
