#include <CLI/App.hpp>
#include <charconv>
#include <ostream>

#include "cli/event_text.h"
#include "cli/groups.h"
#include "cli/job_feed.h"
#include "cli/job_view.h"
#include "cli/patience.h"

namespace herder::cli {

namespace {

struct LogsOptions {
    std::string reference;
    bool follow = false;
    std::string stream;
    std::string attempt = "all";
    std::size_t tail = 0;
    bool exit_status = false;
};

struct EventsOptions {
    std::string reference;
    bool follow = false;
};

Result<LogChoice> choose_logs(const LogsOptions& options) {
    LogChoice choice;
    if (!options.stream.empty()) choice.streams = {options.stream};
    if (options.attempt == "all") return choice;
    std::int64_t number = 0;
    const char* end = options.attempt.data() + options.attempt.size();
    const auto read = std::from_chars(options.attempt.data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end || number < 1) {
        return invalid("--attempt '" + options.attempt + "' is neither a number nor 'all'");
    }
    choice.first_attempt = choice.last_attempt = number;
    return choice;
}

// The place where the last `count` lines of `text` begin.
std::size_t tail_begin(std::string_view text, std::size_t count) {
    std::size_t at = text.size();
    if (at > 0 && text.back() == '\n') --at;
    for (; at > 0; --at) {
        if (text[at - 1] == '\n' && --count == 0) return at;
    }
    return 0;
}

// Prints log text; on a terminal without what could steer it.
class LogPrinter {
  public:
    LogPrinter(Streams& streams, std::size_t tail) : streams_(streams), tail_(tail) {}

    Status take(std::string_view piece) {
        if (tail_ == 0) {
            print(piece);
            return ok();
        }
        held_ += piece;
        // Only the end matters; cut now and then so that a huge log does not fill the memory.
        if (held_.size() > (4U << 20U)) held_.erase(0, tail_begin(held_, tail_));
        return ok();
    }
    // After the first reading: what was held back is printed, the rest follows as it comes.
    void release() {
        if (tail_ > 0) print(std::string_view(held_).substr(tail_begin(held_, tail_)));
        held_.clear();
        tail_ = 0;
    }

  private:
    void print(std::string_view text) {
        if (streams_.out_is_terminal) {
            streams_.out << printable(text, true);
        } else {
            streams_.out << text;
        }
        streams_.out.flush();
    }

    Streams& streams_;
    std::size_t tail_;
    std::string held_;
};

ExitCode follow_logs(Context& context, JobFeed& feed, const LogsOptions& options) {
    LogPrinter printer(context.streams, options.tail);
    Patience patience;
    for (;;) {
        // The state first: whatever was written before it ended is then there to be read.
        const Result<Json> job = feed.job();
        if (!job) return fail(context, job.error());
        const Result<bool> news =
            feed.new_logs(number_at(*job, "attempts"),
                          [&](std::string_view piece) { return printer.take(piece); });
        if (!news) return fail(context, news.error());
        printer.release();
        if (!options.follow) return ExitCode::kOk;
        if (is_ended(*job)) return options.exit_status ? exit_code_of_job(*job) : ExitCode::kOk;
        if (!patience.wait(*news)) return ExitCode::kInterrupted;
    }
}

ExitCode show_logs(Context& context, const LogsOptions& options) {
    const Result<LogChoice> choice = choose_logs(options);
    if (!choice) return fail(context, choice.error());
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, options.reference);
    if (!path) return fail(context, path.error());
    JobFeed feed(*server, *path, *choice);
    return follow_logs(context, feed, options);
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
    show.add_option("--tail", logs.tail, "begin with the last N lines")->check(CLI::PositiveNumber);
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
