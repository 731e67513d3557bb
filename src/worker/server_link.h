#pragma once
// Talks to the orchestrator: join, sync, logs, and the signed URLs of the artifact store. Blocking;
// one call is one attempt, the callers decide what to try again. Thread-safe.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/http/client.h"
#include "base/result.h"
#include "core/jobs/agent_messages.h"
#include "core/worker/rate_pacer.h"
#include "protocol/join_json.h"
#include "protocol/orders_json.h"
#include "protocol/output_parts_json.h"
#include "protocol/parts_json.h"
#include "protocol/secrets_json.h"
#include "protocol/tree_json.h"
#include "worker/link_turns.h"

namespace herder {

class ServerLink {
  public:
    // `urls`: origins of the orchestrator, tried in turn. `pin`: hex SHA-256 of its public key,
    // empty for the system's roots. `turns_clock`: of whose turn it is.
    ServerLink(std::vector<std::string> urls, std::string pin,
               std::function<Instant()> turns_clock = real_now);
    ~ServerLink();

    Result<protocol::JoinResponse> join(const protocol::JoinRequest& request);
    // Instead, with what an earlier join brought.
    void resume(const std::string& session_key, const std::string& storage_roots);
    Result<protocol::SyncResponse> sync(const AgentReport& report, Duration timeout,
                                        const http::CancelToken& cancel);
    Result<protocol::PartsResponse> parts(const protocol::PartsRequest& request,
                                          const http::CancelToken* cancel = nullptr);
    Result<protocol::SignResponse> sign(const protocol::SignRequest& request,
                                        const http::CancelToken* cancel = nullptr);
    // As `parts`, of an output that goes in parts; and all of them were sent. The latter may take
    // minutes. kConflict: a later attempt has begun.
    Result<protocol::PartsResponse> output_parts(const protocol::OutputPartsRequest& request,
                                                 const http::CancelToken* cancel = nullptr);
    Status finish_output(const protocol::SentOutput& sent, const http::CancelToken& cancel);
    // The hashes of outputs that are stored, as output_hashes.h writes them.
    Status tell_outputs(const std::string& hashes);
    // Refused without asking where the server is not spoken to by TLS.
    Result<protocol::SecretsResponse> secrets();
    // The offset that the server wants next. `ages`: as log_ages.h writes them; may be empty.
    Result<std::uint64_t> send_log(const std::string& stream, std::uint64_t offset,
                                   const std::string& text, const std::string& ages);

    struct Download {
        std::string url;  // absolute, or relative to the server
        std::string path;
        const http::CancelToken* cancel = nullptr;
        std::function<void(std::string_view)> on_piece;  // for checksums
        std::string etag{};  // kConflict where the object has another one now; empty: any will do
    };
    // Writes a new file; what was there before is replaced.
    Status download(const Download& request);
    // A small object, whole. kCorrupt where it is larger than `limit`.
    Result<std::string> fetch(const std::string& url, std::size_t limit,
                              const http::CancelToken* cancel);
    Result<protocol::SignResponse> chunk_urls(const protocol::ChunkWish& wish);
    // A piece of an object, or all of it. Several threads at once.
    struct RangeWish {
        std::string url;
        Bytes offset;
        Bytes size;
        bool is_whole = false;  // no range is asked for
        bool is_fresh = false;  // over a new connection
        const http::CancelToken* cancel = nullptr;
        http::BodyTarget target;
        Duration* asked_wait = nullptr;  // as in UploadWay
    };
    // kConflict where the store answers with more than was asked for.
    Status fetch_range(const RangeWish& wish);

    struct UploadWay {
        const http::CancelToken* cancel = nullptr;
        Duration timeout = hours(2);
        bool is_fresh = false;  // over a new connection
        // Out: how long the store asks to be left alone, with 429 and 503.
        Duration* asked_wait = nullptr;
        std::function<void()> on_sent{};  // with each piece that goes
    };
    // kConflict: of the store; it says nothing of attempts.
    Status upload_file(const std::string& url, const std::string& path, const UploadWay& way);
    // Its range of the file; several threads at once.
    Status upload_part(const protocol::PartUrl& part, const std::string& path,
                       const UploadWay& way);
    // All uploads together, from now on; zero: no limit.
    void limit_uploads(Bytes per_second);
    Status upload_text(const std::string& url, const std::string& text);
    // Whose turn it is. The callers ask before each piece; nothing here does.
    LinkTurns& turns() { return turns_; }

  private:
    Result<http::Response> post(const std::string& target, const std::string& content_type,
                                const std::string& body, const http::CallOptions& options);
    // The client for an origin, made at first use; and the target below it.
    Result<http::Client*> client_of(const std::string& origin);
    Result<std::pair<http::Client*, std::string>> resolve(const std::string& url);
    // Waits until so many bytes may go.
    Status admit(std::size_t size, const http::CancelToken* cancel);
    std::string base() const;
    void next_base();

    const std::vector<std::string> urls_;
    const std::string pin_;
    LinkTurns turns_;
    mutable std::mutex mutex_;
    std::size_t base_ = 0;       // index into urls_, guarded by mutex_ like all below
    std::string session_key_;    // in memory only
    std::string storage_roots_;  // PEM, see JoinResponse
    std::map<std::string, std::unique_ptr<http::Client>> clients_;
    RatePacer pacer_{Bytes{}};
    bool is_paced_ = false;
};

}  // namespace herder
