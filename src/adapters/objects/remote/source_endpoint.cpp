#include "adapters/objects/remote/source_endpoint.h"

#include <algorithm>

#include "adapters/objects/remote/safe_address.h"

namespace herder::remote {

namespace {

bool is_own(const std::string& endpoint, const std::vector<std::string>& own) {
    const auto url = http::parse_url(endpoint);
    if (!url) return false;
    return is_loopback_number(url->host) ||
           std::find(own.begin(), own.end(), url->origin()) != own.end();
}

}  // namespace

Status check_source_endpoint(const BucketAddress& source, const std::vector<std::string>& own) {
    if (source.scheme == BucketScheme::kAmazon) return ok();
    const auto settings = http::Query::parse(source.settings);
    if (!settings) return settings.error();
    for (const std::string& endpoint : settings->get_all("endpoint")) {
        if (is_own(endpoint, own)) continue;
        return Error{ErrorCode::kForbidden,
                     "the data source " + to_text(source) + " names the endpoint '" + endpoint +
                         "', which no storage of this server has; it would be sent credentials "
                         "that are good elsewhere too; leave the endpoint out, or if it is yours "
                         "let whoever runs the server add it there with 'herder storage add NAME "
                         "LOCATION'"};
    }
    return ok();
}

}  // namespace herder::remote
