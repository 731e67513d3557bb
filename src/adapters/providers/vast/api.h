#pragma once
// Calls to the market's API: the key, the pace of each route, body limits, and what a 429 asks for.
// What an answer means is decided in outcome.h; a create is never sent twice by anything here.
#include <functional>
#include <string>

#include "adapters/http/client.h"
#include "adapters/providers/vast/pace.h"
#include "base/result.h"

namespace herder::vast {

// One attempt on the wire: http::Client::call, or a script in tests.
using Transport = std::function<http::CallResult(const http::Request&, const http::CallOptions&)>;

// To the market at `url`, such as https://console.vast.ai.
Result<Transport> open_transport(const std::string& url);

struct ApiCall {
    Route route = Route::kList;
    std::string method = "GET";
    std::string target = {};
    std::string body = {};  // JSON; empty: none
    Duration timeout = seconds(60);
};

class Api {
  public:
    // `pace` is shared by all that use the same key and must outlive this.
    Api(Transport transport, std::string key, Pace& pace);

    // At most one attempt, over a new connection. `may_send` is asked after the wait for the
    // route's turn, immediately before the call; empty: it may.
    http::CallResult send_once(const ApiCall& call, const std::function<bool()>& may_send = {});
    // For calls that may be repeated: waits and sends again when told that it was too frequent.
    http::CallResult send(const ApiCall& call);
    // The same, and the body if the answer is a success; else an error that says what to do.
    Result<std::string> read(const ApiCall& call);

  private:
    http::CallResult attempt(const ApiCall& call, bool fresh_connection,
                             const std::function<bool()>& may_send);

    const Transport transport_;
    const std::string key_;
    Pace& pace_;
};

}  // namespace herder::vast
