#include <CLI/App.hpp>
#include <optional>

#include "cli/attempt_choice.h"
#include "cli/event_text.h"
#include "cli/groups.h"
#include "cli/job_feed.h"
#include "cli/job_view.h"
#include "cli/log_printer.h"
#include "cli/patience.h"

namespace herder::cli {

namespace {

struct LogsOptions {
    std::string reference;
    bool follow = false;
    std::string stream;
    std::string attempt = "all";
    std::size_t tail = 0;
    std::optional<std::string> since;
    std::optional<std::string> until;
    std::optional<std::string> search;
    bool exit_status = false;
};

struct EventsOptions {
    std::string reference;
    bool follow = false;
};

Result<LogChoice> choose_logs(const LogsOptions& options) {
    LogChoice choice;
    choice.since = options.since;
    choice.until = options.until;
    // With --search the last lines that match are wanted, and the server does not search.
    choice.tail = options.search ? 0 : options.tail;
    if (options.until && options.follow) {
        return invalid("--until and --follow do not go together: one ends, the other goes on");
    }
    if (!options.stream.empty()) choice.streams = {options.stream};
    const Result<AttemptChoice> attempts = choose_attempts(options.attempt);
    if (!attempts) return attempts.error();
    choice.first_attempt = attempts->first;
    choice.last_attempt = attempts->last;
    return choice;
}

// An empty answer may be right, and then says so.
void tell_that_nothing_is(Context& context, const LogsOptions& options) {
    if (options.search) {
        context.output.note("no line matches");
    } else if (options.since || options.until) {
        context.output.note("nothing was printed in that time");
    } else {
        context.output.note("nothing was printed");
    }
}

ExitCode follow_logs(Context& context, JobFeed& feed, const LogsOptions& options,
                     LogPrinter& printer) {
    const LogChoice choice = choose_logs(options).value_or(LogChoice{});
    Patience patience;
    ExitCode code = ExitCode::kOk;
    bool has_deleted = false;  // anything on purpose, which was said
    for (;;) {
        // The state first: whatever was written before it ended is then there to be read.
        const Result<Json> job = feed.job();
        if (!job) return fail(context, job.error());
        const Result<bool> news = feed.new_logs(
            number_at(*job, "attempts"), [&](const LogPiece& piece) { printer.take(piece); });
        printer.release();
        for (const std::string& lost : feed.take_lost())
            code = fail(context, Error{ErrorCode::kCorrupt, lost});
        const std::vector<std::string> deleted = feed.take_deleted();
        has_deleted = has_deleted || !deleted.empty();
        for (const std::string& one : deleted)
            context.output.note(one);
        if (!news) return fail(context, news.error());
        const bool is_over = is_ended(*job) || !options.follow;
        if (is_over) {
            printer.finish();
            // An attempt that is not there would look like one that printed nothing.
            if (choice.last_attempt > number_at(*job, "attempts"))
                return fail(context, no_such_attempt(*job, choice.last_attempt));
            const bool is_told = has_deleted && !options.search;
            if (code == ExitCode::kOk && !printer.has_printed() && !is_told)
                tell_that_nothing_is(context, options);
            if (code != ExitCode::kOk || !options.follow || !options.exit_status) return code;
            return exit_code_of_job(*job);
        }
        if (!patience.wait(*news)) return ExitCode::kInterrupted;
    }
}

ExitCode show_logs(Context& context, const LogsOptions& options) {
    const Result<LogChoice> choice = choose_logs(options);
    if (!choice) return fail(context, choice.error());
    std::optional<LineSearch> search;
    if (options.search) {
        Result<LineSearch> made = LineSearch::make(*options.search);
        if (!made) return fail(context, made.error());
        search = std::move(*made);
    }
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, options.reference);
    if (!path) return fail(context, path.error());
    JobFeed feed(*server, *path, *choice);
    LogPrinter printer(context.streams, options.tail, std::move(search));
    return follow_logs(context, feed, options, printer);
}

void print_event(Context& context, EventTeller& teller, const Json& event, const Look& look) {
    const std::string text = teller.tell(event);
    switch (context.output.format()) {
        case Format::kTable:
            context.output.data(local_time(text_at(event, "at"), look) + "  " + text);
            break;
        case Format::kTsv:
            context.output.data(text_at(event, "at") + "\t" + text_at(event, "kind") + "\t" +
                                printable(text_at(event, "subject")) + "\t" + text);
            break;
        case Format::kJson:
        case Format::kJsonLines:  // one object a line, also while following
            print_json(context, event);
            break;
        case Format::kName:
            context.output.data(text_at(event, "seq"));
            break;
    }
}

ExitCode show_events(Context& context, const EventsOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, options.reference);
    if (!path) return fail(context, path.error());
    JobFeed feed(*server, *path, {});
    EventTeller teller;
    Patience patience;
    const Look look = current_look();
    if (context.output.format() == Format::kTsv) context.output.data("at\tkind\tsubject\ttext");
    for (;;) {
        const Result<Json> job = options.follow ? feed.job() : Result<Json>(Json());
        if (!job) return fail(context, job.error());
        const Result<Json::Array> events = feed.new_events();
        if (!events) return fail(context, events.error());
        for (const Json& event : *events)
            print_event(context, teller, event, look);
        if (!options.follow || is_ended(*job)) return ExitCode::kOk;
        if (!patience.wait(!events->empty())) return ExitCode::kInterrupted;
    }
}

}  // namespace

void add_log_commands(Commands& commands) {
    auto& logs = commands.keep<LogsOptions>();
    CLI::App& show = commands.add("logs", "what a job printed, also after its machine is gone",
                                  [&logs](Context& context) { return show_logs(context, logs); });
    show.add_option("ID", logs.reference, "id, name, unique beginning of a name, or -")->required();
    show.add_flag("-f,--follow", logs.follow,
                  "go on until the job has ended; Ctrl-C stops reading");
    show.add_option("--stream,--source", logs.stream, "out, err or system; otherwise out and err")
        ->check(CLI::IsMember({"out", "err", "system"}));
    show.add_option("--attempt", logs.attempt, "a number, or all (which it is when left out)");
    show.add_option("--tail", logs.tail, "begin with the last N lines of each stream")
        ->check(CLI::PositiveNumber);
    show.add_option(
        "--since", logs.since,
        "only what was printed since then: 90s, 1h30m, 2d ago, or 2026-11-23T20:48:00Z");
    show.add_option("--until", logs.until,
                    "only what was printed until then, written the same way");
    show.add_option("--search", logs.search,
                    "only lines that match this regular expression (as grep -E has them)");
    show.add_flag("--exit-status", logs.exit_status,
                  "with -f: exit 5 when the job did not succeed");

    auto& events = commands.keep<EventsOptions>();
    CLI::App& timeline =
        commands.add("events", "the timeline of a job, one sentence an event",
                     [&events](Context& context) { return show_events(context, events); });
    timeline.add_option("ID", events.reference, "id, name, unique beginning of a name, or -")
        ->required();
    timeline.add_flag("-f,--follow", events.follow, "go on until the job has ended");
}

}  // namespace herder::cli
