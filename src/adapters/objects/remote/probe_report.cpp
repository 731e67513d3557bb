#include "adapters/objects/remote/probe_report.h"

#include <poll.h>

#include "adapters/objects/remote/repeated_call.h"

namespace herder::remote {

namespace {

constexpr int kTries = 4;
constexpr int kPauseMs = 200;

}  // namespace

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
    // A store that is busy says nothing of what it can do.
    for (int i = 1;; ++i) {
        const auto done = (*client)->call(request);
        if (done && is_passing(done->status) && i < kTries) {
            ::poll(nullptr, 0, kPauseMs * i);
            continue;
        }
        if (done && answer != nullptr) *answer = done->body;
        return done ? done->status : 0;
    }
}

}  // namespace herder::remote
