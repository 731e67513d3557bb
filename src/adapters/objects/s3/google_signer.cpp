#include "adapters/objects/s3/google_signer.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"

namespace herder::s3 {

namespace {

constexpr const char* kAlgorithm = "GOOG4-RSA-SHA256";

}  // namespace

GoogleUrlText prepare_google_url(Signable request, const std::string& email, WallTime now,
                                 Duration life) {
    const Duration held = std::clamp(life, seconds(1), kPresignedLifeMax);
    // The bucket's place plays no part: "auto" is taken everywhere.
    const std::string scope = to_amz_day(now) + "/auto/storage/goog4_request";
    request.payload_hash = kUnsignedPayload;
    request.query.emplace_back("X-Goog-Algorithm", kAlgorithm);
    request.query.emplace_back("X-Goog-Credential", email + "/" + scope);
    request.query.emplace_back("X-Goog-Date", to_amz_date(now));
    request.query.emplace_back("X-Goog-Expires", std::to_string(held.whole_seconds()));
    request.query.emplace_back("X-Goog-SignedHeaders", header_names(request.headers));
    return {encode_query(request.query), std::string(kAlgorithm) + "\n" + to_amz_date(now) + "\n" +
                                             scope + "\n" + sha256_hex(canonical_request(request))};
}

Status GoogleSigner::sign_headers(Signable& request, WallTime /*now*/) {
    const auto token = access_.token();
    if (!token) return token.error();
    request.headers.emplace_back("authorization", "Bearer " + *token);
    return ok();
}

Result<std::string> GoogleSigner::presign(const Signable& request, WallTime now, Duration life) {
    const auto email = access_.signing_email();
    if (!email) return email.error();
    const GoogleUrlText text = prepare_google_url(request, *email, now, life);
    const auto signature = access_.sign(text.to_sign);
    if (!signature) return signature.error();
    return text.query + "&X-Goog-Signature=" + to_hex(*signature);
}

}  // namespace herder::s3
