#pragma once
// The answer to a report: the core's orders, and what the server's shell adds to them: signed URLs,
// the machine's facts for the job's environment, and where the SDK is.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/jobs/agent_messages.h"
#include "protocol/parts_json.h"

namespace herder::protocol {

constexpr std::size_t kOrdersSizeMax = 16 << 20;

// Where object o/<index> of the granted checkpoint goes (PUT).
struct SignedObject {
    int index = 0;
    std::string url;
    bool operator==(const SignedObject&) const = default;
};

// One file of the checkpoint to resume from (GET); verified by size and checksum while it streams.
struct RestoreFile {
    CheckpointFile file;
    std::string url;
    bool operator==(const RestoreFile&) const = default;
};
// All files of orders.assignment->resume_from, from its committed manifest.
struct RestorePlan {
    CheckpointId checkpoint;
    std::vector<RestoreFile> files;
    bool operator==(const RestorePlan&) const = default;
};

// URLs are absolute, or begin with '/' and are then relative to the server that answered. They are
// signed anew with each answer and hold for at least an hour; outcome_url holds as long as the
// agent may be alone (detached_for plus dead_man_after).
struct SyncResponse {
    AgentOrders orders;
    std::vector<SignedObject> upload_urls;  // while orders.grant is there: one for each file
    // Instead of upload_urls: the objects go in parts cut so, for which kAgentParts gives URLs.
    std::optional<PartRules> upload_parts;
    std::string outcome_url;              // PUT
    std::string probe_put_url;            // with orders.admission: one object to send
    std::string probe_get_url;            // and the same to fetch
    std::optional<RestorePlan> restore;   // with an assignment that names a checkpoint
    std::string workdir_url;              // GET, with an assignment that has a workdir_object
    std::vector<std::string> input_urls;  // GET, one for each input; empty: it names its own
    std::string sdk_sha256;               // of the tar.gz at kAgentFiles; empty: none
    std::map<std::string, std::string> job_env;  // HERDER_PRICE_PER_HOUR, HERDER_PROVIDER, ...
    bool operator==(const SyncResponse&) const = default;
};

std::string to_json(const AgentOrders& orders);
Result<AgentOrders> parse_orders(std::string_view text);
std::string to_json(const SyncResponse& response);
Result<SyncResponse> parse_sync_response(std::string_view text);

}  // namespace herder::protocol
