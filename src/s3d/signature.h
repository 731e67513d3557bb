#pragma once
// Verifies AWS Signature Version 4: in the header, in the query (presigned) and in the chunks of a
// streamed body. Read from the specification for this server alone, so that it can catch a client
// that signs wrongly (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html,
// November 2026). Google's variant as well: URLs that a service account's RSA key signed, and
// Bearer tokens (docs.cloud.google.com/storage/docs/authentication/signatures, November 2026).
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "s3d/request.h"

namespace herder::s3d {

struct Key {
    std::string secret;
    std::string token;  // of temporary credentials; then every request must carry it
    // PEM, of a Google account: its id is an e-mail address, it signs with RSA, and `token` is what
    // it sends as Bearer. There is no secret then.
    std::string public_key{};
};
using Keys = std::map<std::string, Key>;  // by access key id

struct SignatureFault {
    int status = 403;
    std::string code;
    std::string message;
    std::string region;  // AuthorizationHeaderMalformed tells the right one
};

enum class Payload {
    kUnsigned,        // UNSIGNED-PAYLOAD, or presigned
    kHashed,          // x-amz-content-sha256 is its hash
    kSignedChunks,    // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
    kSignedTrailer,   // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
    kUnsignedTrailer  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

struct Verified {
    std::string access_key;  // empty: nothing was asked
    bool is_presigned = false;
    bool is_google = false;
    Payload payload = Payload::kUnsigned;
    std::string payload_sha256;  // kHashed
    // For the chunks of the body.
    std::string signing_key;
    std::string date;   // 20130524T000000Z
    std::string scope;  // 20130524/us-east-1/s3/aws4_request
    std::string seed_signature;
};

struct VerifyOptions {
    std::string region = "us-east-1";
    bool signs_length = true;  // false: presigned URLs ignore a signed content-length
};

// Exactly one of both is set.
struct Verdict {
    std::optional<Verified> verified;
    std::optional<SignatureFault> fault;
};
Verdict verify_signature(const Request& request, const Keys& keys, WallTime now,
                         const VerifyOptions& options);

// The signature of the next chunk, in hex; `previous` is the one before (the seed at first).
std::string chunk_signature(const Verified& verified, const std::string& previous,
                            const std::string& chunk_sha256);
// `trailers`: "name:value\n" of each, as they came.
std::string trailer_signature(const Verified& verified, const std::string& previous,
                              const std::string& trailers);

}  // namespace herder::s3d
