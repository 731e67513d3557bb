#pragma once
// The way to the server: finds its address and token, speaks the public API, turns its problem
// documents into errors. What the answers mean is the commands' business.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/http/client.h"
#include "base/result.h"
#include "cli/app.h"
#include "protocol/value_json.h"

namespace herder::cli {

struct ServerAddress {
    std::string url;
    std::string token;  // empty: none found, the server will say so
};
// $HERDER_SERVER_URL and $HERDER_TOKEN, else what a running server left in the data folder, else
// the usual port.
ServerAddress find_server(const GlobalOptions& options);

class ServerLink {
  public:
    static Result<ServerLink> open(const GlobalOptions& options);

    const std::string& url() const { return address_.url; }
    bool has_token() const { return !address_.token.empty(); }

    // `target` starts below /api/v1: "/jobs/j1".
    Result<protocol::Json> get(const std::string& target);
    // With `key` as the Idempotency-Key where it is not empty.
    Result<protocol::Json> send(const std::string& method, const std::string& target,
                                const protocol::Json& body, const std::string& key = "");
    // All pages of a list, up to `limit` items; `is_cut` is set when there were more.
    Result<protocol::Json::Array> list(const std::string& target, std::size_t limit,
                                       bool* is_cut = nullptr);
    // False for 404.
    Result<bool> has(const std::string& target);
    Status put_bytes(const std::string& target, const std::string& bytes);
    // The raw body, piece by piece; follows one redirect to a signed URL.
    Status download(const std::string& target,
                    const std::function<Status(std::string_view piece)>& on_piece);

  private:
    ServerLink(ServerAddress address, std::unique_ptr<http::Client> client)
        : address_(std::move(address)), client_(std::move(client)) {}
    http::Request request(const std::string& method, const std::string& target) const;
    Result<http::Response> call(const http::Request& request, const http::CallOptions& options);
    Status follow(const std::string& location,
                  const std::function<Status(std::string_view piece)>& on_piece);

    ServerAddress address_;
    std::unique_ptr<http::Client> client_;
};

// A problem document as an error; falls back to the status where there is none.
Error to_error(const http::Response& response);

// The path of a job, with its id, name or unique prefix encoded: "/jobs/j1/events". "-" is the
// newest job, which is looked up.
Result<std::string> job_path(ServerLink& server, const std::string& reference,
                             const std::string& rest = "");

// 16 random bytes as hex, for an Idempotency-Key.
Result<std::string> fresh_key();

}  // namespace herder::cli
