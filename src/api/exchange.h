#pragma once
// A request and the duty to answer it, without sockets: the program's main connects them to the
// HTTP server.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace herder::api {

struct Request {
    std::string method;
    std::string path;                          // decoded, without the query
    std::map<std::string, std::string> query;  // decoded
    std::string bearer;                        // of the Authorization header
    std::string accept;
    std::string idempotency_key;
    std::string body;
    // A large body that was spooled to a file: the handler owns (moves or deletes) it.
    std::string body_file;
    std::int64_t body_size = 0;
    std::uint32_t body_crc32c = 0;
    std::string peer;

    std::string query_or(const std::string& key, const std::string& fallback) const {
        const auto found = query.find(key);
        return found == query.end() ? fallback : found->second;
    }
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::string file;  // instead of a body
    std::vector<std::pair<std::string, std::string>> headers;
};

// The body of an answer that grows. `write` is false, and the chunk not taken, while the client
// reads too slowly or once it is gone.
class Stream {
  public:
    virtual ~Stream() = default;
    virtual bool write(const std::string& chunk) = 0;
    virtual bool is_open() const = 0;
    virtual void close() = 0;
    // Called whenever the buffer has run empty, and when the client is gone.
    virtual void on_drain(std::function<void()> fn) = 0;
};

// One-shot; may be kept and used later from any thread. Dropped unused it answers 500.
class Exchange {
  public:
    virtual ~Exchange() = default;
    virtual void respond(Response response) = 0;
    virtual std::unique_ptr<Stream> stream(const std::string& content_type) = 0;
    virtual bool is_alive() const = 0;
    // `fn` is called once, on a server thread, if the client leaves before the answer. Set it within
    // the handler.
    virtual void on_gone(std::function<void()> fn) = 0;
};

// Shared by the handler and the callback that answers later, whichever ends last.
using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace herder::api
