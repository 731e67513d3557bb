#include <CLI/App.hpp>

#include "cli/groups.h"
#include "cli/job_view.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

struct JobsOptions {
    bool all = false;
    std::string status;
    std::string project;
    std::size_t limit = 1000;
};

std::string jobs_target(const JobsOptions& options) {
    http::Query query;
    // A wish for one state includes the states in which a job has ended.
    query.add("all", options.all || !options.status.empty() ? "true" : "false");
    if (!options.status.empty()) query.add("status", options.status);
    if (!options.project.empty()) query.add("project", options.project);
    return "/jobs?" + query.text();
}

ExitCode list_jobs(Context& context, const JobsOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    bool is_cut = false;
    const Result<Json::Array> jobs = server->list(jobs_target(options), options.limit, &is_cut);
    if (!jobs) return fail(context, jobs.error());
    print_items(context, *jobs, jobs_list());
    if (is_cut) {
        context.output.note("there are more; this shows the newest " +
                            std::to_string(jobs->size()) + " (--limit N for more)");
    }
    return ExitCode::kOk;
}

ExitCode show_job(Context& context, const std::string& reference) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, reference);
    if (!path) return fail(context, path.error());
    const Result<Json> job = server->get(*path);
    if (!job) return fail(context, job.error());
    const Format format = context.output.format();
    if (context.output.is_json()) {
        print_json(context, *job);
    } else if (format == Format::kTable) {
        context.output.data(job_page(*job, current_look()));
    } else {
        print_items(context, {*job}, jobs_list());
    }
    return ExitCode::kOk;
}

}  // namespace

void add_job_commands(Commands& commands) {
    auto& jobs = commands.keep<JobsOptions>();
    CLI::App& list = commands.add("jobs", "list jobs, the newest first",
                                  [&jobs](Context& context) { return list_jobs(context, jobs); });
    list.add_flag("-a,--all", jobs.all, "also those that have ended");
    list.add_option("--status", jobs.status, "only jobs in this state, as running or failed");
    list.add_option("--project", jobs.project, "only jobs of this project");
    list.add_option("--limit", jobs.limit, "at most so many")->check(CLI::PositiveNumber);

    auto& reference = commands.keep<std::string>();
    CLI::App& show =
        commands.add("show", "one job: its state, attempts, checkpoints and cost",
                     [&reference](Context& context) { return show_job(context, reference); });
    show.add_option("ID", reference, "id, name, unique beginning of a name, or - for the newest")
        ->required();
}

}  // namespace herder::cli
