#include "api/problem_json.h"

#include <boost/json.hpp>

#include "base/log.h"

namespace herder::api {

namespace json = boost::json;

namespace {

// ErrorCode's order; is_retryable is base's own table.
constexpr ErrorCode kCodes[] = {
    ErrorCode::kInvalid,         ErrorCode::kNotFound,       ErrorCode::kConflict,
    ErrorCode::kUnauthenticated, ErrorCode::kForbidden,      ErrorCode::kRateLimited,
    ErrorCode::kNoCapacity,      ErrorCode::kBudgetExceeded, ErrorCode::kUnavailable,
    ErrorCode::kTimedOut,        ErrorCode::kCancelled,      ErrorCode::kCorrupt,
    ErrorCode::kInternal};

std::vector<CodeRow> make_rows() {
    std::vector<CodeRow> rows = {
        {400, "INVALID", "The request is not valid",
         "something in the request is wrong; 'errors' says what and where", false},
        {404, "NOT_FOUND", "There is no such thing", "the address or the name leads nowhere",
         false},
        {409, "CONFLICT", "Not possible in the present state",
         "the thing is in a state that forbids this, or the Idempotency-Key belongs to another "
         "request",
         false},
        {401, "UNAUTHENTICATED", "A valid token is needed",
         "send 'Authorization: Bearer' with the text of the file 'token' in the server's data "
         "folder",
         false},
        {403, "FORBIDDEN", "Not allowed", "the token does not allow this", false},
        {429, "RATE_LIMITED", "Too many requests", "too much waits already; try again later",
         false},
        {503, "NO_CAPACITY", "No machine or no space is to be had",
         "the market has no such machine, or the server's store is full", false},
        {409, "BUDGET_EXCEEDED", "Budget exceeded",
         "the worst case of the job does not fit into a budget; raise it or lower the job's limits",
         false},
        {503, "UNAVAILABLE", "Not available now",
         "the server, its disk or the market does not answer; try again later", false},
        {504, "TIMED_OUT", "It took too long", "what the server asked did not answer in time",
         false},
        {409, "CANCELLED", "Cancelled", "it was cancelled meanwhile", false},
        {500, "CORRUPT", "Stored data is damaged", "a stored file does not have its checksum",
         false},
        {500, "INTERNAL", "A fault of the server",
         "a defect; look for the request_id in the server's log and report it", false},
    };
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].is_retryable = is_retryable(kCodes[i]);
    rows.push_back({405, "METHOD_NOT_ALLOWED", "The path has other methods",
                    "the path exists, but not with this method; 'Allow' lists those it has",
                    false});
    rows.push_back({413, "TOO_LARGE", "The body is too large",
                    "the body is longer than the server takes", false});
    return rows;
}

json::array to_array(const std::vector<Complaint>& complaints) {
    json::array out;
    for (const Complaint& one : complaints) {
        json::object item{{"pointer", one.pointer}, {"message", one.message}};
        item["suggestion"] = nullptr;
        if (!one.suggestion.empty()) item["suggestion"] = one.suggestion;
        if (one.line > 0) {
            item["line"] = one.line;
            item["column"] = one.column;
        }
        out.push_back(std::move(item));
    }
    return out;
}

}  // namespace

const std::vector<CodeRow>& code_rows() {
    static const std::vector<CodeRow> rows = make_rows();
    return rows;
}

const CodeRow& row_of(ErrorCode code) {
    return code_rows().at(static_cast<std::size_t>(code));
}

const CodeRow& row_of_method_not_allowed() {
    return code_rows().at(std::size(kCodes));
}

const CodeRow& row_of_too_large() {
    return code_rows().at(std::size(kCodes) + 1);
}

std::string type_of(const CodeRow& row) {
    std::string name = row.name;
    for (char& c : name)
        c = c == '_' ? '-' : static_cast<char>(c - 'A' + 'a');
    return "/api/v1/problems/" + name;
}

Problem wrong_at(const std::string& pointer, const std::string& message,
                 const std::string& suggestion) {
    return {invalid(message), {{pointer, message, suggestion}}};
}

Response problem(const Problem& problem, const std::string& instance,
                 const std::string& request_id) {
    const CodeRow& row = problem.row != nullptr ? *problem.row : row_of(problem.error.code);
    json::object body;
    body["type"] = type_of(row);
    body["title"] = row.title;
    body["status"] = row.status;
    body["code"] = row.name;
    body["detail"] = problem.error.message;
    body["instance"] = instance;
    body["request_id"] = nullptr;
    if (!request_id.empty()) body["request_id"] = request_id;
    body["retryable"] = row.is_retryable;
    body["errors"] = to_array(problem.complaints);
    json::array help;
    for (const std::string& line : problem.help)
        help.emplace_back(line);
    body["help"] = std::move(help);
    Response response;
    response.status = row.status;
    response.content_type = "application/problem+json";
    response.body = json::serialize(body);
    return response;
}

void refuse(Exchange& exchange, const Problem& wrong) {
    Response response = problem(wrong, exchange.path(), exchange.request_id());
    if (response.status >= 500) {
        log_warn("api.failed", {{"request", exchange.request_id()},
                                {"path", exchange.path()},
                                {"why", wrong.error.message}});
    }
    exchange.respond(std::move(response));
}

}  // namespace herder::api
