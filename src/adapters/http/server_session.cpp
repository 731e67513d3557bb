#include "adapters/http/server_session.h"

#include <boost/asio/post.hpp>
#include <exception>
#include <limits>
#include <utility>

#include "base/log.h"

namespace herder::http {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::size_t kFirstRead = 4 * 1024;
// Pipelined bytes that are kept while an answer is awaited; then reading stops.
constexpr std::size_t kPipelinedMax = 64 * 1024;
// After a refusal we read this much or this long, so that the client sees the answer before the
// reset that closing on unread input causes.
constexpr std::size_t kDrainMax = 1 << 20;
constexpr Duration kDrainTime = seconds(2);

std::string text_of(const tcp::endpoint& peer) {
    const std::string host = peer.address().to_string();
    const std::string port = ":" + std::to_string(peer.port());
    return peer.address().is_v6() ? "[" + host + "]" + port : host + port;
}

}  // namespace

Session::Session(tcp::socket socket, const SessionContext& context)
    : socket_(std::move(socket)), context_(context) {
    boost::system::error_code ec;
    const tcp::endpoint peer = socket_.remote_endpoint(ec);
    if (!ec) peer_address_ = text_of(peer);
    socket_.set_option(tcp::no_delay(true), ec);
}

Session::~Session() {
    if (channel_) channel_->detach(false);
}

void Session::wake() {
    // No owner left means that the session is being destroyed.
    if (auto self = weak_from_this().lock()) {
        auto executor = socket_.get_executor();
        asio::post(executor, [self = std::move(self)] { self->progress(); });
    }
}

void Session::start() {
    allow(context_.options.header_timeout);
    if (context_.tls == nullptr) {
        begin_request();
        return;
    }
    if (!context_.options.serves_plain) {
        start_tls();
        return;
    }
    socket_.async_wait(tcp::socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& ec) {
                           if (self->phase_ == Phase::kClosed) return;
                           if (ec) {
                               self->close(true);
                           } else if (self->speaks_tls()) {
                               self->start_tls();
                           } else {
                               self->begin_request();
                           }
                       });
}

// Looks at the first byte without taking it: a TLS record of the handshake begins with 22
// (RFC 8446, 5.1), a request line with a letter. A client that left is TLS's to notice.
bool Session::speaks_tls() {
    constexpr unsigned char kHandshake = 22;
    unsigned char first = kHandshake;
    boost::system::error_code ec;
    socket_.receive(asio::buffer(&first, 1), tcp::socket::message_peek, ec);
    return first == kHandshake;
}

void Session::start_tls() {
    tls_.emplace(socket_, *context_.tls);
    tls_->async_handshake(asio::ssl::stream_base::server,
                          [self = shared_from_this()](const boost::system::error_code& ec) {
                              if (self->phase_ == Phase::kClosed) return;
                              if (ec) {
                                  self->close(true);
                              } else {
                                  self->begin_request();
                              }
                          });
}

void Session::close(bool client_left) {
    if (phase_ == Phase::kClosed) return;
    const auto self = shared_from_this();  // home may hold the last reference
    phase_ = Phase::kClosed;
    boost::system::error_code ec;
    socket_.close(ec);
    file_.reset();
    if (const auto channel = std::exchange(channel_, nullptr)) channel->detach(client_left);
    context_.home.forget(*this);
}

void Session::begin_request() {
    phase_ = Phase::kHead;
    parser_.emplace(body_);
    parser_->eager(false);
    parser_->header_limit(static_cast<std::uint32_t>(context_.options.header_limit));
    const bool has_begun = input_.size() > 0;
    allow(has_begun ? context_.options.header_timeout : context_.options.idle_timeout);
    if (has_begun) {
        pump();
    } else {
        input_ = {};  // an idle connection keeps no buffer
        read_more();
    }
}

// Parses what is there until it needs more input or the request is complete.
void Session::pump() {
    while (phase_ == Phase::kHead || phase_ == Phase::kBody) {
        boost::system::error_code ec;
        const bool wants_more = input_.size() == 0 || feed(*parser_, input_, ec);
        if (ec) {
            const bool too_long = ec == beast::http::error::header_limit;
            refuse(body_.failure() != 0 ? body_.failure() : too_long ? 431 : 400);
            return;
        }
        if (phase_ == Phase::kHead && parser_->is_header_done()) {
            take_head();
            if (phase_ != Phase::kBody || continue_pending_) return;
        }
        if (parser_->is_done()) {
            dispatch();
            return;
        }
        if (wants_more) {
            if (input_.size() >= kPipelinedMax + context_.options.header_limit) {
                refuse(431);
            } else {
                read_more();
            }
            return;
        }
    }
}

void Session::read_more() {
    if (reading_) return;  // watch() is still at it and will go on with pump()
    if (input_ended_) {
        close(true);
        return;
    }
    reading_ = true;
    const std::size_t size = phase_ == Phase::kBody ? kReadSize : kFirstRead;
    async_read(input_.prepare(size),
               [self = shared_from_this()](const boost::system::error_code& ec, std::size_t count) {
                   self->on_read(ec, count, false);
               });
}

// Keeps a small read open while the answer is awaited, to notice a client that leaves.
void Session::watch() {
    if (reading_ || input_ended_ || input_.size() >= kPipelinedMax) return;
    reading_ = true;
    async_read(asio::buffer(watched_),
               [self = shared_from_this()](const boost::system::error_code& ec, std::size_t count) {
                   self->on_read(ec, count, true);
               });
}

void Session::on_read(const boost::system::error_code& ec, std::size_t count, bool watching) {
    reading_ = false;
    if (phase_ == Phase::kClosed) return;
    if (ec) {
        on_end_of_input();
        return;
    }
    if (phase_ == Phase::kDraining) {
        drained_ += count;
        drain();
        return;
    }
    if (watching) {
        asio::buffer_copy(input_.prepare(count), asio::buffer(watched_, count));
    }
    const bool first_bytes = phase_ == Phase::kHead && input_.size() == 0;
    input_.commit(count);
    if (phase_ == Phase::kAnswer) {
        watch();
        return;
    }
    // A head has header_timeout from its first byte to its last; a body only must not stand still.
    if (first_bytes) allow(context_.options.header_timeout);
    if (phase_ == Phase::kBody) allow(context_.options.body_timeout);
    pump();
}

void Session::on_end_of_input() {
    input_ended_ = true;
    // While an answer is being written its write will notice; a waiting answer is given up.
    if (phase_ == Phase::kAnswer && writing_ && answer_complete_) return;
    close(true);
}

void Session::take_head() {
    if (const int status = check_head(); status != 0) {
        refuse(status);
        return;
    }
    request_ = {};
    request_.method = std::move(parser_->method);
    request_.target = std::move(parser_->target);
    request_.headers = std::move(parser_->headers);
    request_.peer_address = peer_address_;
    if (context_.tls != nullptr && !tls_ && !context_.options.serves_plain(request_)) {
        refuse(426);
        return;
    }
    keep_alive_ = parser_->keep_alive();
    is_head_request_ = request_.method == "HEAD";
    range_header_.clear();
    if (request_.method == "GET" && !request_.headers.has("If-Range")) {
        range_header_ = request_.headers.get("Range").value_or(std::string_view());
    }
    if (context_.options.refuse_head) {
        if (std::optional<Response> refusal = context_.options.refuse_head(request_)) {
            refuse_with(std::move(*refusal));
            return;
        }
    }
    if (const int status = choose_body(); status != 0) {
        refuse(status);
        return;
    }
    phase_ = Phase::kBody;
    parser_->eager(true);
    if (parser_->is_done()) return;
    allow(context_.options.body_timeout);
    const std::optional<std::string_view> expect = request_.headers.get("Expect");
    if (expect && equal_ignoring_case(*expect, "100-continue") && input_.size() == 0) {
        continue_pending_ = true;
        write("HTTP/1.1 100 Continue\r\n\r\n", {});
    }
}

// 0 or the status to refuse with. Two ways to tell the length of a body would let two parsers
// disagree about where the next request begins.
int Session::check_head() const {
    if (parser_->has_odd_encoding) return 501;
    int lengths = 0;
    int encodings = 0;
    for (const auto& [name, value] : parser_->headers) {
        if (equal_ignoring_case(name, "Content-Length")) ++lengths;
        if (equal_ignoring_case(name, "Transfer-Encoding")) ++encodings;
    }
    if (lengths + encodings > 1) return 400;
    if (!is_valid_method(parser_->method) || !is_valid_target(parser_->target)) return 400;
    return 0;
}

int Session::choose_body() {
    const ServerOptions& options = context_.options;
    const std::optional<std::string> folder =
        options.spool_folder ? options.spool_folder(request_) : std::nullopt;
    std::uint64_t limit = folder ? std::numeric_limits<std::uint64_t>::max() : options.body_limit;
    if (options.body_limit_for) limit = options.body_limit_for(request_);
    const auto announced = parser_->content_length();
    if (announced && *announced > limit) return 413;
    if (folder) return body_.start_in_file(*folder, limit);
    body_.start_in_memory(limit);
    return 0;
}

void Session::dispatch() {
    body_.hand_over(request_);
    phase_ = Phase::kAnswer;
    answer_begun_ = false;
    answer_complete_ = false;
    is_chunked_ = false;
    allow_forever();
    // Shared with the Responder, which may outlive this connection.
    channel_ = std::make_shared<ReplyChannel>(this, context_.options.stream_buffer);
    call_handler();
    progress();
    // Most answers stand at once; a client that leaves matters only to those that wait.
    if (phase_ != Phase::kAnswer || answer_complete_ || file_) return;
    if (input_.size() == 0) input_ = {};  // thousands of connections may wait like this
    watch();
}

void Session::call_handler() {
    try {
        context_.handler(std::move(request_), Responder(channel_));
    } catch (const std::exception& thrown) {
        // The responder was destroyed on the way here, which answers 500.
        log_error("http.handler_threw", {{"what", thrown.what()}});
    }
    request_ = {};
}

void Session::refuse(int status) {
    const auto& page = context_.options.refusal;
    refuse_with(
        page ? page(status)
             : make_response(status, "text/plain", std::string(reason_phrase(status)) + "\n"));
}

// Answers a request that never reaches the handler, and ends the connection.
void Session::refuse_with(Response response) {
    keep_alive_ = false;
    is_head_request_ = false;
    body_.start_in_memory(0);
    phase_ = Phase::kAnswer;
    answer_begun_ = false;
    channel_.reset();
    begin_answer(std::move(response), false);
}

void Session::drain() {
    phase_ = Phase::kDraining;
    if (input_ended_ || drained_ > kDrainMax) {
        close(false);
        return;
    }
    if (reading_) return;
    reading_ = true;
    input_.clear();
    async_read(input_.prepare(kReadSize),
               [self = shared_from_this()](const boost::system::error_code& ec, std::size_t count) {
                   self->on_read(ec, count, false);
               });
}

void Session::finish_connection() {
    boost::system::error_code ec;
    if (!tls_) socket_.shutdown(tcp::socket::shutdown_send, ec);
    allow(kDrainTime);
    drain();
}

}  // namespace herder::http
