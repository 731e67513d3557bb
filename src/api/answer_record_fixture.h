#pragma once
// Writes every request and answer of this folder's tests to a file, so that scripts/check_api.py
// can hold them against openapi.yaml. Only for tests; without HERDER_API_RECORD it does nothing.
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>

#include "api/exchange.h"
#include "protocol/value_json.h"

namespace herder::api {

inline protocol::Json texts(const std::vector<std::pair<std::string, std::string>>& pairs) {
    protocol::Json out{protocol::Json::Object{}};
    for (const auto& [name, value] : pairs)
        out.set(name, value);
    return out;
}

// Any thread. One line of JSON an answer.
inline void record_answer(const Request& request, const Response& response,
                          const std::string& body) {
    const char* file = std::getenv("HERDER_API_RECORD");
    // The agents' protocol is not part of the description.
    if (file == nullptr || request.path.empty() || request.path.starts_with("/agent/")) return;
    protocol::Json line;
    line.set("method", request.method);
    line.set("path", request.path);
    line.set("query", texts({request.query.begin(), request.query.end()}));
    line.set("has_token", !request.bearer.empty());
    // Packed bodies are no text, and are not described either.
    const bool is_packed = request.body.starts_with("\x1f\x8b");
    line.set("request_body", is_packed ? "" : request.body);
    line.set("status", response.status);
    line.set("content_type", response.content_type);
    line.set("headers", texts(response.headers));
    line.set("body", body);
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::ofstream(file, std::ios::app | std::ios::binary) << line.to_text() << '\n';
}

}  // namespace herder::api
