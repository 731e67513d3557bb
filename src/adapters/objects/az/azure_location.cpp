#include "adapters/objects/az/azure_location.h"

#include <algorithm>

#include "ports/object_key.h"

namespace herder::az {

namespace {

constexpr std::string_view kScheme = "az://";

Error wrong(const std::string& text, const std::string& why) {
    return invalid("the storage '" + text + "' " + why + "; write az://ACCOUNT/CONTAINER/PREFIX");
}

// Names of accounts have 3 to 24 small letters and digits, of containers 3 to 63 and dashes
// (learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, November 2026).
bool is_name(const std::string& name, std::size_t length_max, bool may_have_dashes) {
    return name.size() >= 3 && name.size() <= length_max &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      (c == '-' && may_have_dashes);
           });
}

}  // namespace

bool is_azure(const std::string& text) {
    return text.starts_with(kScheme);
}

Status set_endpoint(Location& location, const std::string& endpoint) {
    const auto url = http::parse_url(endpoint);
    const bool is_origin = url && (url->target == "/" || url->target == "/" + location.account);
    if (!is_origin) return invalid("the endpoint '" + endpoint + "' is no http(s)://HOST");
    location.endpoint = url->origin();
    return ok();
}

Result<Location> parse_location(const std::string& text) {
    if (!is_azure(text)) return wrong(text, "does not begin with az://");
    const std::size_t mark = std::min(text.find('?'), text.size());
    std::string place = text.substr(kScheme.size(), mark - kScheme.size());
    while (place.ends_with('/'))
        place.pop_back();
    Location location;
    const std::size_t first = std::min(place.find('/'), place.size());
    location.account = place.substr(0, first);
    if (!is_name(location.account, 24, false)) return wrong(text, "names no account");
    const std::size_t second = std::min(place.find('/', first + 1), place.size());
    if (first < place.size()) location.container = place.substr(first + 1, second - first - 1);
    if (!is_name(location.container, 63, true)) return wrong(text, "names no container");
    if (second < place.size()) {
        const std::string prefix = place.substr(second + 1);
        if (!parse_object_key(prefix))
            return wrong(text, "has a prefix with other characters than A-Z a-z 0-9 . _ - /");
        location.prefix = prefix + "/";
    }
    const auto query =
        http::Query::parse(std::string_view(text).substr(std::min(mark + 1, text.size())));
    if (!query) return query.error();
    for (const auto& [name, value] : *query) {
        if (name != "endpoint" || !set_endpoint(location, value))
            return wrong(text, "has '" + name + "=" + value + "', which nothing knows");
    }
    return location;
}

std::string to_text(const Location& location) {
    std::string text = std::string(kScheme) + location.account + "/" + location.container;
    if (!location.prefix.empty())
        text += "/" + location.prefix.substr(0, location.prefix.size() - 1);
    http::Query query;
    if (!location.endpoint.empty()) query.add("endpoint", location.endpoint);
    return query.empty() ? text : text + "?" + query.text();
}

Result<Address> address_of(const Location& location, const std::string& container,
                           const std::string& blob) {
    const std::string endpoint = location.endpoint.empty()
                                     ? "https://" + location.account + ".blob.core.windows.net"
                                     : location.endpoint;
    const auto url = http::parse_url(endpoint);
    if (!url) return url.error();
    Address address;
    address.origin = *url;
    address.origin.target = "/";
    if (!url->host.starts_with(location.account + ".")) address.path = "/" + location.account;
    address.path += "/" + container;
    if (!blob.empty()) address.path += "/" + http::percent_encode_path(blob);
    return address;
}

}  // namespace herder::az
