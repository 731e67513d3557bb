#pragma once
// The groups of routes behind Api::handle. Each function answers the exchange, now or later.
#include <string>
#include <vector>

#include "api/api.h"

namespace herder::api {

// One request on its way: the path in parts ("api", "v1" removed), the collaborators.
struct Call {
    const Parts& parts;
    const Options& options;
    Request& request;
    ExchangePtr exchange;
    std::vector<std::string> path;

    void fail(const Error& error) const;
    void json(int status, std::string body) const;
};

// True if the group knows the route (and has answered or will answer).
bool route_jobs(const Call& call);     // jobs_routes_json.cpp
bool route_streams(const Call& call);  // stream_routes_json.cpp: events, logs, outputs, checkpoints
bool route_market(const Call& call);   // market_routes_json.cpp: offers, instances, account
bool route_money(const Call& call);    // money_routes_json.cpp: cost, budgets
bool route_workdirs(const Call& call);  // workdir_routes.cpp

// Runs `with` on the engine's thread with the job that `text` names; answers 404 itself.
void with_job(const Call& call, const std::string& text,
              std::function<void(const Call&, const State&, Instant, JobId)> with);

}  // namespace herder::api
