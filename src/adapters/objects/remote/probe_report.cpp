#include "adapters/objects/remote/probe_report.h"

namespace herder::remote {

int use_url(const UrlUse& use, const http::TlsTrust& trust, std::string* answer) {
    const auto parsed = http::parse_url(use.url);
    if (!parsed) return 0;
    http::ClientOptions options;
    options.trust = trust;
    const auto client = http::Client::open(*parsed, options);
    if (!client) return 0;
    http::Request request;
    request.method = use.method;
    request.target = parsed->target;
    request.headers = use.headers;
    request.body = use.body;
    const auto done = (*client)->call(request);
    if (done && answer != nullptr) *answer = done->body;
    return done ? done->status : 0;
}

}  // namespace herder::remote
