#include <CLI/App.hpp>

#include "cli/groups.h"
#include "cli/job_view.h"
#include "cli/patience.h"
#include "cli/server_link.h"
#include "cli/wall_clock.h"

namespace herder::cli {

namespace {

constexpr char kIdHelp[] = "ids, names, unique beginnings of names, or - for the newest job";

struct Verb {
    const char* word;  // of the API and the command
    const char* help;
    const char* accepted;  // said when the server has taken it
};
constexpr Verb kVerbs[] = {
    {"cancel", "stop jobs for good; a running one saves first", "will be cancelled"},
    {"pause", "stop a job after a checkpoint; nothing is rented while it is paused",
     "will be paused; go on with: herder resume "},
    {"resume", "let a paused job go on from its last checkpoint", "is queued again"}};

ExitCode change_jobs(Context& context, const Verb& verb,
                     const std::vector<std::string>& references) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    Json::Array changed;
    ExitCode worst = ExitCode::kOk;
    for (const std::string& reference : references) {
        const Result<std::string> path = job_path(*server, reference, std::string("/") + verb.word);
        const Result<Json> job =
            path ? server->send("POST", *path, Json(Json::Object{})) : Result<Json>(path.error());
        if (!job) {
            worst = fail(context, job.error().with_context(reference));
            continue;
        }
        const std::string id = text_at(*job, "id");
        std::string said = id + " " + printable(text_at(*job, "name")) + " ";
        const bool is_done = is_ended(*job);
        said += is_done ? "is " + text_at(*job, "status") : std::string(verb.accepted);
        if (!is_done && said.ends_with(' ')) said += id;
        context.output.note(said);
        changed.push_back(*job);
    }
    if (context.output.is_json() || context.output.is_quiet()) {
        print_items(context, changed, jobs_list());
    }
    return worst;
}

struct WaitOptions {
    std::vector<std::string> references;
    std::string timeout;
};

// Takes the jobs that have ended out of `paths`; the worst exit code so far is kept in `worst`.
Status look_at_jobs(Context& context, ServerLink& server, std::vector<std::string>& paths,
                    ExitCode& worst) {
    for (auto it = paths.begin(); it != paths.end();) {
        const Result<Json> job = server.get(*it);
        if (!job) return job.error();
        if (!is_ended(*job)) {
            ++it;
            continue;
        }
        context.output.note(end_line(*job, current_look()));
        const ExitCode code = exit_code_of_job(*job);
        if (code != ExitCode::kOk) worst = code;
        it = paths.erase(it);
    }
    return ok();
}

ExitCode wait_for_jobs(Context& context, const WaitOptions& options) {
    Duration timeout = kForever;
    if (!options.timeout.empty()) {
        const Result<Duration> parsed = parse_duration(options.timeout);
        if (!parsed) return fail(context, parsed.error().with_context("--timeout"));
        timeout = *parsed;
    }
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    std::vector<std::string> paths;
    for (const std::string& reference : options.references) {
        const Result<std::string> path = job_path(*server, reference);
        if (!path) return fail(context, path.error());
        paths.push_back(*path);
    }
    Patience patience;
    ExitCode worst = ExitCode::kOk;
    const WallTime began = wall_now();
    for (;;) {
        const Status looked = look_at_jobs(context, *server, paths, worst);
        if (!looked) return fail(context, looked.error());
        if (paths.empty()) return worst;
        if (wall_now() - began >= timeout) {
            context.output.note("still running after " + to_text(timeout));
            return ExitCode::kStillRunning;
        }
        if (!patience.wait(false)) return ExitCode::kInterrupted;
    }
}

}  // namespace

void add_control_commands(Commands& commands) {
    for (const Verb& verb : kVerbs) {
        auto& references = commands.keep<std::vector<std::string>>();
        CLI::App& command =
            commands.add(verb.word, verb.help, [&references, &verb](Context& context) {
                return change_jobs(context, verb, references);
            });
        command.add_option("ID", references, kIdHelp)->required();
    }
    auto& wait = commands.keep<WaitOptions>();
    CLI::App& command = commands.add(
        "wait", "wait until jobs have ended; exit 0 when all succeeded, 5 when one did not",
        [&wait](Context& context) { return wait_for_jobs(context, wait); });
    command.add_option("ID", wait.references, kIdHelp)->required();
    command.add_option("--timeout", wait.timeout, "give up after this long, as 30m; exit 8");
}

}  // namespace herder::cli
