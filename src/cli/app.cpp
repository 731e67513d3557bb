#include "cli/app.h"

#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <iostream>

#include "cli/groups.h"
#include "cli/usage_error.h"

namespace herder::cli {

namespace {

constexpr Registrar kGroups[] = {
    add_launch_commands,  add_job_commands,      add_control_commands,   add_log_commands,
    add_metric_commands,  add_offers_commands,   add_instances_commands, add_artifact_commands,
    add_money_commands,   add_validate_commands, add_profiles_commands,  add_doctor_commands,
    add_context_commands, add_secret_commands,   add_version_commands};

constexpr char kFooter[] =
    "First steps:  herder up --demo      herder launch job.yaml      herder logs -f -\n"
    "Exit codes:   0 done, 1 failed, 2 wrong use or file, 3 not found, 4 login, 5 the job did not\n"
    "              succeed, 6 refused by a budget, 7 no machine to be had, 8 still running,\n"
    "              130 interrupted\n"
    "Variables:    HERDER_SERVER_URL, HERDER_TOKEN, HERDER_DATA_DIR, HERDER_CONTEXT,\n"
    "              HERDER_OUTPUT";
constexpr char kCommandFooter[] =
    "The options of every command (-o, -q, -y, --server, --data-dir) and the exit codes are in\n"
    "herder --help.";

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

void add_globals(CLI::App& app, GlobalOptions& options) {
    app.add_option("-o,--output", options.format, "table, tsv, json, jsonl or name");
    app.add_flag("-q,--quiet", options.quiet, "print ids only");
    app.add_flag("-v,--verbose", options.verbose, "say more");
    app.add_flag("-y,--yes", options.yes, "do not ask before spending or destroying");
    app.add_option("--server", options.server_url, "URL of the server")->type_name("URL");
    app.add_option("--data-dir", options.data_dir, "folder of the local server")->type_name("DIR");
    app.add_option("--context", options.context, "account and server by name (herder context ls)")
        ->type_name("NAME");
}

Result<Output::Options> output_options(const GlobalOptions& options, const Streams& streams) {
    Output::Options chosen{.format = std::nullopt,
                           .quiet = options.quiet,
                           .terminal = streams.out_is_terminal,
                           .verbose = options.verbose};
    // Programs that call us set one of these; they want whole fields, not a drawn table.
    if (!environment("AI_AGENT").empty() || !environment("AGENT").empty()) chosen.terminal = false;
    if (options.format.empty()) return chosen;
    const Result<Format> format = parse_format(options.format);
    if (!format) return format.error();
    chosen.format = *format;
    return chosen;
}

// A place that is given beside a context would send one account's work to another's server.
Status check_no_clash(const GlobalOptions& options) {
    if (options.chosen.name == kDefaultContext) return ok();
    const bool is_data = !options.data_dir.empty();
    if (!is_data && options.server_url.empty()) return ok();
    return invalid(std::string(is_data ? "--data-dir (or HERDER_DATA_DIR)"
                                       : "--server (or HERDER_SERVER_URL)") +
                   " and the context '" + options.chosen.name +
                   "' name two places; unset one of them, or use --context default");
}

Status enter_context(GlobalOptions& options) {
    Result<ChosenContext> chosen = choose_context(options.context);
    if (!chosen) return chosen.error();
    options.chosen = std::move(*chosen);
    const Status clear = check_no_clash(options);
    if (!clear) return clear;
    const config::ContextSpec& spec = options.chosen.spec;
    if (options.server_url.empty()) options.server_url = spec.server_url;
    if (options.data_dir.empty()) options.data_dir = spec.data_dir;
    if (options.data_dir.empty()) options.data_dir = default_data_dir(options.chosen.name);
    return ok();
}

ExitCode run_chosen(const Commands& commands, GlobalOptions& options, Streams& streams) {
    const Result<Output::Options> chosen = output_options(options, streams);
    Output output(streams.out, streams.err, chosen ? *chosen : Output::Options{});
    Context context{options, streams, output};
    if (!chosen) return fail(context, chosen.error());
    const Status entered = enter_context(options);
    if (!entered && commands.needs_context()) return fail(context, entered.error());
    return commands.chosen()(context);
}

ExitCode refuse_usage(const CLI::App& app, const std::vector<std::string>& arguments,
                      const std::string& refusal, Streams& streams) {
    const Error error = invalid(explain_usage(app, arguments, refusal));
    if (wants_json(arguments, environment("HERDER_OUTPUT"))) {
        streams.err << to_problem_json(error) << "\n";
    } else {
        streams.err << "error: " << error.message << "\n"
                    << "see: " << command_of(app, arguments) << " --help\n";
    }
    return ExitCode::kUsage;
}

// CLI11 takes the arguments in reverse order.
std::vector<std::string> reversed(const std::vector<std::string>& arguments) {
    return {arguments.rbegin(), arguments.rend()};
}

}  // namespace

CLI::App& Commands::add(const std::string& name, const std::string& help, Action action,
                        CLI::App* parent) {
    CLI::App* command = (parent == nullptr ? root_ : *parent).add_subcommand(name, help);
    command->fallthrough();
    command->footer(kCommandFooter);
    // A command may have commands of its own, which win: CLI11 calls theirs first.
    command->callback([this, command, action = std::move(action)] {
        if (command->get_subcommands().empty()) chosen_ = action;
    });
    return *command;
}

CLI::App& Commands::add_anywhere(const std::string& name, const std::string& help, Action action,
                                 CLI::App& parent) {
    CLI::App& command = add(name, help, {}, &parent);
    command.callback([this, action = std::move(action)] {
        chosen_ = action;
        needs_context_ = false;
    });
    return command;
}

CLI::App& Commands::group(const std::string& name, const std::string& help) {
    CLI::App* found = root_.add_subcommand(name, help);
    found->require_subcommand(1);
    found->fallthrough();
    return *found;
}

ExitCode fail(Context& context, const Error& error) {
    context.output.error(error);
    return exit_code_of(error.code);
}

Result<bool> confirm(Context& context, const std::string& question, OnEnter on_enter) {
    const bool is_yes = on_enter == OnEnter::kYes;
    const ChosenContext& chosen = context.options.chosen;
    const bool is_guarded = chosen.is_guarded();
    if (context.options.yes && (!is_guarded || chosen.is_named)) return true;
    if (!context.streams.in_is_terminal) {
        return invalid(question + " There is no terminal to ask; pass " +
                       (is_guarded ? "--context " + chosen.name + " -y" : "-y") + " to agree");
    }
    context.streams.err << question
                        << (is_guarded ? " In " + chosen.name + ": type its name to agree: "
                                       : std::string(is_yes ? " [Y/n] " : " [y/N] "))
                        << std::flush;
    std::string answer;
    if (!std::getline(context.streams.in, answer)) return false;
    if (is_guarded) return answer == chosen.name;
    return (answer.empty() && is_yes) || answer == "y" || answer == "Y" || answer == "yes";
}

std::string program_version() {
    return HERDER_VERSION;
}

int run_cli(const std::vector<std::string>& arguments, Streams& streams,
            const std::vector<Registrar>& more) {
    CLI::App app("Gets training jobs to the end on rented GPUs.", "herder");
    GlobalOptions options{.format = environment("HERDER_OUTPUT"),
                          .server_url = environment("HERDER_SERVER_URL"),
                          .data_dir = environment("HERDER_DATA_DIR")};
    add_globals(app, options);
    app.footer(kFooter);
    app.require_subcommand(1);
    Commands commands(app);
    for (const Registrar add : kGroups)
        add(commands);
    for (const Registrar add : more)
        add(commands);
    try {
        app.parse(reversed(arguments));
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() != 0)
            return static_cast<int>(refuse_usage(app, arguments, error.what(), streams));
        app.exit(error, streams.out, streams.err);  // --help
        return static_cast<int>(ExitCode::kOk);
    }
    return static_cast<int>(run_chosen(commands, options, streams));
}

int run_cli(int argc, char** argv, const std::vector<Registrar>& more) {
    Streams streams{.in = std::cin,
                    .out = std::cout,
                    .err = std::cerr,
                    .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                    .in_is_terminal = isatty(STDIN_FILENO) == 1,
                    .err_is_terminal = isatty(STDERR_FILENO) == 1};
    return run_cli(std::vector<std::string>(argv + 1, argv + argc), streams, more);
}

}  // namespace herder::cli
