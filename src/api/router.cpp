#include "api/router.h"

#include <algorithm>
#include <optional>

#include "base/suggest.h"

namespace herder::api {

namespace {

constexpr std::string_view kBase = "/api/v1";

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : std::string(path) + "/") {
        if (c != '/') {
            part += c;
        } else if (!part.empty()) {
            parts.push_back(std::move(part));
            part.clear();
        }
    }
    return parts;
}

std::string join_from(const std::vector<std::string>& parts, std::size_t first) {
    std::string text;
    for (std::size_t i = first; i < parts.size(); ++i)
        text += (text.empty() ? "" : "/") + parts[i];
    return text;
}

using Names = std::map<std::string, std::string, std::less<>>;

std::optional<Names> match(const std::vector<std::string>& pattern,
                           const std::vector<std::string>& parts) {
    Names names;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (i >= parts.size()) return std::nullopt;
        const std::string& wanted = pattern[i];
        if (wanted.front() != '{') {
            if (wanted != parts[i]) return std::nullopt;
        } else if (wanted.ends_with("...}")) {
            names[wanted.substr(1, wanted.size() - 5)] = join_from(parts, i);
            return names;
        } else {
            names[wanted.substr(1, wanted.size() - 2)] = parts[i];
        }
    }
    if (parts.size() != pattern.size()) return std::nullopt;
    return names;
}

}  // namespace

Match find_route(const std::vector<Route>& routes, const std::string& method,
                 const std::string& path) {
    Match found;
    if (!path.starts_with(kBase)) return found;
    const std::vector<std::string> parts = split(std::string_view(path).substr(kBase.size()));
    for (const Route& route : routes) {
        std::optional<Names> names = match(split(route.path), parts);
        if (!names) continue;
        const bool is_exact = method == route.method;
        const bool serves_head = method == "HEAD" && route.method == std::string_view("GET");
        if (is_exact || (serves_head && found.route == nullptr)) {
            found.route = &route;
            found.names = std::move(*names);
        }
        if (is_exact) return found;
        found.allowed.emplace_back(route.method);
    }
    return found;
}

std::vector<Complaint> unknown_parameters(const Route& route, const Request& request) {
    std::vector<Complaint> wrong;
    for (const auto& [name, value] : request.query) {
        if (std::find(route.query.begin(), route.query.end(), name) != route.query.end()) continue;
        wrong.push_back({"?" + name, "there is no query parameter '" + name + "' here",
                         nearest(name, route.query)});
    }
    return wrong;
}

}  // namespace herder::api
