#pragma once
// The routes behind Api::handle: what exists, with which query parameters. Each answers its
// exchange, now or later.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "api/problem_json.h"

namespace herder::api {

class DiskWork;
class FileHashes;
class FirstJob;
class Followers;
class OutputListings;
class TreeSweep;

// What the routes need beside the collaborators; owned by the Api.
struct Own {
    DiskWork& disk;
    FileHashes& hashes;  // on the disk's thread only
    TreeSweep& sweep;    // on the disk's thread only
    Followers& followers;
    DiskWork& buckets;  // of users, a line of their own: a dead one holds up nobody else
    FirstJob& first_job;
    OutputListings& outputs;  // on the disk's thread only
};

// One request on its way.
struct Call {
    const Parts& parts;
    const Options& options;
    const Own& own;
    Request& request;
    ExchangePtr exchange;
    std::map<std::string, std::string, std::less<>> names;  // by the route's {name} parts

    void fail(const Problem& problem) const;
    void json(int status, std::string body) const;
    const std::string& name(std::string_view part) const;
};

struct Route {
    const char* method;
    const char* path;  // below /api/v1; {name} takes one part, {name...} all that are left
    std::vector<std::string> query;  // the parameters that it knows; others are refused
    void (*answer)(const Call&);
    bool is_public = false;  // answers without a token
};

std::vector<Route> meta_routes();        // meta_routes_json.cpp: health, version, problems
std::vector<Route> job_routes();         // jobs_routes_json.cpp
std::vector<Route> stream_routes();      // stream_routes_json.cpp: events
std::vector<Route> log_routes();         // log_routes_json.cpp
std::vector<Route> metric_routes();      // metric_routes_json.cpp
std::vector<Route> checkpoint_routes();  // checkpoint_routes_json.cpp
std::vector<Route> output_routes();      // output_routes_json.cpp
std::vector<Route> market_routes();      // market_routes_json.cpp: offers, account
std::vector<Route> machine_routes();     // machine_routes_json.cpp: instances, renting
std::vector<Route> money_routes();       // money_routes_json.cpp: cost, budgets
std::vector<Route> workdir_routes();     // workdir_routes.cpp
std::vector<Route> tree_routes();        // tree_routes.cpp
std::vector<Route> data_routes();        // data_routes_json.cpp: what lies in users' buckets
std::vector<Route> storage_routes();     // storage_routes_json.cpp
std::vector<Route> secret_routes();      // secret_routes_json.cpp
std::vector<Route> all_routes();

// Runs `with` on the engine's thread with the job that the route's {job} names; answers 404 itself.
void with_job(const Call& call,
              std::function<void(const Call&, const State&, Instant, JobId)> with);

// Runs `task` where calls to the provider are made; answers 429 itself when too many wait. Whoever
// asks much waits in a line of its own.
void ask_provider(const Call& call, ProviderRunner::Task task);
// The same after the call itself has ended.
struct Asker {
    ProviderRunner& provider;
    ExchangePtr exchange;
    std::string peer;
};
void ask_provider(const Asker& asker, ProviderRunner::Task task);

// Answers with the bytes of an object, or sends the client to where it is in the store; with
// `is_link` tells the address instead, for clients that would take their token along. On the files'
// thread.
void answer_bytes(const Parts& parts, const Options& options, const ExchangePtr& exchange,
                  const std::string& key, bool is_link);

// For when DiskWork takes nothing more.
Problem too_much_work();

}  // namespace herder::api
