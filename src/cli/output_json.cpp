#include <boost/json.hpp>

#include "cli/output.h"

namespace herder::cli {

namespace {

std::string quoted(const std::string& text) {
    return boost::json::serialize(boost::json::string_view(text));
}

std::string to_object(const Table& table, const std::vector<std::string>& row) {
    std::string text = "{";
    for (std::size_t c = 0; c < row.size(); ++c) {
        if (c > 0) text += ", ";
        text += quoted(table.columns[c].key) + ": ";
        text += table.columns[c].raw && !row[c].empty() ? row[c] : quoted(row[c]);
    }
    return text + "}";
}

}  // namespace

std::string to_json(const Table& table, bool lines) {
    std::string text = lines ? "" : "[";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        if (!lines) text += r == 0 ? "\n  " : ",\n  ";
        text += to_object(table, table.rows[r]);
        if (lines) text += '\n';
    }
    if (lines) return text;
    return text + (table.rows.empty() ? "]\n" : "\n]\n");
}

std::string to_problem_json(const Error& error) {
    boost::json::object problem;
    problem["type"] = "about:blank";
    problem["title"] = to_string(error.code);
    problem["code"] = to_api_word(error.code);
    problem["detail"] = error.message;
    problem["retryable"] = is_retryable(error.code);
    return boost::json::serialize(problem);
}

}  // namespace herder::cli
