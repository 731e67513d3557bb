#include <CLI/App.hpp>

#include "cli/cells.h"
#include "cli/doctor_checks.h"
#include "cli/groups.h"

namespace herder::cli {

namespace {

std::string sign_of(Health health, const Look& look) {
    switch (health) {
        case Health::kGood:
            return tick(look);
        case Health::kDoubtful:
            return "!";
        case Health::kBad:
            return cross(look);
    }
    return "";
}

std::string word_of(Health health) {
    switch (health) {
        case Health::kGood:
            return "good";
        case Health::kDoubtful:
            return "doubtful";
        case Health::kBad:
            return "bad";
    }
    return "";
}

Table to_table(const std::vector<Finding>& findings, bool for_people) {
    const Look look = current_look();
    Table table{.columns = {{.title = "GROUP", .key = "group"},
                            {.title = "CHECK", .key = "check"},
                            {.title = "", .key = "health"},
                            {.title = "FOUND", .key = "found"},
                            {.title = "WHAT TO DO", .key = "remedy"}}};
    std::string group;
    for (const Finding& one : findings) {
        // People read a group's name once.
        const bool is_same = for_people && one.group == group;
        group = one.group;
        table.rows.push_back({is_same ? "" : one.group, one.check,
                              for_people ? sign_of(one.health, look) : word_of(one.health),
                              one.found, one.remedy});
    }
    return table;
}

ExitCode examine(Context& context) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    std::vector<Finding> findings = check_local(context.options);
    for (Finding& one : check_server_side(*server))
        findings.push_back(std::move(one));
    context.output.table(to_table(findings, context.output.format() == Format::kTable));
    for (const Finding& one : findings) {
        if (one.health == Health::kBad) return ExitCode::kFailed;
    }
    return ExitCode::kOk;
}

}  // namespace

void add_doctor_commands(Commands& commands) {
    commands.add("doctor",
                 "check this machine, server, provider, storage and budgets; says what to do, "
                 "exit 1 if something is bad",
                 examine);
}

}  // namespace herder::cli
