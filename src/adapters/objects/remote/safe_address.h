#pragma once
// Tokens, assertions and signatures of an account must not travel in the clear.
#include <string>

#include "adapters/http/url.h"

namespace herder::remote {

// 127.x.y.z or ::1, as numbers: no name that somebody else may answer for. `host` is a URL's.
bool is_loopback_number(const std::string& host);
// Encrypted, or no further than this machine.
bool keeps_secrets(const http::Url& url);

}  // namespace herder::remote
