#include <CLI/App.hpp>
#include <ostream>

#include "cli/attach.h"
#include "cli/groups.h"
#include "cli/job_inputs.h"
#include "cli/job_view.h"
#include "cli/launch_request.h"
#include "cli/offer_view.h"
#include "cli/patience.h"
#include "cli/progress.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

constexpr int kSubmitTries = 3;

// One launch, step by step; nothing is rented and nothing sent before the user agrees.
class Launch {
  public:
    Launch(Context& context, const LaunchOptions& options, LaunchRequest request, ServerLink server)
        : context_(context),
          options_(options),
          request_(std::move(request)),
          server_(std::move(server)) {}

    ExitCode run() {
        const Result<ExitCode> planned = show_plan();
        if (!planned) return fail(context_, planned.error());
        if (options_.dry_run || *planned != ExitCode::kOk) return *planned;
        const Result<bool> agreed = confirm(context_, "Launch?");
        if (!agreed) return fail(context_, agreed.error());
        if (!*agreed) {
            context_.output.note("nothing was launched");
            return ExitCode::kOk;
        }
        const Status sent = send_inputs();
        if (!sent) return fail(context_, sent.error());
        const Result<Json> job = submit();
        if (!job) return fail(context_, job.error());
        return go_on(*job);
    }

  private:
    Status send_inputs() {
        Progress progress(context_, 0);
        const auto say = [&](const std::string& line) {
            progress.wipe();
            context_.output.note(line);
        };
        JobInputs::OnSent on_sent;
        if (progress.is_shown()) {
            on_sent = [&progress](const std::string& name, std::int64_t done, std::int64_t total) {
                progress.show(name, done, total);
            };
        }
        return JobInputs(server_, say, on_sent).send(request_);
    }

    // kRefused where a budget objects.
    Result<ExitCode> show_plan() {
        Result<Json> answer = server_.send("POST", "/jobs", submit_body(request_.spec, true));
        if (!answer) return without_plan(answer.error());
        const Json* plan = answer->find("plan");
        if (plan == nullptr) return internal("the server's answer to a dry run has no plan");
        if (options_.dry_run && context_.output.is_json()) {
            print_json(context_, *plan);
        } else {
            show(request_page(request_.spec) + "\n" + plan_page(*plan, current_look()));
        }
        const std::string objection = text_at(*plan, "budget_objection");
        if (objection.empty()) return ExitCode::kOk;
        return Error{ErrorCode::kBudgetExceeded, "the job was not launched: " + objection};
    }

    // A market that cannot be read now is no reason to refuse a job: it waits in the queue.
    Result<ExitCode> without_plan(const Error& error) {
        const bool may_wait =
            error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimedOut;
        if (options_.dry_run || !may_wait || !server_.get("/health")) return error;
        show(request_page(request_.spec));
        context_.output.note("no plan: " + error.message + "; the job would wait in the queue");
        return ExitCode::kOk;
    }

    void show(const std::string& page) {
        if (options_.dry_run) {
            context_.output.data(page);
        } else {
            context_.output.note(page);
        }
    }

    // The same key each time: a job that was taken is not taken twice.
    Result<Json> submit() {
        const Result<std::string> key = fresh_key();
        if (!key) return key.error();
        const Json body = submit_body(request_.spec, false);
        Patience patience;
        for (int tries = 1;; ++tries) {
            Result<Json> job = server_.send("POST", "/jobs", body, *key);
            if (job || tries == kSubmitTries || !is_retryable(job.error().code)) return job;
            if (!patience.wait(false)) return job;
        }
    }

    ExitCode go_on(const Json& job) {
        const std::string id = text_at(job, "id");
        context_.output.note(tick(current_look()) + " " + id + " " +
                             printable(text_at(job, "name")) +
                             " submitted   logs: herder logs -f " + id +
                             "   events: herder events -f " + id + "   stop: herder cancel " + id);
        if (!options_.detach) return attach(context_, server_, id);
        if (context_.output.is_json()) {
            print_json(context_, job);
        } else if (!context_.output.is_terminal() || context_.output.is_quiet()) {
            context_.output.data(id);
        }
        return ExitCode::kOk;
    }

    Context& context_;
    const LaunchOptions& options_;
    LaunchRequest request_;
    ServerLink server_;
};

ExitCode launch(Context& context, LaunchOptions& options) {
    options.context_profiles = context.options.chosen.spec.profiles_file;
    Result<LaunchRequest> request = make_launch_request(options);
    if (!request) return fail(context, request.error());
    context.streams.err << request->warnings;
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    return Launch(context, options, std::move(*request), std::move(*server)).run();
}

}  // namespace

void add_launch_commands(Commands& commands) {
    auto& options = commands.keep<LaunchOptions>();
    CLI::App& command = commands.add(
        "launch", "submit a job: shows the plan and its price, asks, then stays with the job",
        [&options](Context& context) { return launch(context, options); });
    command.add_option("FILE", options.file, "the job file")->required();
    command.add_flag("-d,--detach", options.detach, "do not stay; print the id");
    command.add_flag("--dry-run", options.dry_run, "only show the plan; rents nothing");
    command.add_option("-n,--name", options.name, "instead of the file's name");
    command.add_option("--project", options.project, "whose budget pays");
    command.add_option("--priority", options.priority, "0 to 100, higher goes first");
    command.add_option("--max-cost", options.max_cost, "dollars for the job as a whole");
    command.add_option("--max-duration", options.max_duration,
                       "running time over all attempts, as 8h");
    command.add_option("--env", options.env, "KEY=VALUE, or KEY to take it from your shell")
        ->expected(1)
        ->take_all();
    command.add_option("--set", options.sets, "any value of the file, as resources.max_price=0.5")
        ->expected(1)
        ->take_all();
    command.add_option("--profiles", options.profiles, "a file of GPU profiles to use alone");
}

}  // namespace herder::cli
