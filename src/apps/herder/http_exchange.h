#pragma once
// Connects the API's exchanges to the HTTP server.
#include <memory>

#include "adapters/http/server.h"
#include "api/exchange.h"

namespace herder {

Result<api::Request> to_api_request(http::Request request);
http::Response to_http_response(api::Response response);
api::ExchangePtr make_exchange(http::Responder responder);

// For what the server's lower half refuses before anybody looks at it.
http::Response refusal(int status);

}  // namespace herder
