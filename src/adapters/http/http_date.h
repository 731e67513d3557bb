#pragma once
// The time format of HTTP headers: "Fri, 24 May 2013 00:00:00 GMT" (RFC 9110, section 5.6.7; of its
// three forms the one that is not obsolete).
#include <optional>
#include <string>

#include "base/time.h"

namespace herder::http {

std::optional<WallTime> parse_http_date(const std::string& text);
std::string to_http_date(WallTime time);

}  // namespace herder::http
