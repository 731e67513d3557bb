#pragma once
// What an OAuth service answers to whoever has proved itself (RFC 6749, 5.1).
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace herder::remote {

struct AccessToken {
    std::string token;
    WallTime expires;
};
// access_token and expires_in; kCorrupt where one is missing.
Result<AccessToken> parse_access_token(std::string_view document, WallTime now);

}  // namespace herder::remote
