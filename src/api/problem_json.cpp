#include "api/problem_json.h"

#include <array>
#include <boost/json.hpp>

namespace herder::api {

namespace {

constexpr std::array<CodeRow, 13> kRows = {{
    {ErrorCode::kInvalid, 400, "INVALID", "The request is not valid"},
    {ErrorCode::kNotFound, 404, "NOT_FOUND", "There is no such thing"},
    {ErrorCode::kConflict, 409, "CONFLICT", "Not possible in the present state"},
    {ErrorCode::kUnauthenticated, 401, "UNAUTHENTICATED", "A valid token is needed"},
    {ErrorCode::kForbidden, 403, "FORBIDDEN", "Not allowed"},
    {ErrorCode::kRateLimited, 429, "RATE_LIMITED", "Too many requests"},
    {ErrorCode::kNoCapacity, 503, "NO_CAPACITY", "No machine is to be had"},
    {ErrorCode::kBudgetExceeded, 409, "BUDGET_EXCEEDED", "Budget exceeded"},
    {ErrorCode::kUnavailable, 503, "UNAVAILABLE", "Not available now"},
    {ErrorCode::kTimedOut, 504, "TIMED_OUT", "It took too long"},
    {ErrorCode::kCancelled, 409, "CANCELLED", "Cancelled"},
    {ErrorCode::kCorrupt, 500, "CORRUPT", "Stored data is damaged"},
    {ErrorCode::kInternal, 500, "INTERNAL", "A fault of the server"},
}};

}  // namespace

const CodeRow& row_of(ErrorCode code) {
    for (const CodeRow& row : kRows) {
        if (row.code == code) return row;
    }
    return kRows.back();
}

Response problem(const Error& error, const std::string& instance) {
    const CodeRow& row = row_of(error.code);
    boost::json::object body;
    body["type"] = "about:blank";
    body["title"] = row.title;
    body["status"] = row.status;
    body["code"] = row.name;
    body["detail"] = error.message;
    body["instance"] = instance;
    body["retryable"] = is_retryable(error.code);
    Response response;
    response.status = row.status;
    response.content_type = "application/problem+json";
    response.body = boost::json::serialize(body);
    return response;
}

}  // namespace herder::api
