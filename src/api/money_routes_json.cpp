// Cost report and budgets.
#include <boost/json.hpp>
#include <set>

#include "api/body_json.h"
#include "api/query_reader.h"
#include "api/routes.h"
#include "api/view_json.h"
#include "base/suggest.h"

namespace herder::api {

namespace json = boost::json;

namespace {

void report(const Call& call) {
    QueryReader query(call.request);
    const std::string by =
        query.word("by", "job", {"job", "project", "team", "user", "gpu", "day"});
    if (!query.is_good()) return call.fail(query.problem());
    call.parts.engine.read([exchange = call.exchange, by](const State& state, Instant now) {
        Response response;
        response.body = cost_report(state, now, by);
        exchange->respond(std::move(response));
    });
}

void list_budgets(const Call& call) {
    QueryReader query(call.request);
    const Page page = read_page(query, 1000);
    if (!query.is_good()) return call.fail(query.problem());
    call.parts.engine.read([exchange = call.exchange, wall = call.options.wall, page](
                               const State& state, Instant now) {
        const Result<std::string> text = budgets_view(state, {now, wall()}, page);
        if (!text) return refuse(exchange, text.error());
        Response response;
        response.body = *text;
        exchange->respond(std::move(response));
    });
}

// Reads one budget; what is wrong with it is left with the reader.
class BudgetReader {
  public:
    BudgetReader(BodyReader& body, const json::object& object, std::string pointer)
        : body_(body), object_(object), pointer_(std::move(pointer)) {}

    BudgetSpec read() {
        body_.check_keys(object_, pointer_,
                         {"name", "team", "project", "user", "labels", "parent", "limit", "window",
                          "burn_rate_max", "job_cost_max"});
        BudgetSpec budget;
        budget.name = text("name");
        budget.team = text("team");
        budget.project = text("project");
        budget.user = text("user");
        budget.parent = text("parent");
        if (budget.name.empty()) body_.complain(pointer_ + "/name", "a budget has no name");
        if (text("limit").empty()) body_.complain(pointer_ + "/limit", "a budget has no limit");
        budget.limit = money("limit");
        budget.job_cost_max = money("job_cost_max");
        budget.burn_rate_max = UsdPerHour{money("burn_rate_max").micros};
        budget.window = window();
        budget.labels = labels();
        return budget;
    }

  private:
    std::string text(const char* key) { return body_.text(object_, pointer_, key); }

    Usd money(const char* key) {
        const std::string said = text(key);
        if (said.empty()) return {};
        const Result<Usd> amount = parse_usd(said);
        if (amount && *amount >= Usd{}) return *amount;
        body_.complain(pointer_ + "/" + key, std::string(key) + " '" + said +
                                                 "' is no amount of dollars such as '12.50'");
        return {};
    }

    BudgetWindow window() {
        const std::vector<std::string> words = {"total", "day", "week", "month"};
        const std::string said = text("window");
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (said == words[i]) return static_cast<BudgetWindow>(i);
        }
        if (said.empty()) return BudgetWindow::kTotal;
        body_.complain(pointer_ + "/window",
                       "window '" + said + "' is not day, week, month or total",
                       nearest(said, words));
        return BudgetWindow::kTotal;
    }

    std::map<std::string, std::string> labels() {
        std::map<std::string, std::string> out;
        const json::value* value = object_.if_contains("labels");
        if (value == nullptr || value->is_null()) return out;
        if (!value->is_object()) {
            body_.complain(pointer_ + "/labels", "'labels' is not an object of texts");
            return out;
        }
        for (const auto& member : value->as_object()) {
            const std::string key(member.key());
            out[key] = body_.text(value->as_object(), pointer_ + "/labels", key);
        }
        return out;
    }

    BodyReader& body_;
    const json::object& object_;
    const std::string pointer_;
};

void check_names(BodyReader& body, const std::vector<BudgetSpec>& budgets) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < budgets.size(); ++i) {
        if (!budgets[i].name.empty() && !names.insert(budgets[i].name).second) {
            body.complain("/budgets/" + std::to_string(i) + "/name",
                          "there are two budgets '" + budgets[i].name + "'");
        }
    }
    for (std::size_t i = 0; i < budgets.size(); ++i) {
        const std::string& parent = budgets[i].parent;
        if (parent.empty() || (names.contains(parent) && parent != budgets[i].name)) continue;
        body.complain("/budgets/" + std::to_string(i) + "/parent",
                      "there is no other budget '" + parent + "'",
                      nearest(parent, {names.begin(), names.end()}));
    }
}

std::vector<BudgetSpec> read_budgets(BodyReader& body, const json::object& object) {
    body.check_keys(object, "", {"budgets"});
    const json::value* list = object.if_contains("budgets");
    std::vector<BudgetSpec> budgets;
    if (list == nullptr || !list->is_array()) {
        body.complain("/budgets", "the body has no list 'budgets'");
        return budgets;
    }
    for (std::size_t i = 0; i < list->as_array().size(); ++i) {
        const json::value& value = list->as_array()[i];
        const std::string pointer = "/budgets/" + std::to_string(i);
        if (value.is_object())
            budgets.push_back(BudgetReader(body, value.as_object(), pointer).read());
        else
            body.complain(pointer, "a budget is not a JSON object");
    }
    check_names(body, budgets);
    return budgets;
}

void set_budgets(const Call& call) {
    BodyReader body;
    const std::optional<json::object> object = body.parse(call.request.body);
    input::SetBudgets in;
    if (object) in.budgets = read_budgets(body, *object);
    for (std::size_t i = 0; i < in.budgets.size(); ++i) {
        for (const BudgetSpec& guard : call.options.guards) {
            if (in.budgets[i].name != guard.name) continue;
            body.complain("/budgets/" + std::to_string(i) + "/name",
                          "'" + guard.name + "' is the context's own; change its file");
        }
    }
    if (!body.is_good()) return call.fail(body.problem());
    const std::size_t count = in.budgets.size();
    in.budgets.insert(in.budgets.end(), call.options.guards.begin(), call.options.guards.end());
    call.parts.engine.ask(std::move(in),
                          [exchange = call.exchange, count](Result<ReplyBody> reply) {
                              if (!reply) return refuse(exchange, reply.error());
                              Response response;
                              response.body = json::serialize(json::object{{"budgets", count}});
                              exchange->respond(std::move(response));
                          });
}

}  // namespace

std::vector<Route> money_routes() {
    return {{"GET", "/cost/report", {"by"}, report},
            {"GET", "/budgets", {"limit", "cursor"}, list_budgets},
            {"PUT", "/budgets", {}, set_budgets}};
}

}  // namespace herder::api
