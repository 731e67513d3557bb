#include "adapters/http/response_head.h"

namespace herder::http {
namespace {

bool is_ours(std::string_view name) {
    return equal_ignoring_case(name, "Content-Length") ||
           equal_ignoring_case(name, "Transfer-Encoding") ||
           equal_ignoring_case(name, "Connection");
}

struct FramingText {
    std::string operator()(NoBody) const { return {}; }
    std::string operator()(SizedBody body) const {
        return "Content-Length: " + std::to_string(body.size) + "\r\n";
    }
    std::string operator()(ChunkedBody) const { return "Transfer-Encoding: chunked\r\n"; }
    std::string operator()(BodyUntilClose) const { return {}; }
};

}  // namespace

std::string make_response_head(const Response& response, const Framing& framing, bool keep_alive) {
    std::string head;
    head.reserve(128 + response.headers.size() * 48);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head += reason_phrase(response.status);
    head += "\r\n";
    for (const auto& [name, value] : response.headers) {
        if (is_ours(name)) continue;
        head += name;
        head += ": ";
        head += value;
        head += "\r\n";
    }
    head += std::visit(FramingText{}, framing);
    if (!keep_alive) head += "Connection: close\r\n";
    head += "\r\n";
    return head;
}

}  // namespace herder::http
