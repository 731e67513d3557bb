#pragma once
// Where the server listens for agents. Every path but files and join wants the session key as
// bearer token; bodies are the documents of report_json.h, orders_json.h, join_json.h, parts_json.h
// and output_parts_json.h.
namespace herder::protocol {

inline constexpr char kAgentJoin[] = "/agent/v1/join";        // POST JoinRequest -> JoinResponse
inline constexpr char kAgentSync[] = "/agent/v1/sync";        // POST AgentReport -> SyncResponse,
                                                              // held for up to report_every
inline constexpr char kAgentSign[] = "/agent/v1/sign";        // POST SignRequest -> SignResponse
inline constexpr char kAgentOutputs[] = "/agent/v1/outputs";  // POST output_hashes.h -> {}
// POST OutputPartsRequest -> PartsResponse, for a file that kAgentSign gave no URL; and POST
// SentOutput -> {} once all its parts were sent: the object is there then.
inline constexpr char kAgentOutputParts[] = "/agent/v1/outputs/parts";
inline constexpr char kAgentOutputSent[] = "/agent/v1/outputs/sent";
inline constexpr char kAgentParts[] = "/agent/v1/parts";      // POST PartsRequest -> PartsResponse
inline constexpr char kAgentSecrets[] = "/agent/v1/secrets";  // POST -> SecretsResponse
inline constexpr char kAgentChunks[] = "/agent/v1/chunks";    // POST ChunkWish -> SignResponse
inline constexpr char kAgentFiles[] = "/agent/v1/files/";     // GET <sha256>: agent binary, SDK
// POST raw bytes with ?stream=NAME&offset=N&ages=... (log_ages.h) -> LogAnswer, 200 or 409. The
// attempt is that of the session. Streams: stdout, stderr, metrics (lines of JSON), agent.
inline constexpr char kAgentLogs[] = "/agent/v1/logs";
inline constexpr char kArtifacts[] = "/artifacts/";  // GET and PUT with a signature in the query

}  // namespace herder::protocol
