#pragma once
// Finds the route of a request, or what to say when there is none. Pure.
#include "api/routes.h"

namespace herder::api {

struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> names;
    std::vector<std::string> allowed;  // without a route: the methods that the path has
};

// `path` as in Request. HEAD is served by GET where it has no route of its own.
Match find_route(const std::vector<Route>& routes, const std::string& method,
                 const std::string& path);

// Query parameters that the route does not know.
std::vector<Complaint> unknown_parameters(const Route& route, const Request& request);

}  // namespace herder::api
