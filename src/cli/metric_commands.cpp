#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "cli/attempt_choice.h"
#include "cli/groups.h"
#include "cli/job_feed.h"
#include "cli/list_view.h"
#include "cli/metric_table.h"
#include "cli/sparkline.h"

namespace herder::cli {

namespace {

constexpr std::size_t kTrendPoints = 40;

struct MetricsOptions {
    std::string reference;
    std::vector<std::string> names;
    std::string attempt = "all";
    std::optional<std::string> since;
    std::optional<std::string> until;
    bool csv = false;
    bool json = false;
};

// Numbers come as they are, the others as their names.
std::optional<double> number_of(const Json* value) {
    if (value == nullptr) return std::nullopt;
    if (const auto* real = value->if_double()) return *real;
    if (const auto* whole = value->if_signed()) return static_cast<double>(*whole);
    const std::string* word = value->if_string();
    if (word == nullptr) return std::nullopt;
    if (*word == "Infinity") return HUGE_VAL;
    if (*word == "-Infinity") return -HUGE_VAL;
    return std::nan("");
}

std::string number_cell(const Json& item, const char* key) {
    const auto number = number_of(item.find(key));
    return number ? short_number(*number) : "";
}

std::string trend_of(const Json& item, const Look& look) {
    std::vector<std::optional<double>> values;
    const Json* points = item.find("points");
    if (points == nullptr || points->if_array() == nullptr) return "";
    for (const Json& point : *points->if_array())
        values.push_back(number_of(point.find("value")));
    // Those that stand for several values are fewer than asked for, each metric as it happens.
    if (text_at(item, "thinned") == "true") values = stretched(values, kTrendPoints);
    return sparkline(values, look.utf8);
}

std::string steps_of(const Json& item) {
    const std::string first = text_at(item, "first_step");
    const std::string last = text_at(item, "last_step");
    return first == last ? first : first + "-" + last;
}

constexpr std::array<ViewColumn, 8> kColumns{{{"NAME", "name"},
                                              {"LAST", "last"},
                                              {"MIN", "min"},
                                              {"MAX", "max"},
                                              {"COUNT", "count"},
                                              {"FIRST", "first_step"},
                                              {"STEP", "last_step"},
                                              {"AT", "last_at"}}};
const ListView kMetrics{kColumns,
                        "no metrics; training code reports them with herder.log({\"loss\": loss}, "
                        "step=step), or as lines in $HERDER_DIR/metrics.jsonl"};

void print_trends(Context& context, const Json::Array& items) {
    Table table;
    table.when_empty = kMetrics.when_empty;
    table.columns = {{"NAME", "name"},     {"LAST", "last", true}, {"MIN", "min", true},
                     {"MAX", "max", true}, {"STEPS", "steps"},     {"TREND", "trend"}};
    const Look look = current_look();
    for (const Json& item : items) {
        table.rows.push_back({printable(text_at(item, "name")), number_cell(item, "last"),
                              number_cell(item, "min"), number_cell(item, "max"), steps_of(item),
                              trend_of(item, look)});
    }
    context.output.table(table);
}

Result<Json::Array> choose(const Json& document, const std::vector<std::string>& names) {
    Json::Array chosen;
    std::vector<std::string> known;
    const Json* items = document.find("items");
    if (items == nullptr || items->if_array() == nullptr)
        return internal("the server's answer has no list 'items'");
    for (const Json& item : *items->if_array())
        known.push_back(text_at(item, "name"));
    if (names.empty()) return *items->if_array();
    for (const std::string& name : names) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) return no_such_metric(name, known);
        chosen.push_back((*items->if_array())[static_cast<std::size_t>(found - known.begin())]);
    }
    return chosen;
}

// What the answer leaves out; an error where something is lost.
ExitCode tell_what_is_missing(Context& context, const Json& document) {
    const std::int64_t bad = number_at(document, "bad_lines");
    if (bad > 0) {
        context.output.note(std::to_string(bad) + " lines of metrics.jsonl are none (" +
                            text_at(document, "bad_line") + ") and are left out");
    }
    if (text_at(document, "too_many_names") == "true")
        context.output.note("there are more than 1000 metrics; the others are left out");
    if (text_at(document, "older_left_out") == "true")
        context.output.note(
            "there are so many values that the oldest are left out; name an attempt with "
            "--attempt, "
            "or a time with --until, or use --csv");
    const Json* deleted = document.find("deleted");
    if (deleted != nullptr && deleted->if_array() != nullptr) {
        for (const Json& one : *deleted->if_array()) {
            context.output.note("attempt " + text_at(one, "attempt") +
                                ": its metrics were deleted on " + text_at(one, "deleted_at") +
                                " by the rule logs_keep: " + text_at(one, "logs_keep"));
        }
    }
    ExitCode code = ExitCode::kOk;
    const Json* lost = document.find("lost");
    if (lost == nullptr || lost->if_array() == nullptr) return code;
    for (const Json& one : *lost->if_array()) {
        code = fail(context, Error{ErrorCode::kCorrupt, "attempt " + text_at(one, "attempt") +
                                                            ": " + text_at(one, "detail")});
    }
    return code;
}

ExitCode show_trends(Context& context, ServerLink& server, const std::string& path,
                     const MetricsOptions& options) {
    std::string target = path + "/metrics?points=" + std::to_string(kTrendPoints) +
                         "&attempt=" + http::percent_encode(options.attempt);
    if (options.since) target += "&since=" + http::percent_encode(*options.since);
    if (options.until) target += "&until=" + http::percent_encode(*options.until);
    const Result<Json> document = server.get(target);
    if (!document) return fail(context, document.error());
    const Result<Json::Array> items = choose(*document, options.names);
    if (!items) return fail(context, items.error());
    if (options.json || context.output.is_json()) {
        Json shown;
        for (const auto& [key, value] : *document->if_object())
            shown.set(key, key == "items" ? Json(*items) : value);
        context.output.data(shown.to_text());
    } else if (context.output.format() == Format::kTable) {
        print_trends(context, *items);
    } else {
        print_items(context, *items, kMetrics);
    }
    return tell_what_is_missing(context, *document);
}

ExitCode print_csv(Context& context, ServerLink& server, const std::string& path,
                   const MetricsOptions& options, const AttemptChoice& attempts) {
    const Result<Json> job = server.get(path);
    if (!job) return fail(context, job.error());
    const std::int64_t newest = number_at(*job, "attempts");
    if (attempts.first > newest && attempts.last != 0)
        return fail(context, no_such_attempt(*job, attempts.first));
    std::set<std::string> lost;
    std::set<std::string> deleted;
    const auto source = [&](std::int64_t attempt,
                            const std::function<void(std::string_view)>& on_text) -> Status {
        LogChoice choice;
        choice.streams = {"metrics"};
        choice.first_attempt = choice.last_attempt = attempt;
        choice.since = options.since;
        choice.until = options.until;
        JobFeed feed(server, path, choice);
        const Result<bool> read =
            feed.new_logs(newest, [&](const LogPiece& piece) { on_text(piece.text); });
        for (const std::string& one : feed.take_lost())
            lost.insert(one);
        for (const std::string& one : feed.take_deleted())
            deleted.insert(one);
        return read ? ok() : Status(read.error());
    };
    MetricTable table(source,
                      {attempts.first, attempts.last == 0 ? newest : attempts.last, options.names});
    // A name may be anything; in quotes it may even hold an end of line.
    const Status written = table.write_csv(
        [&context](const std::string& row) { context.output.data(printable(row, true)); });
    if (!written) return fail(context, written.error());
    if (table.bad_lines() > 0)
        context.output.note(std::to_string(table.bad_lines()) +
                            " lines of metrics.jsonl are none and are left out");
    for (const std::string& one : deleted)
        context.output.note(one);
    ExitCode code = ExitCode::kOk;
    for (const std::string& one : lost)
        code = fail(context, Error{ErrorCode::kCorrupt, one});
    return code;
}

ExitCode show_metrics(Context& context, const MetricsOptions& options) {
    const Result<AttemptChoice> attempts = choose_attempts(options.attempt);
    if (!attempts) return fail(context, attempts.error());
    if (options.csv && (options.json || context.output.is_json()))
        return fail(context, invalid("--csv and JSON are two forms of one answer; ask for one"));
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, options.reference);
    if (!path) return fail(context, path.error());
    if (options.csv) return print_csv(context, *server, *path, options, *attempts);
    return show_trends(context, *server, *path, options);
}

}  // namespace

void add_metric_commands(Commands& commands) {
    auto& options = commands.keep<MetricsOptions>();
    CLI::App& metrics =
        commands.add("metrics", "what a job measures: last, least, greatest value and the trend",
                     [&options](Context& context) { return show_metrics(context, options); });
    metrics.add_option("ID", options.reference, "id, name, unique beginning of a name, or -")
        ->required();
    metrics.add_option("NAME", options.names, "only these metrics (default: all)");
    metrics.add_flag("--csv", options.csv,
                     "every value exactly, one row a line that the training wrote");
    metrics.add_flag("--json", options.json, "the same as -o json");
    metrics.add_option("--since", options.since,
                       "only what was measured since then: 90s, 1h30m, 2d ago, or "
                       "2026-11-23T20:48:00Z");
    metrics.add_option("--until", options.until,
                       "only what was measured until then, written the same way");
    metrics.add_option("--attempt", options.attempt,
                       "a number, or all (which it is when left out): a step that was repeated "
                       "after a move counts once, as the later attempt measured it");
}

}  // namespace herder::cli
