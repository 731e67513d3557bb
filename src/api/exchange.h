#pragma once
// A request and the duty to answer it, without sockets: the program's main connects them to the
// HTTP server.
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace herder::api {

// A body that was spooled to a file, which is gone with the last copy of the request unless
// somebody took it.
class SpooledFile {
  public:
    explicit SpooledFile(std::string path) : path_(std::move(path)) {}
    ~SpooledFile() {
        if (!path_.empty()) (void)std::remove(path_.c_str());
    }
    SpooledFile(const SpooledFile&) = delete;
    SpooledFile& operator=(const SpooledFile&) = delete;

    const std::string& path() const { return path_; }
    // The caller owns the file from now on.
    std::string take() { return std::exchange(path_, {}); }

  private:
    std::string path_;
};

struct Request {
    std::string method;
    std::string path;                          // decoded, without the query
    std::map<std::string, std::string> query;  // decoded
    std::string bearer;                        // of the Authorization header
    std::string accept;
    std::string idempotency_key;
    std::string last_event_id;  // where a reader of an event stream goes on
    std::string body;
    // A large body, instead of `body`; shared by the copies of a request.
    std::shared_ptr<SpooledFile> body_file;
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
    // How the request is called, in the answer's X-Request-Id, in problem documents and in the log.
    // Set once, before anything else.
    void name(std::string request_id, std::string path) {
        request_id_ = std::move(request_id);
        path_ = std::move(path);
    }
    const std::string& request_id() const { return request_id_; }
    const std::string& path() const { return path_; }

    void respond(Response response) {
        add_id(response);
        send(std::move(response));
    }
    std::unique_ptr<Stream> stream(const std::string& content_type) {
        Response head;
        head.content_type = content_type;
        add_id(head);
        return open(std::move(head));
    }
    virtual bool is_alive() const = 0;
    // `fn` is called once, on a server thread, if the client leaves before the answer. Set it
    // within the handler.
    virtual void on_gone(std::function<void()> fn) = 0;

  protected:
    virtual void send(Response response) = 0;
    virtual std::unique_ptr<Stream> open(Response head) = 0;

  private:
    void add_id(Response& response) const {
        if (!request_id_.empty()) response.headers.emplace_back("X-Request-Id", request_id_);
    }
    std::string request_id_;
    std::string path_;
};

// Shared by the handler and the callback that answers later, whichever ends last.
using ExchangePtr = std::shared_ptr<Exchange>;

}  // namespace herder::api
