#include "adapters/http/client.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <vector>

#include "adapters/http/body_sender.h"
#include "adapters/http/message_parser.h"
#include "adapters/http/resolver.h"
#include "adapters/http/tls_context.h"
#include "adapters/http/wire.h"

namespace herder::http {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::uint32_t kHeaderLimit = 64 * 1024;

class ResponseParser : public MessageParser<false> {
  public:
    ResponseParser(const CallOptions& options, Response& response)
        : options_(options), response_(response) {
        header_limit(kHeaderLimit);
    }

    // What stopped the body, if it was us.
    const std::optional<Error>& failure() const { return failure_; }

    // Moves the head into the response. To be called once it is complete.
    Status take_head() {
        response_.status = status;
        response_.headers = std::move(headers);
        if (has_odd_encoding) {
            return Error{ErrorCode::kCorrupt, "response has an unknown transfer encoding"};
        }
        return options_.on_head ? options_.on_head(response_) : ok();
    }
    bool is_interim() const { return status >= 100 && status < 200; }

  private:
    void on_piece(std::string_view piece, Code& ec) override {
        if (options_.target && response_.is_success()) {
            if (Status taken = put_in_place(piece); !taken) failure_ = taken.error();
        } else if (options_.on_chunk && response_.is_success()) {
            if (Status taken = options_.on_chunk(piece); !taken) failure_ = taken.error();
        } else if (response_.body.size() + piece.size() > options_.body_limit) {
            failure_ =
                Error{ErrorCode::kCorrupt, "response body is larger than the limit of " +
                                               std::to_string(options_.body_limit) + " bytes"};
        } else {
            response_.body.append(piece);
        }
        if (failure_) ec = beast::http::error::body_limit;
    }

    // A body whose length nobody said.
    Status put_in_place(std::string_view piece) {
        while (!piece.empty()) {
            const std::span<char> room = options_.target->room();
            const std::size_t count = std::min(room.size(), piece.size());
            if (count == 0) return internal("no room for the body was given");
            std::memcpy(room.data(), piece.data(), count);
            if (Status taken = options_.target->filled(count); !taken) return taken;
            piece.remove_prefix(count);
        }
        return ok();
    }

    const CallOptions& options_;
    Response& response_;
    std::optional<Error> failure_;
};

Status check_request(const Request& request) {
    if (!is_valid_method(request.method)) return invalid("the method is malformed");
    if (!is_valid_target(request.target)) return invalid("the target is malformed or too long");
    if (Status checked = check_headers(request.headers); !checked) return checked;
    for (const char* name : {"Host", "Content-Length", "Transfer-Encoding", "Connection"}) {
        if (request.headers.has(name)) {
            return invalid(std::string("header '") + name + "' is set by the client itself");
        }
    }
    return ok();
}

std::string make_head(const Request& request, const Url& origin, std::uint64_t body_size,
                      const std::string& user_agent) {
    std::string head;
    head.reserve(256 + request.headers.size() * 48);
    head += request.method + ' ' + request.target + " HTTP/1.1\r\nHost: " + origin.authority();
    for (const auto& [name, value] : request.headers) {
        head += "\r\n" + name + ": " + value;
    }
    if (!request.headers.has("User-Agent") && !user_agent.empty()) {
        head += "\r\nUser-Agent: " + user_agent;
    }
    if (body_size > 0 || (request.method != "GET" && request.method != "HEAD")) {
        head += "\r\nContent-Length: " + std::to_string(body_size);
    }
    head += "\r\n\r\n";
    return head;
}

// One attempt over one connection.
class Exchange {
  public:
    Exchange(Wire& wire, const CallOptions& options, const Wait& wait)
        : wire_(wire), options_(options), wait_(wait) {}

    Result<Response> run(const Request& request, const Url& origin, const std::string& agent) {
        wire_.begin_request();
        const std::uint64_t size = options_.upload ? options_.upload->size : request.body.size();
        const std::string head = make_head(request, origin, size, agent);
        Status written = options_.upload ? send_upload(head) : send(head, request.body);
        // A server may refuse and close before it has read everything; its answer counts then.
        if (!written && written.error().code != ErrorCode::kUnavailable) return written.error();
        if (!written && !wire_.has_sent()) return written.error();
        if (!written) complete_ = false;
        Result<Response> response = receive(request.method == "HEAD");
        if (!response && !written) return written.error();
        return response;
    }

    // The connection may serve another request.
    bool is_reusable() const { return complete_ && reusable_; }

  private:
    Status send(const std::string& head, const std::string& body) {
        if (body.size() <= kReadSize) return write(head + body);
        if (Status written = write(head); !written) return written;
        return write(body);
    }

    Status write(std::string_view bytes) {
        return wire_.write_all(bytes, wait_, options_.idle_timeout);
    }

    Status send_upload(const std::string& head) {
        if (Status written = write(head); !written) return written;
        bool answered_early = false;
        Status sent = BodySender(wire_, options_, wait_).send(*options_.upload, answered_early);
        if (answered_early) complete_ = false;  // read that, send no more
        return sent;
    }

    Result<Response> receive(bool is_head) {
        beast::flat_buffer buffer;
        while (true) {
            Response response;
            ResponseParser parser(options_, response);
            parser.skip(is_head);
            parser.eager(false);
            if (Status read = read_head(parser, buffer); !read) return read.error();
            if (parser.is_interim()) continue;
            if (Status taken = parser.take_head(); !taken) return taken.error();
            const auto left = parser.content_length_remaining();
            if (options_.target && response.is_success() && !is_head && left) {
                if (Status read = read_in_place(buffer, *left); !read) return read.error();
                reusable_ = parser.keep_alive() && buffer.size() == 0;
                return response;
            }
            parser.eager(true);
            if (Status read = read_body(parser, buffer); !read) return read.error();
            reusable_ = parser.keep_alive() && !parser.need_eof() && buffer.size() == 0;
            return response;
        }
    }

    Status read_head(ResponseParser& parser, beast::flat_buffer& buffer) {
        while (!parser.is_header_done()) {
            if (Status stepped = step(parser, buffer); !stepped) return stepped;
        }
        return ok();
    }

    Status read_body(ResponseParser& parser, beast::flat_buffer& buffer) {
        while (!parser.is_done()) {
            if (Status stepped = step(parser, buffer); !stepped) return stepped;
        }
        return ok();
    }

    // A body of known length: no parser has to look at it.
    Status read_in_place(beast::flat_buffer& buffer, std::uint64_t left) {
        while (left > 0) {
            const std::span<char> room = options_.target->room();
            if (room.empty()) return internal("no room for the body was given");
            std::size_t count =
                static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), left));
            if (buffer.size() > 0) {
                count = std::min(count, buffer.size());
                std::memcpy(room.data(), buffer.data().data(), count);
                buffer.consume(count);
            } else {
                const Result<std::size_t> got =
                    wire_.read_some(room.data(), count, wait_.capped(options_.idle_timeout));
                if (!got) return got.error();
                if (*got == 0) return unavailable("the server broke off within its response");
                count = *got;
            }
            if (Status taken = options_.target->filled(count); !taken) return taken;
            left -= count;
        }
        return ok();
    }

    // Parses what is there, and reads more when that is not enough.
    Status step(ResponseParser& parser, beast::flat_buffer& buffer) {
        beast::error_code ec;
        const bool had_head = parser.is_header_done();
        const bool wants_more = buffer.size() == 0 || feed(parser, buffer, ec);
        if (ec) return parse_failure(parser, ec);
        // A complete head is reported before more is read: a stream may stay silent for long.
        if (!wants_more || parser.is_done() || had_head != parser.is_header_done()) return ok();
        const auto space = buffer.prepare(kReadSize);
        const Result<std::size_t> count = wire_.read_some(
            static_cast<char*>(space.data()), space.size(), wait_.capped(options_.idle_timeout));
        if (!count) return count.error();
        buffer.commit(*count);
        if (*count > 0) return ok();
        if (!parser.got_some()) return unavailable("the server closed the connection unanswered");
        parser.put_eof(ec);
        if (ec) return unavailable("the server broke off within its response");
        return ok();
    }

    static Status parse_failure(const ResponseParser& parser, const beast::error_code& ec) {
        if (parser.failure()) return *parser.failure();
        return Error{ErrorCode::kCorrupt, "malformed response: " + ec.message()};
    }

    Wire& wire_;
    const CallOptions& options_;
    const Wait& wait_;
    bool complete_ = true;
    bool reusable_ = false;
};

}  // namespace

Result<BodySource> file_range_source(const std::string& path, std::uint64_t offset,
                                     std::uint64_t length) {
    struct File {
        explicit File(int d) : descriptor(d) {}
        ~File() { ::close(descriptor); }
        File(const File&) = delete;
        File& operator=(const File&) = delete;
        int descriptor;
    };
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return not_found("opening " + path + " to upload it: cannot be read");
    // Shared by the copies that std::function makes of the closure.
    const auto file = std::make_shared<const File>(descriptor);
    BodySource source;
    source.size = length;
    source.descriptor = descriptor;
    source.offset = offset;
    source.read = [file, path, position = offset](char* out,
                                                  std::size_t size) mutable -> Result<std::size_t> {
        const ssize_t count = ::pread(file->descriptor, out, size, static_cast<off_t>(position));
        if (count < 0) return unavailable("reading " + path + " failed");
        position += static_cast<std::uint64_t>(count);
        return static_cast<std::size_t>(count);
    };
    return source;
}

namespace {

// How many addresses at the front are of one family: connections are spread over them, as large
// stores serve each address with machines of its own. The resolver's order of families stands.
std::size_t count_alike(const std::vector<Address>& addresses) {
    std::size_t count = 0;
    while (count < addresses.size() &&
           addresses[count].storage.ss_family == addresses.front().storage.ss_family)
        ++count;
    return count;
}

}  // namespace

struct Client::Impl {
    struct Idle {
        std::unique_ptr<Wire> wire;
        Wait::Clock::time_point since;
    };

    Url origin;
    ClientOptions options;
    TlsContext tls;
    Resolver resolver;
    std::atomic<std::size_t> turns{0};
    std::mutex mutex;        // guards `idle`
    std::vector<Idle> idle;  // the newest last

    // A kept connection that is still quiet, or nothing. Nothing was written on it yet, so passing
    // over a dead one is no retry.
    std::unique_ptr<Wire> take_idle() {
        const auto oldest =
            Wait::Clock::now() - std::chrono::microseconds(options.idle_connection_age.us);
        while (true) {
            std::unique_ptr<Wire> wire;
            {
                const std::lock_guard lock(mutex);
                std::erase_if(idle, [oldest](const Idle& entry) { return entry.since < oldest; });
                if (idle.empty()) return nullptr;
                wire = std::move(idle.back().wire);
                idle.pop_back();
            }
            if (wire->is_quiet()) return wire;
        }
    }

    void keep(std::unique_ptr<Wire> wire) {
        const std::lock_guard lock(mutex);
        if (idle.size() >= options.idle_connections_max) return;
        idle.push_back({std::move(wire), Wait::Clock::now()});
    }

    Result<std::unique_ptr<Wire>> connect(const Wait& wait) {
        const Result<std::vector<Address>> addresses =
            resolver.resolve(origin.host, origin.port, wait);
        if (!addresses) return addresses.error();
        Result<std::unique_ptr<Wire>> wire = unavailable("no address");
        const std::size_t count = addresses->size();
        const std::size_t first = count_alike(*addresses);
        const std::size_t turn = first > 1 ? turns++ % first : 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = i < first ? (turn + i) % first : i;
            wire = Wire::connect((*addresses)[at], wait.capped(options.connect_timeout));
            if (wire || wire.error().code == ErrorCode::kCancelled) break;
        }
        if (!wire || !origin.is_https()) return wire;
        const std::string& pin = options.trust.pinned_spki_sha256;
        if (Status done = (*wire)->start_tls(tls.get(), origin.host, pin, wait); !done) {
            return done.error();
        }
        return wire;
    }

    CallResult call(const Request& request, const CallOptions& call_options) {
        if (Status checked = check_request(request); !checked) {
            return CallError{checked.error(), false};
        }
        const Wait wait = Wait::from_now(call_options.timeout, call_options.cancel);
        std::unique_ptr<Wire> wire = call_options.fresh_connection ? nullptr : take_idle();
        if (!wire) {
            Result<std::unique_ptr<Wire>> fresh = connect(wait);
            if (!fresh) return CallError{fresh.error(), false};
            wire = std::move(*fresh);
        }
        // Writing seldom waits, so it would not notice by itself.
        if (Status checked = check_wait(wait); !checked) {
            keep(std::move(wire));
            return CallError{checked.error(), false};
        }
        Exchange exchange(*wire, call_options, wait);
        Result<Response> response = exchange.run(request, origin, options.user_agent);
        if (!response) return CallError{response.error(), wire->has_sent()};
        if (exchange.is_reusable()) keep(std::move(wire));
        return std::move(*response);
    }
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::open(const Url& origin, ClientOptions options) {
    auto impl = std::make_unique<Impl>();
    impl->origin = origin;
    impl->options = std::move(options);
    if (!is_valid_header_value(impl->options.user_agent)) {
        return invalid("the user agent holds a line break");
    }
    if (origin.is_https()) {
        Result<TlsContext> context = make_client_context(impl->options.trust);
        if (!context) return context.error();
        impl->tls = std::move(*context);
    }
    return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Result<std::unique_ptr<Client>> Client::open(std::string_view origin, ClientOptions options) {
    const Result<Url> url = parse_url(origin);
    if (!url) return url.error();
    return open(*url, std::move(options));
}

CallResult Client::call(const Request& request, const CallOptions& options) {
    CallResult result = impl_->call(request, options);
    if (!result) {
        // The query may hold secrets, so only the path is named.
        result.error().error = result.error().error.with_context(
            request.method + " " + impl_->origin.origin() +
            (is_valid_target(request.target) ? std::string(request.path()) : std::string()));
    }
    return result;
}

const Url& Client::origin() const {
    return impl_->origin;
}

void Client::close_idle() {
    const std::lock_guard lock(impl_->mutex);
    impl_->idle.clear();
}

}  // namespace herder::http
