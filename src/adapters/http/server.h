#pragma once
// An asynchronous HTTP/1.1 server on a few threads of its own: thousands of parked long polls,
// streams and large bodies. Routing, authentication and error pages are the handler's business.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/certificate.h"
#include "adapters/http/message.h"
#include "base/result.h"
#include "base/time.h"

namespace herder::http {

class ReplyChannel;  // server_reply.h, private

enum class WriteStatus {
    kAccepted,
    kFull,    // not taken: the client reads too slowly. Wait for on_drain or drop the client
    kClosed,  // not taken: the client is gone or the stream was closed
};

// The body of an answer that grows (server-sent events, logs). Movable; destroying it closes it.
// Every function may be called from any thread.
class Stream {
  public:
    Stream() = default;
    // Shared with the connection: whoever lives longer keeps the few bytes of state.
    explicit Stream(std::shared_ptr<ReplyChannel> channel) : channel_(std::move(channel)) {}
    ~Stream() { close(); }
    Stream(Stream&&) = default;
    Stream& operator=(Stream&& other) noexcept;

    // Takes a chunk unless more than ServerOptions::stream_buffer bytes already wait.
    WriteStatus write(std::string chunk);
    // Ends the body after what was written; the connection may serve further requests.
    void close();
    // Ends the connection without the final chunk, so that the client sees a broken body.
    void abort();
    bool is_open() const;
    // `fn` is called, on a server thread, each time the buffer has run empty and once when the
    // client is gone. It must not block.
    void on_drain(std::function<void()> fn);

  private:
    std::shared_ptr<ReplyChannel> channel_;
};

// The one-shot duty to answer a request. Movable, may be kept and used later from any thread, also
// after the server has stopped. One that is destroyed unused answers 500.
class Responder {
  public:
    Responder() = default;
    // Shared with the connection, see Stream.
    explicit Responder(std::shared_ptr<ReplyChannel> channel) : channel_(std::move(channel)) {}
    ~Responder() { drop(); }
    Responder(Responder&&) = default;
    Responder& operator=(Responder&& other) noexcept;

    // Both use the responder up. A message with bad headers is replaced by a 500.
    void respond(Response response);
    Stream stream(Response head);
    // False once the client is gone, the server has stopped, or it was used.
    bool is_alive() const;
    // `fn` is called once, on a server thread, when the client leaves before the answer. It must
    // not block. Set it at most once.
    void on_gone(std::function<void()> fn);

  private:
    void drop();
    std::shared_ptr<ReplyChannel> channel_;
};

using Handler = std::function<void(Request, Responder)>;

struct ServerOptions {
    std::string listen_address = "127.0.0.1:0";  // "[::1]:0", "0.0.0.0:8470"; port 0 = any free one
    std::optional<Certificate> tls;              // https when set
    // With `tls`: which requests are also served to a client that speaks without it, on the same
    // port; all others get 426. Empty: a client without TLS is cut off. Must not block.
    std::function<bool(const Request& head)> serves_plain;
    int threads = 2;
    std::size_t header_limit = 16 * 1024;  // request line and fields; more answers 431
    std::size_t body_limit = 1 << 20;      // more answers 413
    // Replaces body_limit for a request whose head is known (body still empty). Must not block.
    std::function<std::size_t(const Request& head)> body_limit_for;
    // If it returns a folder, the body goes to a new file there and Request::body_file,
    // body_size and body_crc32c are set. body_limit_for applies; without it there is no limit.
    std::function<std::optional<std::string>(const Request& head)> spool_folder;
    // If it returns an answer, the body is not read: for requests that are refused whatever
    // follows. The connection ends after it. Must not block.
    std::function<std::optional<Response>(const Request& head)> refuse_head;
    // The answer to what never reaches the handler (400, 413, 431, 500, 501, 507); a line of text
    // where it is not set.
    std::function<Response(int status)> refusal;
    Duration header_timeout = seconds(10);  // TLS handshake, then first to last byte of a head
    Duration body_timeout = seconds(30);    // longest silence within a body, in either direction
    Duration idle_timeout = seconds(60);    // between requests
    std::size_t connections_max = 20'000;   // further ones are closed at once
    std::size_t stream_buffer = 1 << 20;    // see Stream::write
};

class Server {
  public:
    // Listens and serves at once. `handler` runs on server threads, several at a time: it must be
    // thread-safe and must not block.
    static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler handler);
    ~Server();  // stop()
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    std::string url() const;  // "http://127.0.0.1:43210"
    std::size_t connection_count() const;
    // Closes every connection and joins the threads; no handler or callback runs afterwards. Not
    // from a server thread.
    void stop();

    // Runs `fn` on a server thread, now or after a while; dropped when the server stops first.
    void post(std::function<void()> fn);
    void after(Duration delay, std::function<void()> fn);

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace herder::http
