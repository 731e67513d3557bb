// Cost report and budgets.
#include <boost/json.hpp>

#include "api/problem_json.h"
#include "api/routes.h"
#include "api/view_json.h"

namespace herder::api {

namespace json = boost::json;

namespace {

void report(const Call& call) {
    const std::string by = call.request.query_or("by", "job");
    call.parts.engine.read([exchange = call.exchange, by](const State& state, Instant now) {
        const Result<std::string> text = cost_report(state, now, by);
        if (!text) return exchange->respond(problem(text.error(), "/api/v1/cost/report"));
        Response response;
        response.body = *text;
        exchange->respond(std::move(response));
    });
}

void list_budgets(const Call& call) {
    call.parts.engine.read(
        [exchange = call.exchange, wall = call.options.wall](const State& state, Instant now) {
            Response response;
            response.body = budgets_view(state, now, wall());
            exchange->respond(std::move(response));
        });
}

std::string text_of(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

Result<BudgetSpec> parse_budget(const json::value& value) {
    if (!value.is_object()) return invalid("a budget is not a JSON object");
    const json::object& object = value.as_object();
    BudgetSpec budget;
    budget.name = text_of(object, "name");
    budget.team = text_of(object, "team");
    budget.project = text_of(object, "project");
    budget.user = text_of(object, "user");
    budget.parent = text_of(object, "parent");
    if (budget.name.empty()) return invalid("a budget has no name");
    const Result<Usd> limit = parse_usd(text_of(object, "limit"));
    if (!limit) return limit.error().with_context("budget '" + budget.name + "', limit");
    budget.limit = *limit;
    const std::string window = text_of(object, "window");
    if (window == "day")
        budget.window = BudgetWindow::kDay;
    else if (window == "week")
        budget.window = BudgetWindow::kWeek;
    else if (window == "month")
        budget.window = BudgetWindow::kMonth;
    else if (!window.empty() && window != "total") {
        return invalid("budget '" + budget.name + "': window '" + window +
                       "' is not day, week, month or total");
    }
    return budget;
}

void set_budgets(const Call& call) {
    boost::system::error_code error;
    const json::value body = json::parse(call.request.body, error);
    if (error || !body.is_object() || !body.as_object().contains("budgets") ||
        !body.as_object().at("budgets").is_array()) {
        return call.fail(invalid("the body is not a JSON object with a list 'budgets'"));
    }
    input::SetBudgets in;
    for (const json::value& value : body.as_object().at("budgets").as_array()) {
        Result<BudgetSpec> budget = parse_budget(value);
        if (!budget) return call.fail(budget.error());
        in.budgets.push_back(std::move(*budget));
    }
    call.parts.engine.ask(std::move(in), [exchange = call.exchange](Result<ReplyBody> reply) {
        if (!reply) return exchange->respond(problem(reply.error(), "/api/v1/budgets"));
        Response response;
        response.body = "{}";
        exchange->respond(std::move(response));
    });
}

}  // namespace

bool route_money(const Call& call) {
    const std::string& method = call.request.method;
    if (call.path.size() == 2 && call.path[0] == "cost" && call.path[1] == "report" &&
        method == "GET") {
        return report(call), true;
    }
    if (call.path.size() != 1 || call.path[0] != "budgets") return false;
    if (method == "GET") return list_budgets(call), true;
    if (method == "PUT") return set_budgets(call), true;
    return false;
}

}  // namespace herder::api
