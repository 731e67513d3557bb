#pragma once
// One connection of the server: reads requests, waits for their answers, writes them. Private to
// this folder. Everything but wake() runs on the thread of the connection's io_context.
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http/body_collector.h"
#include "adapters/http/file_body.h"
#include "adapters/http/message_parser.h"
#include "adapters/http/response_head.h"
#include "adapters/http/server.h"
#include "adapters/http/server_reply.h"

namespace herder::http {

namespace asio = boost::asio;
using asio::ip::tcp;

class Session;

// What all connections of one thread have in common.
class SessionHome {
  public:
    virtual void forget(Session& session) = 0;

  protected:
    ~SessionHome() = default;
};

struct SessionContext {
    const ServerOptions& options;
    const Handler& handler;
    SessionHome& home;
    asio::ssl::context* tls;  // null for plain http
};

class RequestParser : public MessageParser<true> {
  public:
    explicit RequestParser(BodyCollector& body) : body_(body) {}

  private:
    void on_piece(std::string_view piece, Code& ec) override {
        if (!body_.add(piece)) ec = beast::http::error::body_limit;
    }
    BodyCollector& body_;
};

// Shared by its pending operations and its home; the last of them ends it.
class Session final : public std::enable_shared_from_this<Session>, public ReplyWaker {
  public:
    using Clock = std::chrono::steady_clock;

    Session(tcp::socket socket, const SessionContext& context);
    ~Session();

    void start();
    // Ends the connection at once. `client_left` lets the owner of the answer know.
    void close(bool client_left);
    bool is_overdue(Clock::time_point now) const { return now > deadline_; }
    void wake() override;  // any thread

  private:
    enum class Phase { kHandshake, kHead, kBody, kAnswer, kDraining, kClosed };

    // Requests, server_session.cpp.
    bool speaks_tls();
    void start_tls();
    void begin_request();
    void pump();
    void read_more();
    void watch();
    void on_read(const boost::system::error_code& ec, std::size_t count, bool watching);
    void on_end_of_input();
    void take_head();
    int check_head() const;
    int choose_body();
    void dispatch();
    void call_handler();
    void refuse(int status);
    void refuse_with(Response response);
    void drain();
    void allow(Duration time) { deadline_ = Clock::now() + std::chrono::microseconds(time.us); }
    void allow_forever() { deadline_ = Clock::time_point::max(); }

    // Answers, server_answer.cpp.
    void progress();
    void begin_answer(Response response, bool is_stream);
    void begin_file(Response& response);
    void begin_stream(const Response& response);
    void send_body(Response response);
    void send_stream(ReplyChannel::Progress progress);
    void send_file_piece();
    void write(std::string head, std::string body);
    void write_some();
    void on_written(const boost::system::error_code& ec, std::size_t count);
    void end_answer();
    void finish_connection();

    template <class Buffers, class Done>
    void async_read(const Buffers& buffers, Done done) {
        if (tls_) {
            tls_->async_read_some(buffers, std::move(done));
        } else {
            socket_.async_read_some(buffers, std::move(done));
        }
    }

    tcp::socket socket_;
    SessionContext context_;
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    std::string peer_address_;
    Phase phase_ = Phase::kHandshake;
    Clock::time_point deadline_;

    beast::flat_buffer input_;
    std::array<char, 512> watched_{};  // where bytes arrive while an answer is awaited
    bool reading_ = false;
    bool input_ended_ = false;
    std::size_t drained_ = 0;
    BodyCollector body_;
    std::optional<RequestParser> parser_;
    Request request_;

    std::shared_ptr<ReplyChannel> channel_;  // shared with the Responder or Stream
    std::optional<FileBody> file_;
    std::array<std::string, 2> output_;  // a head and a body on their way
    std::size_t output_sent_ = 0;
    bool writing_ = false;
    bool keep_alive_ = false;
    bool is_head_request_ = false;
    std::string range_header_;
    bool answer_begun_ = false;
    bool answer_complete_ = false;  // nothing follows output_
    bool is_chunked_ = false;
    bool continue_pending_ = false;
};

}  // namespace herder::http
