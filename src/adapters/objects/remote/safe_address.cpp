#include "adapters/objects/remote/safe_address.h"

#include <arpa/inet.h>

namespace herder::remote {

bool is_loopback_number(const std::string& host) {
    in_addr four{};
    const bool is_four = ::inet_pton(AF_INET, host.c_str(), &four) == 1;
    return host == "::1" || (is_four && ntohl(four.s_addr) >> 24U == 127);
}

bool keeps_secrets(const http::Url& url) {
    return url.is_https() || url.host == "localhost" || is_loopback_number(url.host);
}

}  // namespace herder::remote
