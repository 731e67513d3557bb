#pragma once
// The documents in which credentials come: from metadata services, credential_process, the SSO
// portal and its token cache.
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

}  // namespace herder::s3
