#pragma once
// One running orchestrator: store, engine, effect runners, API and the agents' listener, wired
// together. Everything that decides is elsewhere.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/cost_tracker/budget.h"
#include "core/step/settings.h"
#include "ports/provider.h"
#include "storage_wish.h"

namespace herder {

// The core's own, and what only a server with a real store does.
inline Settings server_settings() {
    Settings settings;
    settings.looks_at_runs = true;
    return settings;
}

struct ServerOptions {
    std::string data_dir;
    std::string listen = "127.0.0.1:8750";      // API, plain HTTP
    std::string agent_listen = "0.0.0.0:8751";  // agents, TLS with our own certificate
    std::string agent_url;                      // how machines reach it; empty: from the listener
    std::string vast_url;
    std::string vast_key;
    KeyReport key_found;               // where that key came from
    std::string webhook_secret;        // of the market's notifications; empty: none are taken
    std::string context = "default";   // whose server this is
    std::string label_prefix;          // four characters; empty: drawn once
    std::string artifact_prefix;       // part of every artifact's key; may be empty
    UsdPerHour hourly_max{};           // for all machines together; 0: none
    std::string agent_binary;          // empty: herder-agent beside this program
    std::string sdk_archive;           // empty: herder-sdk.tar.gz beside this program
    std::string record_file;           // --record; empty: none
    StorageWish storage;               // where checkpoints and outputs go
    std::string logs_keep;             // as config::parse_logs_keep reads it
    RunType run_type = RunType::kSsh;  // of rented machines
    std::int64_t time_scale_milli = 1000;
    bool ends_market = false;  // the market is a pretend one that lives no longer than the server
    std::optional<std::vector<BudgetSpec>> budgets;  // in force before anybody can find the server
    Settings settings = server_settings();
};

// Makes the folder where it is missing, for its owner alone.
Status make_data_folder(const std::string& data_dir);

class ServerApp {
  public:
    static Result<std::unique_ptr<ServerApp>> start(ServerOptions options);
    ~ServerApp();
    ServerApp(const ServerApp&) = delete;
    ServerApp& operator=(const ServerApp&) = delete;

    std::string url() const;
    std::string agent_url() const;
    std::string token() const;
    // Where artifacts lie: "folder" or "NAME (s3://...)".
    std::string storage() const;
    bool is_leading() const;
    // Machines that may exist and cost money; waits for the engine.
    std::size_t open_machines() const;
    // Who ended all machines, so that nothing is rented; empty: nobody. Waits for the engine.
    std::string renting_held_by() const;
    // Asks for the end of all jobs with this label that have not ended; returns how many.
    std::size_t cancel_labelled(const std::string& label);
    void stop();

  private:
    struct Impl;
    explicit ServerApp(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder
