#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <set>

#include "base/money.h"
#include "cli/cells.h"
#include "cli/context_files.h"
#include "cli/groups.h"

namespace herder::cli {

namespace {

using config::ConfirmRule;
using config::ContextSpec;

struct AddOptions {
    std::string name;
    ContextSpec spec;
    std::string confirm = "usual";
    std::string hourly_max;
};

std::string key_source(const ContextSpec& spec) {
    if (!spec.key_variable.empty()) return "$" + spec.key_variable;
    if (!spec.key_file.empty()) return spec.key_file;
    return "as the Vast CLI";
}

std::string place_of(const std::string& name, const ContextSpec& spec) {
    if (!spec.server_url.empty()) return spec.server_url;
    return spec.data_dir.empty() ? default_data_dir(name) : spec.data_dir;
}

std::vector<std::string> all_names() {
    std::vector<std::string> names = context_names();
    if (std::find(names.begin(), names.end(), kDefaultContext) == names.end())
        names.insert(names.begin(), kDefaultContext);
    return names;
}

std::vector<std::string> row_of(const std::string& name, const ContextSpec& spec) {
    return {name, key_source(spec), place_of(name, spec),
            spec.confirm == ConfirmRule::kAlways ? "always" : "usual",
            spec.hourly_max.micros > 0 ? to_decimal(spec.hourly_max) : "-"};
}

ExitCode list_contexts(Context& context) {
    const std::string current = current_context();
    Table table{.columns = {{.title = "", .key = "current"},
                            {.title = "NAME", .key = "name"},
                            {.title = "KEY", .key = "key"},
                            {.title = "SERVER", .key = "server"},
                            {.title = "CONFIRM", .key = "confirm"},
                            {.title = "MAX $/H", .key = "max_hourly"}},
                .rows = {}};
    std::map<std::string, std::string> keys;  // source -> the first context with it
    for (const std::string& name : all_names()) {
        const Result<ContextSpec> spec = load_context(name);
        const std::string mark = name == current ? "*" : "";
        if (!spec) {
            context.output.note(spec.error().message);
            table.rows.push_back({mark, name, "its file is wrong", "", "", ""});
            continue;
        }
        const auto [first, is_new] = keys.try_emplace(key_source(*spec), name);
        if (!is_new) {
            context.output.note("contexts '" + first->second + "' and '" + name +
                                "' take their key from the same place (" + first->first +
                                "): they share one account's limits and credit, though neither "
                                "touches the other's machines");
        }
        table.rows.push_back(row_of(name, *spec));
        table.rows.back().insert(table.rows.back().begin(), mark);
    }
    context.output.table(table);
    return ExitCode::kOk;
}

ExitCode show_context(Context& context, const std::string& wanted) {
    const std::string name = wanted.empty() ? current_context() : wanted;
    const Result<ContextSpec> spec = load_context(name);
    if (!spec) return fail(context, spec.error());
    Table table{.columns = {{.title = "WHAT", .key = "what"}, {.title = "VALUE", .key = "value"}},
                .rows = {}};
    const char* titles[] = {"name", "key", "server", "confirm", "max_hourly"};
    const std::vector<std::string> values = row_of(name, *spec);
    for (std::size_t i = 0; i < values.size(); ++i)
        table.rows.push_back({titles[i], values[i]});
    for (const auto& [title, value] : {std::pair{"listen", spec->listen},
                                       {"agent_listen", spec->agent_listen},
                                       {"agent_url", spec->agent_url},
                                       {"vast_url", spec->vast_url},
                                       {"budgets", spec->budgets_file},
                                       {"profiles", spec->profiles_file},
                                       {"storage", spec->storage},
                                       {"storage_endpoint", spec->storage_endpoint},
                                       {"logs_keep", spec->logs_keep},
                                       {"artifact_prefix", spec->artifact_prefix},
                                       {"label_prefix", spec->label_prefix}}) {
        if (!value.empty()) table.rows.push_back({title, value});
    }
    table.rows.push_back({"file", context_file(name)});
    context.output.table(table);
    return ExitCode::kOk;
}

ExitCode use_context(Context& context, const std::string& name) {
    const Result<ContextSpec> spec = load_context(name);
    if (!spec) return fail(context, spec.error());
    const Status written = set_current_context(name);
    if (!written) return fail(context, written.error());
    context.output.note("context " + name + " is current now");
    return ExitCode::kOk;
}

// Agents find the server again at the same address after a restart, so ports are fixed once.
void choose_ports(ContextSpec& spec) {
    if (!spec.server_url.empty()) return;
    std::set<std::string> taken;
    for (const std::string& name : context_names()) {
        const Result<ContextSpec> other = load_context(name);
        if (other) taken.insert({other->listen, other->agent_listen});
    }
    for (int port = 8760; port < 9750; port += 10) {  // the default context has 8750 and 8751
        const std::string people = "127.0.0.1:" + std::to_string(port);
        const std::string agents = "0.0.0.0:" + std::to_string(port + 1);
        if (taken.contains(people) || taken.contains(agents)) continue;
        if (spec.listen.empty()) spec.listen = people;
        if (spec.agent_listen.empty()) spec.agent_listen = agents;
        return;
    }
}

ExitCode add_context(Context& context, AddOptions& options) {
    if (options.confirm == "always") options.spec.confirm = ConfirmRule::kAlways;
    if (!options.hourly_max.empty()) {
        const Result<Usd> most = parse_usd(options.hourly_max);
        if (!most) return fail(context, most.error().with_context("--max-hourly"));
        options.spec.hourly_max = {most->micros};
    }
    for (std::string* path : {&options.spec.key_file, &options.spec.data_dir,
                              &options.spec.budgets_file, &options.spec.profiles_file}) {
        // Given on the command line, so relative to where that was typed.
        if (!path->empty() && !path->starts_with("~/"))
            *path = std::filesystem::absolute(*path).lexically_normal().string();
    }
    choose_ports(options.spec);
    // What is written must be readable: the same checks as for a file made by hand.
    const std::string text = config::write_context(options.spec);
    config::Diagnostics said(options.name, text);
    (void)config::parse_context(text, said);
    if (said.has_errors()) return fail(context, invalid(said.to_text()));
    const Status added = add_context_file(options.name, options.spec);
    if (!added) return fail(context, added.error());
    context.output.note("wrote " + context_file(options.name) + "\nnext: herder context use " +
                        options.name + " && herder up");
    return ExitCode::kOk;
}

ExitCode remove_context(Context& context, const std::string& name) {
    std::error_code error;
    if (!std::filesystem::exists(context_file(name), error)) {
        return fail(context, not_found("there is no file of a context '" + name + "'"));
    }
    const Result<bool> agreed = confirm(context, "Remove the context " + name + "?", OnEnter::kNo);
    if (!agreed) return fail(context, agreed.error());
    if (!*agreed) return ExitCode::kFailed;
    const Result<ContextSpec> spec = load_context(name);
    std::filesystem::remove(context_file(name), error);
    if (error) return fail(context, unavailable("cannot remove " + context_file(name)));
    if (current_context() == name) (void)set_current_context(kDefaultContext);
    // Whose machines may still run is written there, and only there.
    if (spec && spec->server_url.empty())
        context.output.note("its data stays in " + place_of(name, *spec));
    return ExitCode::kOk;
}

void add_options_of_add(CLI::App& command, AddOptions& add) {
    ContextSpec& spec = add.spec;
    command.add_option("NAME", add.name, "such as dev, staging, prod")->required();
    CLI::Option* variable = command.add_option("--key-variable", spec.key_variable,
                                               "the environment variable with the account's key");
    command.add_option("--key-file", spec.key_file, "the file with the account's key")
        ->excludes(variable);
    command.add_option("--vast-url", spec.vast_url, "another Vast-compatible market");
    command.add_option("--server-url", spec.server_url, "a server that runs elsewhere");
    command.add_option("--data", spec.data_dir, "the server's folder; otherwise one of its own");
    command.add_option("--listen", spec.listen, "address of the API; otherwise a free pair");
    command.add_option("--agent-listen", spec.agent_listen, "address for rented machines");
    command.add_option("--agent-url", spec.agent_url, "how rented machines reach it");
    command.add_option("--budgets", spec.budgets_file, "budgets that its server starts with");
    command.add_option("--profiles", spec.profiles_file, "GPU profiles that go before all others");
    command.add_option("--storage", spec.storage,
                       "where its server keeps artifacts: s3://BUCKET/PREFIX, a name, or folder");
    command.add_option("--storage-endpoint", spec.storage_endpoint,
                       "of an s3:// elsewhere than at AWS");
    command.add_option("--logs-keep", spec.logs_keep,
                       "how long after a job's end its logs and metrics are kept, as 30d; "
                       "otherwise for ever");
    command.add_option("--artifact-prefix", spec.artifact_prefix, "part of every artifact's key");
    command.add_option("--label-prefix", spec.label_prefix,
                       "four characters in the label of every machine");
    command.add_option("--confirm", add.confirm, "always: -y counts only beside --context NAME")
        ->check(CLI::IsMember({"usual", "always"}));
    command.add_option("--max-hourly", add.hourly_max, "dollars an hour for all its machines");
}

}  // namespace

void add_context_commands(Commands& commands) {
    CLI::App& group = commands.group(
        "context", "accounts and servers by name, such as dev and prod, with guard rails");
    commands.add_anywhere("ls", "all contexts; * marks the current one", list_contexts, group);
    auto& name = commands.keep<std::string>();
    commands
        .add_anywhere(
            "use", "make a context the current one",
            [&name](Context& c) { return use_context(c, name); }, group)
        .add_option("NAME", name, "of the context")
        ->required();
    commands
        .add_anywhere(
            "show", "one context; without NAME the current one",
            [&name](Context& c) { return show_context(c, name); }, group)
        .add_option("NAME", name, "of the context");
    commands
        .add_anywhere(
            "rm", "remove a context's file; its data stays",
            [&name](Context& c) { return remove_context(c, name); }, group)
        .add_option("NAME", name, "of the context")
        ->required();
    auto& add = commands.keep<AddOptions>();
    add_options_of_add(commands.add_anywhere(
                           "add", "write the file of a new context",
                           [&add](Context& c) { return add_context(c, add); }, group),
                       add);
}

}  // namespace herder::cli
