#include "cli/attach.h"

#include <optional>
#include <ostream>

#include "cli/event_text.h"
#include "cli/job_feed.h"
#include "cli/job_view.h"
#include "cli/patience.h"
#include "cli/wall_clock.h"

namespace herder::cli {

namespace {

// A server that is restarted is back long before; then somebody has to look.
constexpr Duration kServerPatience = minutes(5);

bool may_come_back(const Error& error) {
    return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimedOut ||
           error.code == ErrorCode::kRateLimited;
}

class Attachment {
  public:
    Attachment(Context& context, ServerLink& server, const std::string& id)
        : context_(context), id_(id), feed_(server, "/jobs/" + id, {}) {}

    ExitCode run() {
        Patience patience;
        for (;;) {
            bool had_news = false;
            const Result<Json> job = look(had_news);
            if (job && is_ended(*job)) {
                context_.output.note(end_line(*job, current_look()));
                return exit_code_of_job(*job);
            }
            if (!job && !is_bearable(job.error())) return fail(context_, job.error());
            if (job) silent_since_.reset();
            if (!patience.wait(had_news)) return detach();
        }
    }

  private:
    // The state first: what was written before the end is then there to be read.
    Result<Json> look(bool& had_news) {
        Result<Json> job = feed_.job();
        if (!job) return job;
        const Result<Json::Array> events = feed_.new_events();
        if (!events) return events.error();
        for (const Json& event : *events)
            tell(event);
        const Result<bool> logs = feed_.new_logs(
            number_at(*job, "attempts"), [this](const LogPiece& piece) { print(piece.text); });
        if (!logs) return logs.error();
        for (const std::string& lost : feed_.take_lost())
            context_.output.note(lost);
        had_news = *logs || !events->empty();
        return job;
    }

    void tell(const Json& event) {
        const std::string text = teller_.tell(event);
        if (!is_headline(text_at(event, "kind"))) return;
        context_.output.note(local_time(text_at(event, "at"), current_look()) + "  " + text);
    }

    void print(std::string_view piece) {
        if (context_.streams.out_is_terminal) {
            context_.streams.out << printable(piece, true);
        } else {
            context_.streams.out << piece;
        }
        context_.streams.out.flush();
    }

    bool is_bearable(const Error& error) {
        if (!may_come_back(error)) return false;
        if (!silent_since_) {
            silent_since_ = wall_now();
            context_.output.note("the server does not answer; the job goes on, still trying");
        }
        return wall_now() - *silent_since_ < kServerPatience;
    }

    ExitCode detach() {
        context_.output.note("\ndetached; " + id_ + " goes on. watch: herder logs -f " + id_ +
                             "   stop: herder cancel " + id_);
        return ExitCode::kInterrupted;
    }

    Context& context_;
    std::string id_;
    JobFeed feed_;
    EventTeller teller_;
    std::optional<WallTime> silent_since_;
};

}  // namespace

ExitCode attach(Context& context, ServerLink& server, const std::string& job_id) {
    return Attachment(context, server, job_id).run();
}

}  // namespace herder::cli
