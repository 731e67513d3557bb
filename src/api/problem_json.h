#pragma once
// Errors as problem+json (RFC 9457), and the one table from our codes to HTTP statuses.
#include <string>

#include "api/exchange.h"
#include "base/result.h"

namespace herder::api {

struct CodeRow {
    ErrorCode code;
    int status;
    const char* name;  // stable: clients and exit codes depend on it
    const char* title;
};
const CodeRow& row_of(ErrorCode code);

// `instance` is the request's path.
Response problem(const Error& error, const std::string& instance);

}  // namespace herder::api
