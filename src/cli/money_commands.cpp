#include <CLI/App.hpp>
#include <array>

#include "cli/config_files.h"
#include "cli/groups.h"
#include "cli/list_view.h"
#include "cli/server_link.h"
#include "config/budgets.h"

namespace herder::cli {

namespace {

template <const char* const& kKey>
std::string money_of(const Json& row, const Look&) {
    return money_cell(text_at(row, kKey));
}
constexpr const char* kCost = "cost";
constexpr const char* kCharged = "charged";
constexpr const char* kGpu = "gpu";
constexpr const char* kDisk = "disk";
constexpr const char* kNetwork = "network";
constexpr const char* kLimit = "limit";
constexpr const char* kSpent = "spent";
constexpr const char* kReserved = "reserved";
constexpr const char* kLeft = "left";

constexpr std::array<ViewColumn, 6> kReportColumns{
    {{"FOR", "key"},
     {"COST", kCost, true, money_of<kCost>},
     {"CHARGED", kCharged, true, money_of<kCharged>},
     {"GPU", kGpu, true, money_of<kGpu>},
     {"DISK", kDisk, true, money_of<kDisk>},
     {"NETWORK", kNetwork, true, money_of<kNetwork>}}};
const ListView kReport{kReportColumns, "nothing was spent yet"};

std::string scope_of(const Json& budget, const Look&) {
    std::string scope;
    for (const char* key : {"team", "project", "user"}) {
        const std::string value = text_at(budget, key);
        if (!value.empty()) scope += (scope.empty() ? "" : ", ") + std::string(key) + " " + value;
    }
    return scope.empty() ? "everything" : printable(scope);
}
constexpr std::array<ViewColumn, 7> kBudgetColumns{
    {{"BUDGET", "name"},
     {"COVERS", "project", false, scope_of},
     {"WINDOW", "window"},
     {"LIMIT", kLimit, true, money_of<kLimit>},
     {"SPENT", kSpent, true, money_of<kSpent>},
     {"RESERVED", kReserved, true, money_of<kReserved>},
     {"LEFT", kLeft, true, money_of<kLeft>}}};
const ListView kBudgets{kBudgetColumns,
                        "no budgets; set them with: herder budget set budgets.yaml"};

ExitCode report(Context& context, const std::string& by) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json> answer = server->get("/cost/report?by=" + http::percent_encode(by));
    if (!answer) return fail(context, answer.error());
    const Json* rows = answer->find("rows");
    if (context.output.format() == Format::kJson || rows == nullptr || !rows->if_array()) {
        print_json(context, *answer);
        return ExitCode::kOk;
    }
    print_items(context, *rows->if_array(), kReport);
    context.output.note("total " + money_cell(text_at(*answer, "total_cost")) + " by our clock, " +
                        money_cell(text_at(*answer, "total_charged")) + " charged by the provider");
    const std::string unowned = text_at(*answer, "unowned");
    if (!unowned.empty() && unowned != "0") {
        context.output.note("! " + money_cell(unowned) +
                            " of the charges belong to no machine of ours");
    }
    return ExitCode::kOk;
}

ExitCode list_budgets(Context& context) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json::Array> budgets = server->list("/budgets", 1000);
    if (!budgets) return fail(context, budgets.error());
    print_items(context, *budgets, kBudgets);
    return ExitCode::kOk;
}

Result<Json> read_budgets(const std::string& path) {
    const Result<std::optional<LoadedBudgets>> loaded = load_budgets(path);
    if (!loaded) return loaded.error();
    Json::Array list;
    for (const BudgetSpec& budget : (*loaded)->budgets) {
        Json one{Json::Object{}};
        one.set("name", budget.name).set("team", budget.team).set("project", budget.project);
        one.set("user", budget.user).set("parent", budget.parent);
        one.set("limit", to_decimal(budget.limit)).set("window", config::to_string(budget.window));
        if (budget.burn_rate_max.micros > 0)
            one.set("burn_rate_max", to_decimal(budget.burn_rate_max));
        if (budget.job_cost_max > Usd{}) one.set("job_cost_max", to_decimal(budget.job_cost_max));
        Json labels{Json::Object{}};
        for (const auto& [name, value] : budget.labels)
            labels.set(name, value);
        one.set("labels", std::move(labels));
        list.push_back(std::move(one));
    }
    Json body{Json::Object{}};
    body.set("budgets", Json(std::move(list)));
    return body;
}

ExitCode set_budgets(Context& context, const std::string& path) {
    const Result<Json> body = read_budgets(path);
    if (!body) return fail(context, body.error());
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json> answer = server->send("PUT", "/budgets", *body);
    if (!answer) return fail(context, answer.error());
    const std::size_t count = body->find("budgets")->if_array()->size();
    context.output.note(std::to_string(count) + " budgets are in force; see: herder budget ls");
    return ExitCode::kOk;
}

}  // namespace

void add_money_commands(Commands& commands) {
    CLI::App& cost = commands.group("cost", "what was spent, and for what");
    auto& by = commands.keep<std::string>();
    by = "job";
    CLI::App& show = commands.add(
        "report", "our own clock beside the provider's charges",
        [&by](Context& context) { return report(context, by); }, &cost);
    show.add_option("--by", by, "job, project, team, user, gpu or day")
        ->check(CLI::IsMember({"job", "project", "team", "user", "gpu", "day"}));

    CLI::App& budget = commands.group("budget", "limits of what may be spent");
    commands.add("ls", "every budget: spent, reserved and left", list_budgets, &budget);
    auto& path = commands.keep<std::string>();
    commands
        .add(
            "set", "replace all budgets by those of a file",
            [&path](Context& context) { return set_budgets(context, path); }, &budget)
        .add_option("FILE", path, "as budgets.yaml")
        ->required();
}

}  // namespace herder::cli
