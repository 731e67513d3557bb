#pragma once
// Calls to the market's API: the key, the turn at the gate, body limits, and what a 429 asks for.
// What an answer means is decided in outcome.h; a create is never sent twice by anything here.
#include <functional>
#include <optional>
#include <string>

#include "adapters/http/client.h"
#include "adapters/providers/vast/call_gate.h"
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
    std::optional<Importance> importance = {};  // nothing: what the route is for
    std::string owner = {};                     // a job or a person; owners take turns
    Duration patience = seconds(60);            // for its turn; after that it is not sent
};

struct OneCall {
    http::CallResult result;
    Duration retry_in;  // of a call that was not sent for want of a turn: sooner is in vain
};

class Api {
  public:
    // `gate` is the one of this key and outlives this.
    Api(Transport transport, std::string key, CallGate& gate);

    // At most one attempt, over a new connection. `may_send` is asked after the wait for the
    // route's turn, immediately before the call; empty: it may.
    OneCall send_once(const ApiCall& call, const std::function<bool()>& may_send = {});
    // For calls that may be repeated: waits and sends again when told that it was too frequent.
    http::CallResult send(const ApiCall& call);
    // The same, and the answer if it is a success; else an error that says what to do.
    Result<http::Response> fetch(const ApiCall& call);
    // Its body alone.
    Result<std::string> read(const ApiCall& call);

  private:
    OneCall attempt(const ApiCall& call, bool fresh_connection,
                    const std::function<bool()>& may_send);
    http::Request make_request(const ApiCall& call) const;

    const Transport transport_;
    const std::string key_;
    CallGate& gate_;
};

}  // namespace herder::vast
