#pragma once
// Errors as problem+json (RFC 9457), and the one table from our codes to HTTP statuses.
#include <optional>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "base/result.h"

namespace herder::api {

struct CodeRow {
    int status;
    const char* name;  // stable: clients and exit codes depend on it
    const char* title;
    const char* meaning;  // what it means and what to do, for people
    bool is_retryable;
};
// One row for each ErrorCode, in its order, then those that only HTTP knows.
const std::vector<CodeRow>& code_rows();
const CodeRow& row_of(ErrorCode code);
const CodeRow& row_of_method_not_allowed();
const CodeRow& row_of_too_large();
// "BUDGET_EXCEEDED" -> "/api/v1/problems/budget-exceeded", where the row is explained.
std::string type_of(const CodeRow& row);

// One thing that is wrong with a request, and where.
struct Complaint {
    std::string pointer;  // JSON pointer into the body, or "?name" for a query parameter
    std::string message;
    std::string suggestion;  // what was probably meant; empty: no idea
    int line = 0;            // of the body, for what is no JSON; 0: not known
    int column = 0;
};

struct Problem {
    Problem(Error e) : error(std::move(e)) {}  // NOLINT: implicit on purpose
    Problem(Error e, std::vector<Complaint> c) : error(std::move(e)), complaints(std::move(c)) {}

    Error error;
    std::vector<Complaint> complaints;
    std::vector<std::string> help;  // commands that lead on
    const CodeRow* row = nullptr;   // instead of the error's own
};
// A body of which one place is wrong.
Problem wrong_at(const std::string& pointer, const std::string& message,
                 const std::string& suggestion = "");

// Answers with the problem, under the exchange's id; a fault of ours is logged under it too.
void refuse(Exchange& exchange, const Problem& problem);
inline void refuse(const ExchangePtr& exchange, const Problem& problem) {
    refuse(*exchange, problem);
}

// For those who have no named exchange. `instance` is the request's path.
Response problem(const Problem& problem, const std::string& instance,
                 const std::string& request_id = "");

}  // namespace herder::api
