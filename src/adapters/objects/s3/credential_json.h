#pragma once
// The documents in which credentials come: from metadata services, credential_process, the SSO
// portal and its token cache; and Google's key files, tokens and signatures.
#include <string>
#include <string_view>

#include "adapters/objects/s3/aws_signature.h"
#include "base/result.h"

namespace herder::s3 {

// AccessKeyId, SecretAccessKey, Token or SessionToken, Expiration.
Result<Credentials> parse_credentials(std::string_view document);
// {"roleCredentials": {...}} with the expiration in milliseconds.
Result<Credentials> parse_sso_credentials(std::string_view document);

struct SsoToken {
    std::string token;
    WallTime expires;
    std::string region;
};
Result<SsoToken> parse_sso_token(std::string_view document);

// A key file of a service account, what `gcloud auth application-default login` leaves, or that for
// an account which is impersonated by either.
struct GoogleKey {
    std::string email;        // service account
    std::string private_key;  // service account: PEM
    std::string private_key_id;
    std::string client_id;  // login of a person
    std::string client_secret;
    std::string refresh_token;
    std::string token_url;
    std::string impersonated_email;  // empty: none
    bool operator==(const GoogleKey&) const = default;
};
Result<GoogleKey> parse_google_key(std::string_view document);

struct GoogleToken {
    std::string token;
    WallTime expires;
};
// access_token and expires_in, or accessToken and expireTime.
Result<GoogleToken> parse_google_token(std::string_view document, WallTime now);
// The raw bytes of signedBlob.
Result<std::string> parse_signed_blob(std::string_view document);

// The text "HEADER.CLAIMS" whose signature makes it a grant for a token.
std::string make_jwt_text(const GoogleKey& key, const std::string& scope, WallTime now);
// {"payload": base64} and {"scope": [...], "lifetime": "3600s"}.
std::string make_sign_blob_wish(std::string_view text);
std::string make_impersonation_wish(const std::string& scope);

}  // namespace herder::s3
