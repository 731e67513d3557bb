#pragma once
// The agents' endpoints: join, the long-polled sync, logs, signed URLs for outputs, and the files
// that every machine fetches by hash. Their own listener speaks TLS with a pinned certificate.
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/disk_work.h"
#include "api/document_cache.h"
#include "api/exchange.h"
#include "api/live_feed.h"
#include "api/log_store.h"
#include "api/output_desk.h"
#include "api/parked_polls.h"
#include "api/part_desk.h"
#include "api/secret_store.h"
#include "engine/engine_thread.h"
#include "ports/clock.h"
#include "ports/data_buckets.h"
#include "ports/object_store.h"
#include "protocol/join_json.h"
#include "protocol/orders_json.h"
#include "protocol/output_hashes.h"

namespace herder::api {

struct AgentOptions {
    std::string session_secret;  // session keys are derived from it and the one-time token
    std::string provider_name;
    Duration report_every = seconds(10);         // how long a sync is held when there is no news
    std::string sdk_sha256{};                    // of the SDK archive; empty: none
    std::map<std::string, std::string> files{};  // SHA-256 (hex) -> path: agent binary, SDK archive
    DataBuckets* buckets = nullptr;              // outlives the AgentApi; null: there are none
    std::string storage_roots{};                 // PEM: private authorities of the buckets
};

struct AgentParts {
    EngineThread& engine;
    ObjectStore& objects;
    LogStore& logs;
    LiveFeed& feed;
    Clock& clock;
    SecretStore& secrets;
};

// The store's key of what an input names; empty where it names its own URL, or an output of a job
// that its team does not have.
std::string input_key(const State& state, const JobSpec& spec, const DataInput& input);

// Whether the attempt that a job has now may still send to an upload of this key; never where the
// key is of no output.
bool is_output_in_use(const State& state, const std::string& key);

class AgentApi {
  public:
    AgentApi(AgentParts parts, AgentOptions options);
    ~AgentApi();

    // Any thread; must not block.
    void handle(Request request, ExchangePtr exchange);
    // Answers all parked polls; call before the server stops.
    void stop();

  private:
    // Whom a session key belongs to.
    struct Session {
        IntentId intent;
        AttemptKey attempt;
        std::string team;
    };

    // What came of an object that was to be made of its parts, and who waits for it.
    struct Made {
        OutputDesk::Making making;
        Status outcome;
        ExchangePtr exchange;
    };

    void join(const Request& request, const ExchangePtr& exchange);
    void sync(const Request& request, const ExchangePtr& exchange);
    void ask_orders(const std::string& session_hash, const AgentReport& report,
                    const ExchangePtr& exchange, Instant hold_until);
    void answer_orders(const State& state, const AgentReport& report, const AgentOrders& orders,
                       const ExchangePtr& exchange);
    // agent_logs.cpp:
    void store_log(const Request& request, const ExchangePtr& exchange);
    void answer_log(const LogName& name, const Result<std::int64_t>& end,
                    const ExchangePtr& exchange);
    void sign_parts(const Request& request, const ExchangePtr& exchange);
    // agent_outputs.cpp:
    void sign_outputs(const Request& request, const ExchangePtr& exchange);
    Status check_newest(const Session& session);
    void sign_output_parts(const Request& request, const ExchangePtr& exchange);
    void take_sent_output(const Request& request, const ExchangePtr& exchange);
    void make_output(const Session& session, const OutputDesk::Making& making,
                     const ExchangePtr& exchange);
    void end_outputs();
    void answer_outputs(const Session& session, const protocol::SignRequest& wish,
                        const ExchangePtr& exchange);
    Status forget_hashes(const Session& session, const std::vector<std::string>& paths);
    void note_outputs(const Request& request, const ExchangePtr& exchange);
    void with_newest(const Request& request, const ExchangePtr& exchange,
                     std::function<void(const Session&)> with);
    void write_hashes(const Session& session, const protocol::OutputHashes& hashes,
                      const ExchangePtr& exchange);
    void sign_chunks(const Request& request, const ExchangePtr& exchange);  // agent_data.cpp
    void answer_chunks(const protocol::ChunkWish& wish, const ExchangePtr& exchange);
    Result<protocol::SignResponse> sign_pieces(const protocol::ChunkWish& wish);
    Result<protocol::SignResponse> sign_files(const protocol::ChunkWish& wish);
    void give_secrets(const Request& request, const ExchangePtr& exchange);  // agent_secrets.cpp
    void send_file(const Request& request, const ExchangePtr& exchange);
    void with_session(const Request& request, const ExchangePtr& exchange,
                      std::function<void(const Session&)> with);

    AgentParts parts_;
    AgentOptions options_;
    ParkedPolls parked_;
    TreeCache trees_;
    ListingCache listings_;
    PartDesk part_desk_;
    OutputDesk output_desk_;
    std::mutex hashes_mutex_;  // of whoever reads and rewrites a job's list of hashes
    DiskWork disk_;            // calls of the store, which may wait for a network
    DiskWork output_work_;     // the same for outputs
    DiskWork output_making_;   // to make an object of parts may take minutes
    DiskWork bucket_work_;  // the same of users' buckets, so that a dead one holds up nobody else
    std::mutex mutex_;
    std::map<std::string, Session> sessions_;  // by hash of the key; guarded by mutex_
    std::vector<Made> made_;                   // that the desk does not know of yet; likewise
};

}  // namespace herder::api
