#include "http_exchange.h"

#include <utility>

namespace herder {

namespace {

class HttpStream : public api::Stream {
  public:
    explicit HttpStream(http::Stream stream) : stream_(std::move(stream)) {}
    bool write(const std::string& chunk) override {
        return stream_.write(chunk) == http::WriteStatus::kAccepted;
    }
    bool is_open() const override { return stream_.is_open(); }
    void close() override { stream_.close(); }
    void on_drain(std::function<void()> fn) override { stream_.on_drain(std::move(fn)); }

  private:
    http::Stream stream_;
};

class HttpExchange : public api::Exchange {
  public:
    explicit HttpExchange(http::Responder responder) : responder_(std::move(responder)) {}

    void respond(api::Response response) override {
        http::Response out =
            http::make_response(response.status, response.content_type, std::move(response.body));
        out.file_path = std::move(response.file);
        for (auto& [name, value] : response.headers)
            out.headers.set(name, std::move(value));
        responder_.respond(std::move(out));
    }
    std::unique_ptr<api::Stream> stream(const std::string& content_type) override {
        http::Response head;
        head.headers.set("Content-Type", content_type);
        head.headers.set("Cache-Control", "no-store");
        return std::make_unique<HttpStream>(responder_.stream(std::move(head)));
    }
    bool is_alive() const override { return responder_.is_alive(); }
    void on_gone(std::function<void()> fn) override { responder_.on_gone(std::move(fn)); }

  private:
    http::Responder responder_;
};

}  // namespace

Result<api::Request> to_api_request(http::Request request) {
    const Result<std::vector<std::string>> parts = request.path_segments();
    if (!parts) return parts.error();
    const Result<http::Query> query = request.query();
    if (!query) return query.error();
    api::Request out;
    out.method = request.method;
    for (const std::string& part : *parts)
        out.path += "/" + part;
    for (const auto& [name, value] : *query)
        out.query.emplace(name, value);
    out.bearer = request.bearer_token().value_or("");
    out.accept = std::string(request.headers.get("Accept").value_or(""));
    out.idempotency_key = std::string(request.headers.get("Idempotency-Key").value_or(""));
    out.body = std::move(request.body);
    out.body_file = std::move(request.body_file);
    out.body_size = static_cast<std::int64_t>(request.body_size);
    out.body_crc32c = request.body_crc32c;
    out.peer = std::move(request.peer_address);
    return out;
}

api::ExchangePtr make_exchange(http::Responder responder) {
    return std::make_shared<HttpExchange>(std::move(responder));
}

}  // namespace herder
