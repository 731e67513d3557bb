#include "protocol/orders_json.h"

#include "protocol/agent_fields.h"

namespace herder::protocol {

template <class S, class V>
void fields(As<SignedObject>, S& s, V& v) {
    v("index", s.index);
    v("url", s.url);
}
template <class S, class V>
void fields(As<RestoreFile>, S& s, V& v) {
    v("file", s.file);
    v("url", s.url);
}
template <class S, class V>
void fields(As<RestorePlan>, S& s, V& v) {
    v("checkpoint", s.checkpoint);
    v("files", s.files);
}
template <class S, class V>
void fields(As<PartRules>, S& s, V& v) {
    v("size_min", s.size_min);
    v("parts_max", s.parts_max);
    v("is_checked", s.is_checked);
}
template <class S, class V>
void fields(As<SyncResponse>, S& s, V& v) {
    v("orders", s.orders);
    v("upload_urls", s.upload_urls);
    v("upload_parts", s.upload_parts);
    v("outcome_url", s.outcome_url);
    v("probe_put_url", s.probe_put_url);
    v("probe_get_url", s.probe_get_url);
    v("restore", s.restore);
    v("workdir_url", s.workdir_url);
    v("input_urls", s.input_urls);
    v("sdk_sha256", s.sdk_sha256);
    v("job_env", s.job_env);
}

std::string to_json(const AgentOrders& orders) {
    return write_document(orders);
}

Result<AgentOrders> parse_orders(std::string_view text) {
    return read_document<AgentOrders>(text, kOrdersSizeMax).with_context("reading orders");
}

std::string to_json(const SyncResponse& response) {
    return write_document(response);
}

Result<SyncResponse> parse_sync_response(std::string_view text) {
    return read_document<SyncResponse>(text, kOrdersSizeMax)
        .with_context("reading the answer to a report");
}

}  // namespace herder::protocol
