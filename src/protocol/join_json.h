#pragma once
// How an agent becomes known: its one-time token for a session key, and how it asks for URLs of
// outputs whose names only it knows.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/jobs/agent_messages.h"

namespace herder::protocol {

constexpr std::size_t kJoinSizeMax = 256 << 10;
constexpr std::size_t kSignSizeMax = 2 << 20;
constexpr std::size_t kOutputsMax = 10'000;     // files of one attempt
constexpr std::size_t kOutputsAskedMax = 1000;  // of them in one request

struct JoinRequest {
    int protocol = kAgentProtocol;
    std::string agent_version;
    std::vector<std::string> features;
    IntentId intent;
    std::string token;    // one use
    ContractId contract;  // as the machine knows itself; 0: it does not
    bool operator==(const JoinRequest&) const = default;
};
struct JoinResponse {
    int protocol = kAgentProtocol;
    std::string session_key;  // bearer token of every later call, kept in memory only
    JobId job;
    Fence fence;
    std::string storage_roots{};  // PEM: authorities to trust beside the system's, for the store
    bool operator==(const JoinResponse&) const = default;
};

// Paths of output files relative to the output folder; the answer has one PUT URL for each, or an
// empty one for a file that goes in parts (output_parts_json.h).
struct SignRequest {
    std::vector<std::string> outputs;
    std::vector<std::int64_t> sizes{};  // of each; none: whoever asks sends every file whole
    bool operator==(const SignRequest&) const = default;
};
struct SignResponse {
    std::vector<std::string> urls;
    bool operator==(const SignResponse&) const = default;
};

// Answer to a log chunk: the offset that is wanted next, also with status 409 (a gap).
struct LogAnswer {
    std::uint64_t next = 0;
    bool operator==(const LogAnswer&) const = default;
};

std::string to_json(const JoinRequest& request);
Result<JoinRequest> parse_join_request(std::string_view text);
std::string to_json(const JoinResponse& response);
Result<JoinResponse> parse_join_response(std::string_view text);
std::string to_json(const SignRequest& request);
Result<SignRequest> parse_sign_request(std::string_view text);
std::string to_json(const SignResponse& response);
Result<SignResponse> parse_sign_response(std::string_view text);
std::string to_json(const LogAnswer& answer);
Result<LogAnswer> parse_log_answer(std::string_view text);

}  // namespace herder::protocol
