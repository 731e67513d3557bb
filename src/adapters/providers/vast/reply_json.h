#pragma once
// The envelope of every answer of the market: success, error code, message, and a contract id where
// one is given, also with an error. Bodies may be JSON, plain text or HTML.
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"

namespace herder::vast {

struct Reply {
    int status = 0;
    bool parsed = false;          // the body is one JSON object
    bool is_json = false;         // or another JSON value: some lists come bare
    std::optional<bool> success;  // HTTP 200 with success:false exists
    std::string error;            // the code, as "no_such_ask"
    std::string message;
    ContractId contract;      // new_contract; then a machine exists, whatever else is said
    std::string machine_key;  // instance_api_key; never shown
    std::string text;         // the start of a body that is not JSON, for people

    bool is_2xx() const { return status >= 200 && status < 300; }
    // The code, message or text contains `words`, in any case.
    bool mentions(std::string_view words) const;
    // "404 no_such_instance: Instance 5 not found."
    std::string describe() const;
};

Reply parse_reply(int status, std::string_view body);

// The account key is refused, lacks a right, or its session ended (the market's 404 may mean that).
bool is_auth_error(const Reply& reply);

// The key is valid but may not do this: 401 and 403 were both seen (API reference, 1.2).
bool is_missing_right(const Reply& reply);

// The number after "threshold=" in a 429, or nothing.
std::optional<Duration> find_threshold(std::string_view body);

}  // namespace herder::vast
