// herder instances: what is rented, whose it is, and its end.
#include <CLI/App.hpp>
#include <array>
#include <cstdlib>

#include "base/money.h"
#include "cli/groups.h"
#include "cli/list_view.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

struct OneOptions {
    std::string contract;
};
struct LogsOptions {
    std::string contract;
    int lines = 1000;
    bool host = false;
};
struct DestroyOptions {
    std::vector<std::string> contracts;
    bool now = false;
};
struct ReapOptions {
    bool dry_run = false;
};

constexpr std::size_t kMachinesMax = 10'000;

std::string price_of(const Json& item, const Look&) {
    return rate_cell(text_at(item, "price_per_hour"));
}
std::string cost_of(const Json& item, const Look&) {
    return money_cell(text_at(item, "cost"));
}
std::string owner_cell(const Json& item, const Look&) {
    const std::string owner = text_at(item, "owner");
    if (owner == "foreign") return "! foreign, left alone";
    return owner == "orphan" ? "! orphan, being destroyed" : owner;
}

constexpr std::array<ViewColumn, 9> kInstanceColumns{{{"CONTRACT", "contract"},
                                                      {"JOB", "job"},
                                                      {"STATE", "state"},
                                                      {"PROVIDER SAYS", "provider_state"},
                                                      {"GPU", "gpu"},
                                                      {"$/H", "price_per_hour", true, price_of},
                                                      {"COST", "cost", true, cost_of},
                                                      {"OWNER", "owner", false, owner_cell},
                                                      {"LABEL", "label"}}};
const ListView kInstances{kInstanceColumns, "nothing is rented"};

std::string count_of(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " machine" : " machines");
}

bool has_owner(const Json& machine, const char* owner) {
    return text_at(machine, "owner") == owner;
}

UsdPerHour rate_of(const Json::Array& machines) {
    UsdPerHour rate{};
    for (const Json& machine : machines) {
        const Result<Usd> price = parse_usd(text_at(machine, "price_per_hour"));
        // A closed one is gone, and listed until its last charges are read.
        const bool costs = !has_owner(machine, "foreign") && text_at(machine, "state") != "closed";
        if (price && costs) rate = rate + UsdPerHour{price->micros};
    }
    return rate;
}

void say_sum(Context& context, const Json::Array& machines) {
    std::size_t orphans = 0;
    for (const Json& machine : machines)
        orphans += has_owner(machine, "orphan") ? 1 : 0;
    const UsdPerHour rate = rate_of(machines);
    if (rate.micros > 0) context.output.note("ours cost " + to_text(rate) + " together");
    if (orphans > 0) {
        context.output.note("! " + count_of(orphans) +
                            " with our label and without a rental: herder instances reap, or "
                            "adopt what is to stay");
    }
}

ExitCode list_instances(Context& context) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json::Array> machines = server->list("/instances", kMachinesMax);
    if (!machines) return fail(context, machines.error());
    print_items(context, *machines, kInstances);
    if (context.output.format() == Format::kTable) say_sum(context, *machines);
    return ExitCode::kOk;
}

std::string path_of(const std::string& contract, const std::string& rest = "") {
    return "/instances/" + http::percent_encode(contract) + rest;
}

ExitCode show_instance(Context& context, const OneOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json> machine = server->get(path_of(options.contract));
    if (!machine) return fail(context, machine.error());
    if (context.output.format() != Format::kTable) {
        print_items(context, {*machine}, kInstances);
        return ExitCode::kOk;
    }
    Table table{
        .columns = {{.title = "FIELD", .key = "field"}, {.title = "VALUE", .key = "value"}}};
    for (const auto& [name, value] : *machine->if_object()) {
        const std::string text = printable(text_of(&value));
        if (!text.empty()) table.rows.push_back({name, text});
    }
    context.output.table(table);
    return ExitCode::kOk;
}

ExitCode show_log(Context& context, const LogsOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const std::string query =
        "?lines=" + std::to_string(options.lines) + "&host=" + (options.host ? "true" : "false");
    const Result<Json> log = server->get(path_of(options.contract, "/logs" + query));
    if (!log) return fail(context, log.error());
    if (context.output.is_json())
        print_json(context, *log);
    else
        context.output.data(printable(text_at(*log, "text"), true));
    return ExitCode::kOk;
}

// ---- changes --------------------------------------------------------------------------------

// For the events: who has done it.
Json signed_body() {
    const char* user = std::getenv("USER");
    Json body{Json::Object{}};
    if (user != nullptr && *user != '\0') body.set("actor", std::string(user).substr(0, 100));
    return body;
}

std::string words_of(const Json& ended) {
    const std::string job = printable(text_at(ended, "job"));
    if (text_at(ended, "saves") == "true") {
        return job + " saves and moves; the machine is destroyed after that, within " +
               to_text(seconds(number_at(ended, "patience_seconds")));
    }
    return std::string("is being destroyed until no listing shows it") +
           (job.empty() ? "" : "; " + job + " goes on elsewhere unless it has ended");
}

// One call; says what came of it.
Status destroy_one(Context& context, ServerLink& server, const std::string& contract, bool now) {
    Json body = signed_body();
    body.set("now", now);
    const Result<Json> answer = server.send("POST", path_of(contract, "/destroy"), body);
    if (!answer) return answer.error();
    context.output.note(tick(current_look()) + " " + contract + ": " + words_of(*answer));
    return ok();
}

ExitCode destroy_all(Context& context, ServerLink& server,
                     const std::vector<std::string>& contracts, bool now) {
    ExitCode code = ExitCode::kOk;
    for (const std::string& contract : contracts) {
        const Status done = destroy_one(context, server, contract, now);
        if (!done) code = fail(context, done.error());
    }
    return code;
}

// What the question is about. What the server does not know is refused by name when it is asked.
Json::Array named_machines(const Json::Array& all, const std::vector<std::string>& contracts) {
    Json::Array named;
    for (const Json& machine : all) {
        for (const std::string& contract : contracts) {
            if (text_at(machine, "contract") == contract) named.push_back(machine);
        }
    }
    return named;
}

ExitCode destroy_instances(Context& context, const DestroyOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    if (!context.options.yes && context.streams.in_is_terminal) {
        const Result<Json::Array> machines = server->list("/instances", kMachinesMax);
        if (!machines) return fail(context, machines.error());
        print_items(context, named_machines(*machines, options.contracts), kInstances);
    }
    const Result<bool> agreed =
        confirm(context,
                "Destroy " + count_of(options.contracts.size()) +
                    "? What is on the disks alone is lost; jobs go on elsewhere.",
                OnEnter::kNo);
    if (!agreed) return fail(context, agreed.error());
    if (!*agreed) {
        context.output.note("nothing was destroyed");
        return ExitCode::kOk;
    }
    return destroy_all(context, *server, options.contracts, options.now);
}

ExitCode adopt_instance(Context& context, const OneOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json> machine =
        server->send("POST", path_of(options.contract, "/adopt"), signed_body());
    if (!machine) return fail(context, machine.error());
    print_items(context, {*machine}, kInstances);
    context.output.note("It stays, and costs money, until 'herder instances destroy " +
                        options.contract +
                        "'.\nNo job runs on it, no budget counts it, and an agent on it that "
                        "nobody answers ends the machine itself in time.");
    return ExitCode::kOk;
}

// First the report, then the question, then the end of those that are ours and that nobody owns.
ExitCode reap(Context& context, const ReapOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json::Array> machines = server->list("/instances", kMachinesMax);
    if (!machines) return fail(context, machines.error());
    Json::Array orphans;
    std::size_t foreign = 0;
    std::vector<std::string> contracts;
    for (const Json& machine : *machines) {
        foreign += has_owner(machine, "foreign") ? 1 : 0;
        if (!has_owner(machine, "orphan")) continue;
        orphans.push_back(machine);
        contracts.push_back(text_at(machine, "contract"));
    }
    if (!orphans.empty() || context.output.is_json()) print_items(context, orphans, kInstances);
    if (orphans.empty()) context.output.note("no machine is ours without an owner");
    if (foreign > 0) {
        context.output.note(
            count_of(foreign) +
            (foreign == 1 ? " with a foreign label is" : " with foreign labels are") +
            " left alone");
    }
    if (orphans.empty() || options.dry_run) return ExitCode::kOk;
    const Result<bool> agreed = confirm(
        context, "Destroy " + count_of(orphans.size()) + " at " + to_text(rate_of(orphans)) + "?",
        OnEnter::kNo);
    if (!agreed) return fail(context, agreed.error());
    if (!*agreed) {
        context.output.note("nothing was destroyed");
        return ExitCode::kOk;
    }
    return destroy_all(context, *server, contracts, true);
}

void add_readers(Commands& commands, CLI::App& group) {
    auto& one = commands.keep<OneOptions>();
    commands
        .add(
            "show", "one machine, all that is known of it",
            [&one](Context& context) { return show_instance(context, one); }, &group)
        .add_option("CONTRACT", one.contract, "its number in the list")
        ->required();
    auto& log = commands.keep<LogsOptions>();
    CLI::App& logs = commands.add(
        "logs", "the machine's own log, of its container or of its host; see also herder logs JOB",
        [&log](Context& context) { return show_log(context, log); }, &group);
    logs.add_option("CONTRACT", log.contract, "its number in the list")->required();
    logs.add_option("--tail", log.lines, "the last so many lines (default 1000)")
        ->check(CLI::PositiveNumber);
    logs.add_flag("--host", log.host, "what the host's daemon says, as errors of an image pull");
}

void add_changes(Commands& commands, CLI::App& group) {
    auto& wish = commands.keep<DestroyOptions>();
    CLI::App& destroy = commands.add(
        "destroy", "destroy machines of this context; asks once. Their jobs save and move",
        [&wish](Context& context) { return destroy_instances(context, wish); }, &group);
    destroy.add_option("CONTRACT", wish.contracts, "numbers of the list")->required();
    destroy.add_flag("--now", wish.now, "before the job has saved");
    auto& kept = commands.keep<OneOptions>();
    commands
        .add(
            "adopt", "keep an orphan: a machine with our label that no rental is bound to",
            [&kept](Context& context) { return adopt_instance(context, kept); }, &group)
        .add_option("CONTRACT", kept.contract, "its number in the list")
        ->required();
    auto& reaping = commands.keep<ReapOptions>();
    commands
        .add(
            "reap", "report the orphans, then destroy them; asks first, -y does not",
            [&reaping](Context& context) { return reap(context, reaping); }, &group)
        .add_flag("--dry-run", reaping.dry_run, "only the report");
}

}  // namespace

void add_instances_commands(Commands& commands) {
    CLI::App& group = commands.add("instances", "what is rented now, what it costs and whose it is",
                                   list_instances);
    commands.add("ls", "the same list", list_instances, &group);
    add_readers(commands, group);
    add_changes(commands, group);
}

}  // namespace herder::cli
