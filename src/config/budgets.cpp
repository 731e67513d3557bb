#include "config/budgets.h"

#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "config/fields.h"

namespace herder::config {

namespace {

using Use = KeyRule::Use;

constexpr KeyRule kTopKeys[] = {{"version"}, {"currency"}, {"timezone"}, {"budgets"}};
constexpr KeyRule kBudgetKeys[] = {
    {"description"},
    {"scope"},
    {"limit"},
    {"window"},
    {"parent"},
    {"max_burn_rate"},
    {"max_job_cost"},
    {"rolling", Use::kNotYet, "windows begin with the day, the week (Monday) or the month, in UTC"},
    {"max_gpus", Use::kNotYet},
    {"actions", Use::kNotYet, "a job that reaches its budget is checkpointed, then stopped"},
};
constexpr KeyRule kScopeKeys[] = {
    {"team"}, {"project"}, {"user"}, {"labels"}, {"provider", Use::kNotYet}};

constexpr Section kTop{"", kTopKeys};
constexpr Section kBudget{"budget", kBudgetKeys};
constexpr Section kScope{"scope", kScopeKeys};
constexpr Section kFamily[] = {kTop, kBudget, kScope};

std::string text_of(const Mapping& mapping, std::string_view key) {
    const auto field = mapping.find(key);
    return field ? field->text().value_or("") : "";
}

BudgetWindow read_window(const Field& field) {
    if (field.node->text == "quarter") {
        field.error("'quarter' for 'window' is not supported yet",
                    "it is one of: day, week, month, total");
        return BudgetWindow::kMonth;
    }
    const auto word = field.word({"day", "week", "month", "total"});
    if (word == "day") return BudgetWindow::kDay;
    if (word == "week") return BudgetWindow::kWeek;
    return word == "total" ? BudgetWindow::kTotal : BudgetWindow::kMonth;
}

void read_scope(const Field& field, BudgetSpec& budget) {
    const Mapping scope(field, kScope, kFamily);
    budget.team = text_of(scope, "team");
    budget.project = text_of(scope, "project");
    budget.user = text_of(scope, "user");
    const auto labels = scope.find("labels");
    if (!labels) return;
    for (const Field& label : labels->entries())
        budget.labels[label.key] = label.text().value_or("");
}

BudgetSpec read_budget(const Field& field) {
    BudgetSpec budget;
    budget.name = field.key;
    budget.window = BudgetWindow::kMonth;
    const Mapping mapping(field, kBudget, kFamily);
    if (const auto scope = mapping.find("scope")) read_scope(*scope, budget);
    if (const auto limit = mapping.find("limit")) {
        budget.limit = limit->dollars().value_or(Usd{});
    } else {
        field.out->error(field.key_place, field.pointer, "budget '" + field.key + "' has no limit",
                         "write limit: 50");
    }
    if (const auto f = mapping.find("window")) budget.window = read_window(*f);
    if (const auto f = mapping.find("max_burn_rate")) {
        budget.burn_rate_max = {f->dollars().value_or(Usd{}).micros};
    }
    if (const auto f = mapping.find("max_job_cost")) {
        budget.job_cost_max = f->dollars().value_or(Usd{});
    }
    if (const auto f = mapping.find("description")) (void)f->text();
    budget.parent = text_of(mapping, "parent");
    return budget;
}

const BudgetSpec* find(const std::vector<BudgetSpec>& budgets, const std::string& name) {
    const auto found = std::find_if(budgets.begin(), budgets.end(),
                                    [&](const BudgetSpec& b) { return b.name == name; });
    return found == budgets.end() ? nullptr : &*found;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

// Every parent exists and following parents comes to an end.
void check_parents(const std::vector<Field>& fields, const std::vector<BudgetSpec>& budgets) {
    std::vector<std::string> names;
    for (const BudgetSpec& budget : budgets)
        names.push_back(budget.name);
    for (std::size_t i = 0; i < budgets.size(); ++i) {
        if (budgets[i].parent.empty()) continue;
        const auto parent =
            std::find_if(fields[i].node->entries.begin(), fields[i].node->entries.end(),
                         [](const Entry& e) { return e.key == "parent"; });
        const std::string pointer = fields[i].pointer + "/parent";
        const BudgetSpec* above = find(budgets, budgets[i].parent);
        if (above == nullptr) {
            const std::string near = did_you_mean(budgets[i].parent, names);
            fields[i].out->error(parent->value.place, pointer,
                                 "there is no budget '" + budgets[i].parent + "'",
                                 near.empty() ? "there are: " + joined(names) : near);
            continue;
        }
        for (std::size_t steps = 0; above != nullptr && steps <= budgets.size(); ++steps) {
            if (above->name == budgets[i].name) {
                fields[i].out->error(parent->value.place, pointer,
                                     "budget '" + budgets[i].name + "' is its own parent",
                                     "a parent must not lead back to its child");
                break;
            }
            above = find(budgets, above->parent);
        }
    }
}

}  // namespace

std::vector<BudgetSpec> parse_budgets(const std::string& text, Diagnostics& out) {
    std::vector<BudgetSpec> budgets;
    const auto parsed = parse_yaml(text);
    if (const auto* error = std::get_if<YamlError>(&parsed)) {
        out.error(error->place, "", error->message, error->help);
        return budgets;
    }
    const Field root{&std::get<Node>(parsed), {}, "", "", &out};
    const Mapping top(root, kTop, kFamily);
    if (const auto version = top.find("version")) (void)version->integer(1, 1);
    if (const auto currency = top.find("currency")) (void)currency->word({"USD"});
    if (const auto timezone = top.find("timezone")) (void)timezone->word({"UTC"});
    const auto list = top.find("budgets");
    if (!list) {
        out.error({}, "", "'budgets' is missing",
                  "write budgets: {NAME: {scope: {team: nlp}, limit: 50, window: month}}");
        return budgets;
    }
    const std::vector<Field> fields = list->entries();
    for (const Field& field : fields)
        budgets.push_back(read_budget(field));
    check_parents(fields, budgets);
    return budgets;
}

const char* to_string(BudgetWindow window) {
    switch (window) {
        case BudgetWindow::kTotal:
            return "total";
        case BudgetWindow::kDay:
            return "day";
        case BudgetWindow::kWeek:
            return "week";
        case BudgetWindow::kMonth:
            return "month";
    }
    return "total";
}

}  // namespace herder::config
