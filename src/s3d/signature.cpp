#include "s3d/signature.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "s3d/clock.h"
#include "s3d/rsa_signature.h"

namespace herder::s3d {

namespace {

constexpr const char* kAlgorithm = "AWS4-HMAC-SHA256";

// The words in which the two dialects of presigned URLs differ.
struct Words {
    const char* algorithm;
    const char* prefix;  // of the query's parameters
    const char* service;
    const char* end;  // of the scope
};
constexpr Words kAmazonWords{kAlgorithm, "X-Amz-", "s3", "aws4_request"};
constexpr Words kGoogleWords{"GOOG4-RSA-SHA256", "X-Goog-", "storage", "goog4_request"};
constexpr Duration kSkewMax = minutes(15);
constexpr std::int64_t kExpiresMax = 7 * 24 * 3600;

SignatureFault fault(int status, std::string code, std::string message) {
    return {status, std::move(code), std::move(message), ""};
}

std::vector<std::string> split(std::string_view text, char mark) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t end = text.find(mark);
        out.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 1);
    }
}

// What the request claims, from the header or the query.
struct Claim {
    std::string access_key;
    std::string day;
    std::string region;
    std::string scope;
    std::string date;
    std::string token;
    std::vector<std::string> signed_headers;
    std::string signature;
    std::int64_t expires = 0;  // presigned only
    bool is_presigned = false;
};

bool read_credential(const std::string& text, const Words& words, Claim& claim) {
    const auto parts = split(text, '/');
    if (parts.size() < 5 || parts.back() != words.end || parts[parts.size() - 2] != words.service) {
        return false;
    }
    const std::size_t n = parts.size();
    claim.access_key = parts[0];
    for (std::size_t i = 1; i + 4 < n; ++i)
        claim.access_key += "/" + parts[i];
    claim.day = parts[n - 4];
    claim.region = parts[n - 3];
    claim.scope = claim.day + "/" + claim.region + "/" + words.service + "/" + words.end;
    return true;
}

std::optional<SignatureFault> read_header_claim(const Request& request, Claim& claim) {
    const std::string text = *request.header("authorization");
    const SignatureFault malformed =
        fault(400, "AuthorizationHeaderMalformed", "the authorization header is malformed");
    if (!text.starts_with(std::string(kAlgorithm) + " ")) return malformed;
    bool has_credential = false;
    for (std::string part : split(std::string_view(text).substr(17), ',')) {
        part.erase(0, part.find_first_not_of(' '));
        const std::size_t equals = part.find('=');
        if (equals == std::string::npos) return malformed;
        const std::string name = part.substr(0, equals);
        const std::string value = part.substr(equals + 1);
        if (name == "Credential") has_credential = read_credential(value, kAmazonWords, claim);
        if (name == "SignedHeaders") claim.signed_headers = split(value, ';');
        if (name == "Signature") claim.signature = value;
    }
    if (!has_credential || claim.signature.empty()) return malformed;
    claim.date = request.header("x-amz-date").value_or("");
    claim.token = request.header("x-amz-security-token").value_or("");
    return std::nullopt;
}

std::optional<SignatureFault> read_query_claim(const Request& request, const Words& words,
                                               Claim& claim) {
    const auto of = [&](const char* name) {
        return request.parameter(std::string(words.prefix) + name).value_or("");
    };
    const SignatureFault malformed = fault(400, "AuthorizationQueryParametersError",
                                           "the query's authentication parameters are wrong");
    claim.is_presigned = true;
    claim.date = of("Date");
    claim.token = of("Security-Token");
    claim.signature = of("Signature");
    claim.signed_headers = split(of("SignedHeaders"), ';');
    const std::string expires = of("Expires");
    const auto [end, error] =
        std::from_chars(expires.data(), expires.data() + expires.size(), claim.expires);
    const bool in_range = error == std::errc() && end == expires.data() + expires.size() &&
                          claim.expires >= 1 && claim.expires <= kExpiresMax;
    if (of("Algorithm") != words.algorithm || !in_range || claim.signature.empty() ||
        !read_credential(of("Credential"), words, claim)) {
        return malformed;
    }
    return std::nullopt;
}

std::optional<SignatureFault> check_time(const Claim& claim, WallTime now) {
    const auto date = parse_amz_date(claim.date);
    if (!date || claim.date.substr(0, 8) != claim.day) {
        return fault(403, "AccessDenied", "the date is missing or not that of the scope");
    }
    if (claim.is_presigned) {
        if (*date > now + kSkewMax) return fault(403, "AccessDenied", "Request is not valid yet");
        if (now > *date + seconds(claim.expires)) {
            return fault(403, "AccessDenied", "Request has expired");
        }
        return std::nullopt;
    }
    if (*date > now + kSkewMax || now > *date + kSkewMax) {
        return fault(403, "RequestTimeTooSkewed",
                     "The difference between the request time and the server's time is too large.");
    }
    return std::nullopt;
}

// A header that the server acts upon must be signed; AWS refuses others of its own prefix.
std::optional<SignatureFault> check_signed(const Request& request, const Claim& claim) {
    const std::set<std::string> covered(claim.signed_headers.begin(), claim.signed_headers.end());
    if (!covered.contains("host")) return fault(403, "AccessDenied", "the host is not signed");
    for (const auto& [name, value] : request.headers) {
        const bool matters = (name.starts_with("x-amz-") && name != "x-amz-content-sha256") ||
                             name.starts_with("x-goog-");
        if ((matters || (name == "x-amz-content-sha256" && !claim.is_presigned)) &&
            !covered.contains(name)) {
            return fault(
                403, "AccessDenied",
                "There were headers present in the request which were not signed: " + name);
        }
    }
    return std::nullopt;
}

std::string collapse_blanks(const std::string& value) {
    std::string out;
    for (const char c : value) {
        if (c == ' ' && out.ends_with(' ')) continue;
        out += c;
    }
    return out;
}

std::string canonical_query(const Request& request, const Words& words) {
    std::vector<std::pair<std::string, std::string>> encoded;
    for (const auto& [name, value] : request.query) {
        if (name != std::string(words.prefix) + "Signature")
            encoded.emplace_back(encode(name, false), encode(value, false));
    }
    std::sort(encoded.begin(), encoded.end());
    std::string out;
    for (const auto& [name, value] : encoded)
        out += (out.empty() ? "" : "&") + name + "=" + value;
    return out;
}

// Empty when a signed header is missing from the request.
std::optional<std::string> canonical_request(const Request& request, const Claim& claim,
                                             const std::string& payload, bool signs_length,
                                             const Words& words = kAmazonWords) {
    std::string headers;
    std::string names;
    for (const std::string& name : claim.signed_headers) {
        auto value = request.header(name);
        // A server that does not check the length takes the client's word for what was signed.
        if (!value && (signs_length || name != "content-length")) return std::nullopt;
        headers += name + ":" + collapse_blanks(value.value_or("")) + "\n";
        names += (names.empty() ? "" : ";") + name;
    }
    return request.method + "\n" + encode(request.path, true) + "\n" +
           canonical_query(request, words) + "\n" + headers + "\n" + names + "\n" + payload;
}

std::string signing_key(const std::string& secret, const Claim& claim) {
    const std::string day = hmac_sha256("AWS4" + secret, claim.day);
    return hmac_sha256(hmac_sha256(hmac_sha256(day, claim.region), "s3"), "aws4_request");
}

std::string string_to_sign(const Claim& claim, const std::string& canonical,
                           const Words& words = kAmazonWords) {
    return std::string(words.algorithm) + "\n" + claim.date + "\n" + claim.scope + "\n" +
           sha256_hex(canonical);
}

std::optional<SignatureFault> read_payload(const Request& request, const Claim& claim,
                                           Verified& verified) {
    const std::string text = request.header("x-amz-content-sha256")
                                 .value_or(claim.is_presigned ? "UNSIGNED-PAYLOAD" : "");
    if (text.empty()) {
        return fault(400, "InvalidRequest",
                     "Missing required header for this request: x-amz-content-sha256");
    }
    if (text == "UNSIGNED-PAYLOAD")
        verified.payload = Payload::kUnsigned;
    else if (text == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        verified.payload = Payload::kSignedChunks;
    else if (text == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
        verified.payload = Payload::kSignedTrailer;
    else if (text == "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        verified.payload = Payload::kUnsignedTrailer;
    else if (text.size() == 64 && from_hex(text))
        verified.payload = Payload::kHashed;
    else
        return fault(400, "InvalidArgument", "x-amz-content-sha256 must be a hash or a known word");
    verified.payload_sha256 = text;
    return std::nullopt;
}

// Requests with a token in the header are the account's own; nothing is signed then.
Verdict verify_bearer(const std::string& token, const Keys& keys) {
    Verdict verdict;
    for (const auto& [id, key] : keys) {
        if (key.public_key.empty() || !equal_secret(key.token, token)) continue;
        verdict.verified = Verified{};
        verdict.verified->access_key = id;
        verdict.verified->is_google = true;
        return verdict;
    }
    verdict.fault = fault(401, "AuthenticationRequired", "The token is not known or has ended.");
    return verdict;
}

Verdict verify_google_url(const Request& request, const Keys& keys, WallTime now,
                          const VerifyOptions& options) {
    Claim claim;
    Verdict verdict;
    verdict.fault = read_query_claim(request, kGoogleWords, claim);
    const auto key = keys.find(claim.access_key);
    if (!verdict.fault && (key == keys.end() || key->second.public_key.empty()))
        verdict.fault = fault(403, "InvalidAccessKeyId", "The account does not exist.");
    if (!verdict.fault) verdict.fault = check_time(claim, now);
    if (!verdict.fault) verdict.fault = check_signed(request, claim);
    if (verdict.fault) return verdict;
    const auto canonical =
        canonical_request(request, claim, "UNSIGNED-PAYLOAD", options.signs_length, kGoogleWords);
    if (!canonical ||
        !is_signed_by(key->second.public_key, string_to_sign(claim, *canonical, kGoogleWords),
                      claim.signature)) {
        verdict.fault = fault(
            403, "SignatureDoesNotMatch",
            "Access denied. Canonical: " + canonical.value_or("(a signed header is missing)"));
        return verdict;
    }
    verdict.verified = Verified{};
    verdict.verified->access_key = claim.access_key;
    verdict.verified->is_presigned = true;
    verdict.verified->is_google = true;
    return verdict;
}

std::optional<SignatureFault> check_unmixed(const Request& request) {
    for (const auto& [name, value] : request.headers) {
        if (name.starts_with("x-amz-"))
            return fault(400, "InvalidArgument", name + " does not go with Google's signatures");
    }
    return std::nullopt;
}

Verdict verify_google(const Request& request, const Keys& keys, WallTime now,
                      const VerifyOptions& options) {
    Verdict verdict;
    verdict.fault = check_unmixed(request);
    if (verdict.fault) return verdict;
    const std::string authorization = request.header("authorization").value_or("");
    if (authorization.starts_with("Bearer ")) return verify_bearer(authorization.substr(7), keys);
    return verify_google_url(request, keys, now, options);
}

}  // namespace

Verdict verify_signature(const Request& request, const Keys& keys, WallTime now,
                         const VerifyOptions& options) {
    Claim claim;
    Verdict verdict;
    const bool is_google = request.has("X-Goog-Signature") ||
                           request.header("authorization").value_or("").starts_with("Bearer ");
    if (is_google) return verify_google(request, keys, now, options);
    const bool in_header = request.header("authorization").has_value();
    if (!in_header && !request.has("X-Amz-Signature")) {
        verdict.fault = fault(403, "AccessDenied", "Access Denied");
        return verdict;
    }
    verdict.fault = in_header ? read_header_claim(request, claim)
                              : read_query_claim(request, kAmazonWords, claim);
    if (!verdict.fault && claim.region != options.region) {
        verdict.fault =
            fault(400, "AuthorizationHeaderMalformed",
                  "the region '" + claim.region + "' is wrong; expecting '" + options.region + "'");
        verdict.fault->region = options.region;
    }
    const auto key = keys.find(claim.access_key);
    if (!verdict.fault && (key == keys.end() || !key->second.public_key.empty())) {
        verdict.fault = fault(403, "InvalidAccessKeyId", "The access key id does not exist.");
    }
    if (!verdict.fault && claim.token != key->second.token) {
        verdict.fault = fault(403, "InvalidToken", "The provided token is malformed or expired.");
    }
    if (!verdict.fault) verdict.fault = check_time(claim, now);
    if (!verdict.fault) verdict.fault = check_signed(request, claim);
    Verified verified;
    if (!verdict.fault) verdict.fault = read_payload(request, claim, verified);
    if (verdict.fault) return verdict;
    const std::string payload = claim.is_presigned && !request.header("x-amz-content-sha256")
                                    ? "UNSIGNED-PAYLOAD"
                                    : verified.payload_sha256;
    const auto canonical = canonical_request(request, claim, payload, options.signs_length);
    verified.signing_key = signing_key(key->second.secret, claim);
    if (!canonical ||
        !equal_secret(to_hex(hmac_sha256(verified.signing_key, string_to_sign(claim, *canonical))),
                      claim.signature)) {
        verdict.fault = fault(403, "SignatureDoesNotMatch",
                              "The request signature we calculated does not match. Canonical: " +
                                  canonical.value_or("(a signed header is missing)"));
        return verdict;
    }
    verified.access_key = claim.access_key;
    verified.is_presigned = claim.is_presigned;
    verified.date = claim.date;
    verified.scope = claim.scope;
    verified.seed_signature = claim.signature;
    verdict.verified = std::move(verified);
    return verdict;
}

std::string chunk_signature(const Verified& verified, const std::string& previous,
                            const std::string& chunk_sha256) {
    return to_hex(hmac_sha256(verified.signing_key, std::string(kAlgorithm) + "-PAYLOAD\n" +
                                                        verified.date + "\n" + verified.scope +
                                                        "\n" + previous + "\n" + sha256_hex("") +
                                                        "\n" + chunk_sha256));
}

std::string trailer_signature(const Verified& verified, const std::string& previous,
                              const std::string& trailers) {
    return to_hex(hmac_sha256(verified.signing_key,
                              std::string(kAlgorithm) + "-TRAILER\n" + verified.date + "\n" +
                                  verified.scope + "\n" + previous + "\n" + sha256_hex(trailers)));
}

}  // namespace herder::s3d
