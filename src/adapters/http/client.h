#pragma once
// A blocking HTTP/1.1 client for one origin. One call is exactly one attempt on the wire: nothing
// is ever retried or replayed and no redirect is followed, because a call may rent a machine.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "adapters/http/cancel.h"
#include "adapters/http/message.h"
#include "adapters/http/url.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::http {

// Whom an https client believes.
struct TlsTrust {
    // Hex SHA-256 of the server's public key (SubjectPublicKeyInfo). When set, only that key is
    // accepted and neither name nor issuer is looked at. When empty, the system's roots are used:
    // $SSL_CERT_FILE, else the first CA bundle found in the five usual places.
    std::string pinned_spki_sha256;
    // PEM of extra roots instead of the system's; for private issuers and tests.
    std::string roots_pem;
    // The same beside the system's.
    std::string extra_roots_pem{};
};

struct ClientOptions {
    TlsTrust trust;
    std::size_t idle_connections_max = 8;        // kept for reuse; in use there may be more
    Duration idle_connection_age = seconds(30);  // older ones are closed, not reused
    Duration connect_timeout = seconds(10);      // per address, within the call's deadline
    std::string user_agent = "herder";
};

// Where a large request body comes from. `read` fills up to `size` bytes and returns how many; 0
// before `size` bytes were given is an error. `size` becomes Content-Length.
struct BodySource {
    std::uint64_t size = 0;
    std::function<Result<std::size_t>(char* out, std::size_t size)> read;
    // The same bytes as a file's, from `offset` on; -1: they are none. They then go to a connection
    // without TLS without being read here. Stays open as long as `read` lives.
    int descriptor = -1;
    std::uint64_t offset = 0;
    // Called before each piece goes out. It may wait, and its error ends the call.
    std::function<Status(std::size_t size)> admit;
    std::size_t piece_max = std::size_t{1} << 20;  // bytes that are admitted at once
    // Pieces are admitted when those before are about to go out, not when the system's buffers have
    // room: `admit` is to learn that a slow connection goes on.
    bool is_watched = false;
};
// The bytes [offset, offset + length) of a file.
Result<BodySource> file_range_source(const std::string& path, std::uint64_t offset,
                                     std::uint64_t length);

// Where the body of a 2xx response goes without a detour: received in place.
struct BodyTarget {
    // Where the next bytes go, at least one. Called again after each `filled`.
    std::function<std::span<char>()> room;
    // So many bytes were written there. An error ends the call.
    std::function<Status(std::size_t size)> filled;
};

struct CallOptions {
    Duration timeout = seconds(30);       // total, from resolving the name to the last body byte
    Duration idle_timeout = kForever;     // longest silence: no byte comes, or none can be sent
    std::size_t body_limit = 16 << 20;    // of a collected body; more fails with kCorrupt
    bool fresh_connection = false;        // open a new connection instead of reusing one
    const CancelToken* cancel = nullptr;  // must outlive the call

    std::optional<BodySource> upload;  // replaces Request::body
    // Called for each piece of a 2xx body, which is then not collected in Response::body. Bodies
    // of other statuses are collected as usual. An error ends the call with that error.
    std::function<Status(std::string_view piece)> on_chunk;
    // Instead of on_chunk.
    std::optional<BodyTarget> target;
    // Called once before the body with status and headers; an error ends the call.
    std::function<Status(const Response& head)> on_head;
};

struct CallError {
    Error error;
    // False: no byte of the request reached the socket, the server cannot have acted on it.
    // True: it may have acted; look before you try again.
    bool maybe_sent = false;
    bool operator==(const CallError&) const = default;
};

// A response of any status, or why there is none.
class [[nodiscard]] CallResult : public tl::expected<Response, CallError> {
  public:
    using Base = tl::expected<Response, CallError>;
    using Base::Base;
    CallResult(CallError error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: on purpose

    // For callers to whom maybe_sent means nothing (reads).
    Result<Response> to_result() && {
        if (has_value()) return std::move(**this);
        return error().error;
    }
};

// Codes of CallError::error: kInvalid (the request itself is wrong), kUnavailable (name,
// connection, broken off), kTimedOut, kCancelled, kUnauthenticated (TLS: not the server that we
// trust), kCorrupt (malformed or too large response).
class Client {
  public:
    // Only scheme, host and port of `origin` count. Fails when no trust can be set up.
    static Result<std::unique_ptr<Client>> open(const Url& origin, ClientOptions options = {});
    static Result<std::unique_ptr<Client>> open(std::string_view origin,
                                                ClientOptions options = {});
    ~Client();  // no call may be in flight
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Thread-safe. Host, Content-Length and Connection are set here and must not be given.
    CallResult call(const Request& request, const CallOptions& options = {});

    const Url& origin() const;
    // Closes the connections that are kept for reuse.
    void close_idle();

  private:
    struct Impl;
    explicit Client(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder::http
