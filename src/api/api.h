#pragma once
// The HTTP API of the orchestrator, /api/v1 and the agents' endpoints: request -> engine -> answer,
// authorisation, event streams. No sockets here; docs/reference/api.md describes every route.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/exchange.h"
#include "api/live_feed.h"
#include "api/log_retention.h"
#include "api/log_store.h"
#include "api/secret_store.h"
#include "engine/engine_thread.h"
#include "engine/provider_runner.h"
#include "ports/data_buckets.h"
#include "ports/object_store.h"
#include "ports/store.h"

namespace herder::api {

struct Options {
    std::string token_hash;  // SHA-256 (hex) of the API token
    std::string version;
    std::size_t workdir_limit = 512ULL << 20;
    std::function<WallTime()> wall;
    std::string context = "default";  // of all jobs here
    // Which no budget file and no request removes: the context's own.
    std::vector<BudgetSpec> guards;
    // Of the provider's key; called where calls to the provider are made. Empty: not told.
    std::function<KeyReport()> key_report;
    // The same of what else the account has registered.
    std::function<AccountSetup()> account_setup;
    // The local file of an object, where the store has one; otherwise outputs are redirected to a
    // signed URL.
    std::function<Result<std::string>(const std::string& key)> file_of;
    // Makes a spooled file an object (moves it); kConflict when the key exists.
    std::function<Status(const std::string& key, const std::string& file, std::uint32_t crc32c)>
        adopt;
    DataBuckets* buckets = nullptr;  // outlives the Api; null: there are none
    std::string mac_key = {};        // the cluster's, that seals what it writes into the store
    // As LogRetention tells them. Empty: none are.
    std::function<std::vector<DeniedLogs>()> denied_logs = {};
};

// Collaborators; all outlive the Api.
struct Parts {
    EngineThread& engine;
    Store& store;  // read on the engine's thread only
    ObjectStore& objects;
    ProviderRunner& provider;
    LogStore& logs;
    LiveFeed& feed;
    SecretStore& secrets;
};

class Api {
  public:
    Api(Parts parts, Options options);
    ~Api();  // stop()
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    // Any thread; must not block. Requests of people and programs (/api/v1).
    void handle(Request request, ExchangePtr exchange);
    // Of a request whose body has not arrived yet: the answer if it is refused whatever the body
    // is, so that nobody without a token fills the disk. Any thread.
    std::optional<Response> refuse_head(const Request& request);
    // Ends the open streams and the work on files; call it before the engine stops.
    void stop();

  private:
    struct Impl;
    void route(Request& request, const ExchangePtr& exchange);
    bool is_authorised(const Request& request) const;
    std::string next_request_id();

    Parts parts_;
    Options options_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder::api
