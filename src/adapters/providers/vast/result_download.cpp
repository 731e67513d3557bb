#include "adapters/providers/vast/result_download.h"

#include "adapters/http/url.h"

namespace herder::vast {

namespace {

constexpr int kAttemptsMax = 30;
constexpr Duration kBetween = milliseconds(300);
constexpr std::size_t kResultLimit = 16 << 20;

http::CallError refuse(const std::string& why) {
    return {{ErrorCode::kForbidden, "fetching a result: " + why}, false};
}

}  // namespace

Download make_download(const std::string& market_url) {
    const auto market = http::parse_url(market_url);
    const std::string own_origin = market ? market->origin() : "";
    return [own_origin](const std::string& text,
                        const http::CallOptions& options) -> http::CallResult {
        const auto url = http::parse_url(text);
        if (!url) return refuse("the market named no proper address");
        if (!url->is_https() && url->origin() != own_origin) {
            return refuse("the market named an address that is not https");
        }
        auto client = http::Client::open(*url);
        if (!client) return http::CallError{client.error(), false};
        http::Request request;
        request.target = url->target;
        return (*client)->call(request, options);
    };
}

Result<std::string> await_result(const Download& download, const Sleep& pause,
                                 const std::string& url) {
    http::CallOptions options;
    options.body_limit = kResultLimit;
    std::string last = "nothing is there yet";
    for (int attempts = 0; attempts < kAttemptsMax; ++attempts) {
        if (attempts > 0) pause(kBetween);
        http::CallResult result = download(url, options);
        if (result && result->is_success()) return std::move(result->body);
        if (!result) {
            const ErrorCode code = result.error().error.code;
            if (code == ErrorCode::kForbidden || code == ErrorCode::kCorrupt) {
                return result.error().error;
            }
            last = result.error().error.message;
        } else if (result->status != 403 && result->status != 404 && result->status < 500) {
            return unavailable("fetching a result: it answers " + std::to_string(result->status));
        }
    }
    return not_found("fetching a result: " + last + "; try again in a minute");
}

}  // namespace herder::vast
