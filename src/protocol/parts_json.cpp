#include "protocol/parts_json.h"

#include "protocol/agent_fields.h"

namespace herder::protocol {

template <class S, class V>
void fields(As<PartsRequest>, S& s, V& v) {
    v("checkpoint", s.checkpoint);
    v("index", s.index);
    v("from", s.from);
    v("crc32c", s.crc32c);
}
template <class S, class V>
void fields(As<PartUrl>, S& s, V& v) {
    v("number", s.number);
    v("offset", s.offset);
    v("size", s.size);
    v("url", s.url);
    v("headers", s.headers);
}
template <class S, class V>
void fields(As<PartsResponse>, S& s, V& v) {
    v("parts", s.parts);
    v("next", s.next);
}

std::string to_json(const PartsRequest& request) {
    return write_document(request);
}
namespace {
// No store numbers parts beyond it (S3, multipart upload limits, as of 2026).
constexpr int kPartNumberMax = 10'000;
}  // namespace

Result<PartsRequest> parse_parts_request(std::string_view text) {
    auto request = read_document<PartsRequest>(text, kPartsSizeMax);
    if (request && (request->index < 0 || request->from < 1 || request->from > kPartNumberMax)) {
        return invalid("reading a request for parts: there is no such part");
    }
    return std::move(request).with_context("reading a request for parts");
}
std::string to_json(const PartsResponse& response) {
    return write_document(response);
}
Result<PartsResponse> parse_parts_response(std::string_view text) {
    return read_document<PartsResponse>(text, kPartsSizeMax).with_context("reading the parts");
}

}  // namespace herder::protocol
