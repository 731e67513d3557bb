#pragma once
// The first lines of a response as they go on the wire. Private to this folder.
#include <cstdint>
#include <string>
#include <variant>

#include "adapters/http/message.h"

namespace herder::http {

struct NoBody {};  // 1xx, 204, 304
struct SizedBody {
    std::uint64_t size = 0;
};
struct ChunkedBody {};
struct BodyUntilClose {};  // a stream to an HTTP/1.0 client
using Framing = std::variant<NoBody, SizedBody, ChunkedBody, BodyUntilClose>;

// The headers must have passed check_headers(). Framing and Connection headers among them are left
// out: they are ours to set.
std::string make_response_head(const Response& response, const Framing& framing, bool keep_alive);

}  // namespace herder::http
