#pragma once
// Tokens, assertions and signatures of an account must not travel in the clear.
#include "adapters/http/url.h"

namespace herder::remote {

inline bool keeps_secrets(const http::Url& url) {
    return url.is_https() || url.host.starts_with("127.") || url.host == "::1" ||
           url.host == "localhost";
}

}  // namespace herder::remote
