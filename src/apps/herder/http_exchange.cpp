#include "http_exchange.h"

#include <utility>

#include "api/problem_json.h"

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

    bool is_alive() const override { return responder_.is_alive(); }
    void on_gone(std::function<void()> fn) override { responder_.on_gone(std::move(fn)); }

  private:
    void send(api::Response response) override {
        responder_.respond(to_http_response(std::move(response)));
    }
    std::unique_ptr<api::Stream> open(api::Response head) override {
        head.headers.emplace_back("Cache-Control", "no-store");
        return std::make_unique<HttpStream>(responder_.stream(to_http_response(std::move(head))));
    }

    http::Responder responder_;
};

}  // namespace

http::Response to_http_response(api::Response response) {
    http::Response out =
        http::make_response(response.status, response.content_type, std::move(response.body));
    out.file_path = std::move(response.file);
    for (auto& [name, value] : response.headers)
        out.headers.set(name, std::move(value));
    return out;
}

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
    out.last_event_id = std::string(request.headers.get("Last-Event-ID").value_or(""));
    out.body = std::move(request.body);
    if (!request.body_file.empty())
        out.body_file = std::make_shared<api::SpooledFile>(std::move(request.body_file));
    out.body_size = static_cast<std::int64_t>(request.body_size);
    out.body_crc32c = request.body_crc32c;
    out.peer = std::move(request.peer_address);
    return out;
}

api::ExchangePtr make_exchange(http::Responder responder) {
    return std::make_shared<HttpExchange>(std::move(responder));
}

http::Response refusal(int status) {
    if (status == 413) {
        api::Problem wrong(invalid("the body is larger than the server takes here"));
        wrong.row = &api::row_of_too_large();
        return to_http_response(api::problem(wrong, "/"));
    }
    if (status >= 500 && status != 501)
        return to_http_response(api::problem(
            unavailable("the upload cannot be stored; the server's disk may be full"), "/"));
    return to_http_response(
        api::problem(invalid("this is no HTTP/1.1 request that the server reads"), "/"));
}

}  // namespace herder
