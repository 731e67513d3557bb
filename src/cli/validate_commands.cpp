#include <CLI/App.hpp>
#include <optional>

#include "cli/config_files.h"
#include "cli/groups.h"
#include "cli/launch_request.h"
#include "cli/local_files.h"
#include "cli/offer_view.h"
#include "cli/server_link.h"
#include "config/budgets.h"
#include "config/yaml.h"

namespace herder::cli {

namespace {

struct ValidateOptions {
    std::vector<std::string> files;
    std::string profiles;
    std::vector<std::string> sets;
    bool explain = false;
    bool offline = false;
};

enum class Kind { kJob, kProfiles, kBudgets };

// By its own words; a file that is no YAML is read as a job, which then says so.
Kind kind_of(const std::string& text) {
    const auto parsed = config::parse_yaml(text);
    const auto* root = std::get_if<config::Node>(&parsed);
    if (root == nullptr) return Kind::kJob;
    for (const config::Entry& entry : root->entries) {
        if (entry.key == "profiles") return Kind::kProfiles;
        if (entry.key == "budgets") return Kind::kBudgets;
    }
    return Kind::kJob;
}

struct Checked {
    config::Diagnostics said;
    std::vector<config::Explained> explained;
    std::optional<JobSpec> job;  // of a job file without errors
};

Result<Checked> check_job(const std::string& file, const ValidateOptions& options,
                          const config::Profiles& profiles) {
    config::JobOptions job_options;
    for (const std::string& one : options.sets) {
        const auto set = parse_set(one);
        if (!set) return set.error();
        job_options.sets.push_back(*set);
    }
    Result<LoadedJob> loaded = load_job(file, profiles, job_options);
    if (!loaded) return loaded.error();
    Checked checked{std::move(loaded->said), std::move(loaded->job.explained), {}};
    if (!checked.said.has_errors()) checked.job = std::move(loaded->job.spec);
    return checked;
}

Result<Checked> check(const std::string& file, const ValidateOptions& options,
                      const config::Profiles& profiles) {
    const Result<std::string> text = read_file(file);
    if (!text) return text.error();
    const Kind kind = kind_of(*text);
    if (kind == Kind::kJob) return check_job(file, options, profiles);
    Checked checked{config::Diagnostics(file, *text), {}, {}};
    if (kind == Kind::kProfiles) {
        (void)config::parse_profiles(*text, checked.said);
    } else {
        (void)config::parse_budgets(*text, checked.said);
    }
    return checked;
}

Table problems_table() {
    return {.columns = {{.title = "FILE", .key = "file"},
                        {.title = "LINE", .key = "line", .right = true, .raw = true},
                        {.title = "COLUMN", .key = "column", .right = true, .raw = true},
                        {.title = "SEVERITY", .key = "severity"},
                        {.title = "POINTER", .key = "pointer"},
                        {.title = "MESSAGE", .key = "message"},
                        {.title = "SUGGESTION", .key = "suggestion"}}};
}

void add_rows(const config::Diagnostics& said, Table& table) {
    for (const config::Diagnostic& one : said.list()) {
        table.rows.push_back({said.file(), std::to_string(one.place.line),
                              std::to_string(one.place.column),
                              one.severity == config::Severity::kError ? "error" : "warning",
                              one.pointer, one.message, one.help});
    }
}

void explain(const std::vector<config::Explained>& explained, Context& context) {
    Table table{.columns = {{.title = "KEY", .key = "key"},
                            {.title = "VALUE", .key = "value"},
                            {.title = "FROM", .key = "origin"}}};
    for (const config::Explained& one : explained)
        table.rows.push_back({one.path, one.value, one.origin});
    context.output.table(table);
}

// Says what the market has for jobs now. A server that does not answer is told once.
class MarketVoice {
  public:
    MarketVoice(Context& context, bool is_offline) : context_(context), is_silent_(is_offline) {}

    void tell(const std::string& file, const JobSpec& job) {
        if (is_silent_) return;
        const Result<Json> plan = ask(job);
        if (!plan) {
            is_silent_ = true;
            return context_.output.note("not compared with the market: " + plan.error().message);
        }
        const std::string objection = text_at(*plan, "budget_objection");
        if (text_at(*plan, "matching") == "0") {
            context_.output.note("! " + file + ": no offer matches now, the job would wait; " +
                                 match_text(*plan) + "\n  what there is: herder offers");
        } else {
            context_.output.note(file + ": " + match_text(*plan));
        }
        if (!objection.empty()) context_.output.note("! " + file + ": " + printable(objection));
    }

  private:
    Result<Json> ask(const JobSpec& job) {
        Result<ServerLink> server = ServerLink::open(context_.options);
        if (!server) return server.error();
        const Result<Json> answer = server->send("POST", "/jobs", submit_body(job, true));
        if (!answer) return answer.error();
        const Json* plan = answer->find("plan");
        if (plan == nullptr) return internal("the server's answer to a dry run has no plan");
        return *plan;
    }

    Context& context_;
    bool is_silent_;
};

ExitCode validate(const ValidateOptions& options, Context& context) {
    const Result<LoadedProfiles> profiles =
        load_profiles(options.profiles, context.options.chosen.spec.profiles_file);
    if (!profiles) return fail(context, profiles.error());
    Table problems = problems_table();
    MarketVoice market(context, options.offline);
    bool all_good = true;
    for (const std::string& file : options.files) {
        const Result<Checked> checked = check(file, options, profiles->merged);
        if (!checked) return fail(context, checked.error());
        const bool good = !checked->said.has_errors();
        all_good = all_good && good;
        add_rows(checked->said, problems);
        const bool shows_job = options.explain && good;
        if (!context.output.is_json()) {
            context.streams.err << checked->said.to_text();
            if (good && !shows_job) context.output.data(file + ": valid");
        }
        if (shows_job) explain(checked->explained, context);
        if (checked->job) market.tell(file, *checked->job);
    }
    if (context.output.is_json() && !options.explain) context.output.table(problems);
    return all_good ? ExitCode::kOk : ExitCode::kUsage;
}

}  // namespace

void add_validate_commands(Commands& commands) {
    auto& options = commands.keep<ValidateOptions>();
    CLI::App& command = commands.add(
        "validate", "check job, profile and budget files; exit 2 if one is wrong. Submits nothing",
        [&options](Context& context) { return validate(options, context); });
    command.add_option("files", options.files, "job, profile and budget files")->required();
    command.add_option("--profiles", options.profiles, "the profiles that jobs may name");
    command.add_option("--set", options.sets, "KEY=VALUE that wins over the job file");
    command.add_flag("--explain", options.explain,
                     "show the job with every default filled in and where each value came from");
    command.add_flag("--offline", options.offline,
                     "do not ask the server whether an offer of now matches");
}

}  // namespace herder::cli
