// tidy:allow missing-test covered by api_test.cpp
// What the server says of itself: health, version, its API, what its problem codes mean.
#include <boost/json.hpp>

#include "api/openapi.h"
#include "api/problem_json.h"
#include "api/routes.h"
#include "core/jobs/agent_messages.h"

namespace herder::api {

namespace json = boost::json;

namespace {

void health(const Call& call) {
    const bool leads = call.parts.engine.is_leading();
    call.json(leads ? 200 : 503,
              json::serialize(
                  json::object{{"status", leads ? "ok" : "not leading"}, {"leading", leads}}));
}

void version(const Call& call) {
    call.json(200, json::serialize(json::object{{"version", call.options.version},
                                                {"api", 1},
                                                {"agent_protocol", kAgentProtocol}}));
}

void description(const Call& call) {
    call.json(200, openapi_document());
}

json::object row_object(const CodeRow& row) {
    return {{"code", row.name},   {"type", type_of(row)},   {"status", row.status},
            {"title", row.title}, {"meaning", row.meaning}, {"retryable", row.is_retryable}};
}

void list_problems(const Call& call) {
    json::array items;
    for (const CodeRow& row : code_rows())
        items.push_back(row_object(row));
    call.json(200,
              json::serialize(json::object{{"items", std::move(items)}, {"next_cursor", nullptr}}));
}

void show_problem(const Call& call) {
    for (const CodeRow& row : code_rows()) {
        if (type_of(row) == call.request.path)
            return call.json(200, json::serialize(row_object(row)));
    }
    call.fail(not_found("there is no problem '" + call.name("problem") +
                        "'; GET /api/v1/problems lists them"));
}

}  // namespace

std::vector<Route> meta_routes() {
    return {{"GET", "/health", {}, health, true},
            {"GET", "/version", {}, version, true},
            {"GET", "/openapi.json", {}, description, true},
            {"GET", "/problems", {}, list_problems, true},
            {"GET", "/problems/{problem}", {}, show_problem, true}};
}

}  // namespace herder::api
