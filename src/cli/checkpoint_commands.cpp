#include "cli/checkpoint_commands.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <charconv>

#include "base/bytes.h"
#include "base/id.h"
#include "cli/list_view.h"
#include "cli/pulled_file.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

std::string size_of(const Json& item, const Look&) {
    return to_text(Bytes{number_at(item, "size_bytes")});
}
std::string committed_of(const Json& item, const Look& look) {
    return ago(text_at(item, "committed_at"), look);
}
// It is to go, and the store has not deleted it when it was asked.
bool is_undeleted(const Json& item) {
    const std::string state = text_at(item, "state");
    return (state == "deleting" || state == "aborted") && !text_at(item, "trouble").empty();
}
std::string state_of(const Json& item, const Look&) {
    if (text_at(item, "quarantined") == "true") return "! damaged";
    std::string text = text_at(item, "state");
    if (text == "committed" && text_at(item, "verified") == "true") text = "verified";
    if (text_at(item, "doubted") == "true") text = "! in doubt";
    if (is_undeleted(item)) text = "! still there";
    return text + (text_at(item, "pinned") == "true" ? ", pinned" : "");
}

// "loss 0.1798": four digits are enough for people.
std::string metrics_of(const Json& item, const Look&) {
    const Json* metrics = item.find("metrics");
    if (metrics == nullptr || metrics->if_object() == nullptr) return "";
    std::string text;
    for (const auto& [name, value] : *metrics->if_object()) {
        const std::string written = text_of(&value);
        double number = 0;
        const char* end = written.data() + written.size();
        const auto read = std::from_chars(written.data(), end, number);
        std::array<char, 32> shown{};
        const auto made = std::to_chars(shown.data(), shown.data() + shown.size(), number,
                                        std::chars_format::general, 4);
        const bool is_number = read.ec == std::errc{} && read.ptr == end;
        text += (text.empty() ? "" : ", ") + printable(name) + " " +
                (is_number ? std::string(shown.data(), made.ptr) : printable(written));
    }
    return text;
}

constexpr std::array<ViewColumn, 7> kCheckpointColumns{
    {{"ID", "id"},
     {"STEP", "step", true},
     {"STATE", "state", false, state_of},
     {"ATTEMPT", "attempt", true},
     {"SIZE", "size_bytes", true, size_of},
     {"SAVED", "committed_at", true, committed_of},
     {"METRICS", "metrics", false, metrics_of}}};
const ListView kCheckpoints{kCheckpointColumns,
                            "no checkpoints yet; why one was not taken is in: herder logs JOB "
                            "--stream system"};

constexpr std::array<ViewColumn, 3> kFileColumns{
    {{"PATH", "path"}, {"SIZE", "size_bytes", true, size_of}, {"CRC32C", "crc32c", true}}};
const ListView kFiles{kFileColumns, "it has no files"};

struct Wish {
    std::string job;
    std::string checkpoint = "latest";
    std::string folder = ".";
    std::int64_t keep_last = 0;
    bool is_dry_run = false;
    std::string name;  // of a fork
};

// The path of the checkpoint below /api/v1.
Result<std::string> path_of(ServerLink& server, const Wish& wish, const std::string& rest = "") {
    return job_path(server, wish.job,
                    "/checkpoints/" + http::percent_encode(wish.checkpoint) + rest);
}

void tell_undeleted(Context& context, const Json::Array& items) {
    const auto count = std::count_if(items.begin(), items.end(), is_undeleted);
    if (count == 0) return;
    const auto first = std::find_if(items.begin(), items.end(), is_undeleted);
    context.output.note(
        std::to_string(count) +
        (count == 1 ? " checkpoint is to be deleted and is there still ("
                    : " checkpoints are to be deleted and are there still (") +
        printable(text_at(*first, "trouble")) +
        "); if a right to delete is missing, give it to the server's credentials; if the bucket "
        "keeps objects on purpose, leave it: it is asked again at least once a day");
}

ExitCode list(Context& context, const std::string& reference) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, reference, "/checkpoints");
    if (!path) return fail(context, path.error());
    const Result<Json::Array> items = server->list(*path, 10'000);
    if (!items) return fail(context, items.error());
    print_items(context, *items, kCheckpoints);
    tell_undeleted(context, *items);
    return ExitCode::kOk;
}

const Json::Array& files_of(const Json& checkpoint) {
    static const Json::Array kNone;
    const Json* files = checkpoint.find("files");
    return files != nullptr && files->if_array() != nullptr ? *files->if_array() : kNone;
}

ExitCode show(Context& context, const Wish& wish) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = path_of(*server, wish);
    const Result<Json> one = path ? server->get(*path) : Result<Json>(path.error());
    if (!one) return fail(context, one.error());
    if (context.output.is_json()) {
        print_json(context, *one);
        return ExitCode::kOk;
    }
    context.output.note(text_at(*one, "id") + "  step " + text_at(*one, "step") + "  " +
                        state_of(*one, {}) + "  " + size_of(*one, {}) + "  " +
                        metrics_of(*one, {}));
    print_items(context, files_of(*one), kFiles);
    return ExitCode::kOk;
}

PulledFile file_of(const std::string& path, const Json& item, const std::string& folder) {
    const std::string name = text_at(item, "path");
    return {path + "/files/" + http::percent_encode_path(name), name, folder, "",
            static_cast<std::uint32_t>(number_at(item, "crc32c"))};
}

// The chosen one is asked for once, so that a commit meanwhile does not mix two.
Result<Json> choose(ServerLink& server, Wish& wish) {
    const Result<std::string> path = path_of(server, wish);
    if (!path) return path.error();
    Result<Json> one = server.get(*path);
    if (one) wish.checkpoint = text_at(*one, "id");
    return one;
}

ExitCode download(Context& context, Wish wish) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json> one = choose(*server, wish);
    if (!one) return fail(context, one.error());
    const Result<std::string> path = path_of(*server, wish);
    if (!path) return fail(context, path.error());
    for (const Json& item : files_of(*one)) {
        const Result<std::string> place = pull_file(*server, file_of(*path, item, wish.folder));
        if (!place) return fail(context, place.error());
        context.output.data(*place);
    }
    context.output.note("Step " + text_at(*one, "step") + ", every file as it was saved.");
    return ExitCode::kOk;
}

// What the server shall know of the outcome; an error where it could not be found out.
Status tell(ServerLink& server, const Wish& wish, const std::string& fault) {
    const Result<std::string> path =
        path_of(server, wish, fault.empty() ? "/verified" : "/damaged");
    if (!path) return path.error();
    Json body{Json::Object{}};
    if (!fault.empty()) body.set("why", fault);
    const Result<Json> told = server.send("POST", *path, body);
    return told ? ok() : Status(told.error());
}

ExitCode verify(Context& context, Wish wish) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<Json> one = choose(*server, wish);
    if (!one) return fail(context, one.error());
    const Result<std::string> path = path_of(*server, wish);
    if (!path) return fail(context, path.error());
    for (const Json& item : files_of(*one)) {
        const PulledFile file = file_of(*path, item, "");
        Status same = compare_file(*server, file);
        // A bit that flipped on the way is not a broken checkpoint: read once more.
        if (!same && same.error().code == ErrorCode::kCorrupt) same = compare_file(*server, file);
        if (same) continue;
        const ErrorCode code = same.error().code;
        const bool is_damaged = code == ErrorCode::kCorrupt || code == ErrorCode::kNotFound;
        if (!is_damaged) return fail(context, same.error());
        const Status told =
            tell(*server, wish, "'" + file.name + "' differs from what was saved or is missing");
        if (!told) return fail(context, told.error());
        return fail(context, Error{ErrorCode::kCorrupt,
                                   "checkpoint " + wish.checkpoint + " is damaged: '" +
                                       printable(file.name) +
                                       "' differs from what was saved or is missing; no job will "
                                       "go on from it"});
    }
    if (auto told = tell(*server, wish, ""); !told) return fail(context, told.error());
    context.output.note("Checkpoint " + wish.checkpoint + " of step " + text_at(*one, "step") +
                        ": every file is as it was saved.");
    return ExitCode::kOk;
}

ExitCode change(Context& context, const Wish& wish, const std::string& method,
                const std::string& rest) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = path_of(*server, wish, rest);
    const Result<Json> one =
        path ? server->send(method, *path, Json(Json::Object{})) : Result<Json>(path.error());
    if (!one) return fail(context, one.error());
    context.output.note("Checkpoint " + text_at(*one, "id") + " of step " + text_at(*one, "step") +
                        " is " + state_of(*one, {}) + ".");
    return ExitCode::kOk;
}

ExitCode collect(Context& context, const Wish& wish) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(
        *server, wish.job, "/collectable-checkpoints?keep_last=" + std::to_string(wish.keep_last));
    const Result<Json> found = path ? server->get(*path) : Result<Json>(path.error());
    if (!found) return fail(context, found.error());
    const Json* items = found->find("items");
    if (items == nullptr || items->if_array() == nullptr)
        return fail(context, Error{ErrorCode::kCorrupt, "the server's answer has no list"});
    for (const Json& item : *items->if_array()) {
        if (wish.is_dry_run) break;
        Wish one = wish;
        one.checkpoint = text_at(item, "id");
        const Result<std::string> place = path_of(*server, one);
        const Result<Json> removed = place ? server->send("DELETE", *place, Json(Json::Object{}))
                                           : Result<Json>(place.error());
        if (!removed) return fail(context, removed.error());
    }
    const ListView view{kCheckpointColumns, "nothing to delete: the rules keep all of them"};
    print_items(context, *items->if_array(), view);
    if (wish.is_dry_run) context.output.note("A dry run: nothing was deleted.");
    return ExitCode::kOk;
}

// The same job once more, from one of its checkpoints on.
ExitCode fork(Context& context, const Wish& wish) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = path_of(*server, wish);
    const Result<Json> one = path ? server->get(*path) : Result<Json>(path.error());
    if (!one) return fail(context, one.error());
    const Result<std::string> job = job_path(*server, wish.job, "");
    const Result<Json> origin = job ? server->get(*job) : Result<Json>(job.error());
    if (!origin) return fail(context, origin.error());
    const auto id = parse_id<CheckpointTag>(text_at(*one, "id"));
    const Json* spec = origin->find("spec");
    if (!id || spec == nullptr || spec->if_object() == nullptr)
        return fail(context, Error{ErrorCode::kCorrupt, "the server's answer has no job"});
    Json changed = *spec;
    changed.set("start_from", id->value);
    changed.set("name", wish.name.empty() ? text_at(*origin, "name") + "-fork" : wish.name);
    Json body{Json::Object{}};
    body.set("spec", changed);
    const Result<std::string> key = fresh_key();
    if (!key) return fail(context, key.error());
    const Result<Json> made = server->send("POST", "/jobs", body, *key);
    if (!made) return fail(context, made.error());
    context.output.note(text_at(*made, "id") + " " + printable(text_at(*made, "name")) +
                        " goes on from " + text_at(*one, "id") + " of step " +
                        text_at(*one, "step") + ", which is pinned.");
    if (context.output.is_json())
        print_json(context, *made);
    else if (context.output.format() != Format::kTable)
        context.output.data(text_at(*made, "id"));
    return ExitCode::kOk;
}

CLI::App& add_one(Commands& commands, CLI::App& group, const char* name, const char* help,
                  Wish& wish, std::function<ExitCode(Context&)> run) {
    CLI::App& command = commands.add(name, help, std::move(run), &group);
    command.add_option("ID", wish.job, "the job: id, name, unique beginning, or - for the newest")
        ->required();
    return command;
}

}  // namespace

void add_checkpoint_commands(Commands& commands) {
    CLI::App& group = commands.group("checkpoints", "what a job can go on from");
    auto& wish = commands.keep<Wish>();
    constexpr char kWhich[] = "id, step, or latest (the default)";
    add_one(commands, group, "ls", "list them, the newest first", wish,
            [&wish](Context& context) { return list(context, wish.job); });
    add_one(commands, group, "show", "one with its files", wish, [&wish](Context& context) {
        return show(context, wish);
    }).add_option("CHECKPOINT", wish.checkpoint, kWhich);
    CLI::App& downloading =
        add_one(commands, group, "download", "copy its files here, compared as they arrive", wish,
                [&wish](Context& context) { return download(context, wish); });
    downloading.add_option("CHECKPOINT", wish.checkpoint, kWhich);
    downloading.add_option("--to", wish.folder, "folder, made where missing (default: this one)");
    add_one(commands, group, "verify", "read all of it and compare; a damaged one is set aside",
            wish, [&wish](Context& context) { return verify(context, wish); })
        .add_option("CHECKPOINT", wish.checkpoint, kWhich);
    struct Change {
        const char* name;
        const char* help;
        const char* method;
        const char* rest;
    };
    for (const Change& kind :
         {Change{"pin", "keep it whatever the job's rules say", "POST", "/pin"},
          Change{"unpin", "leave it to the rules again", "POST", "/unpin"},
          Change{"rm", "delete it; never the last two", "DELETE", ""}}) {
        add_one(commands, group, kind.name, kind.help, wish,
                [&wish, kind](Context& context) {
                    return change(context, wish, kind.method, kind.rest);
                })
            .add_option("CHECKPOINT", wish.checkpoint, "id or step")
            ->required();
    }
    CLI::App& forking = add_one(commands, group, "fork", "the same job once more, from there on",
                                wish, [&wish](Context& context) { return fork(context, wish); });
    forking.add_option("CHECKPOINT", wish.checkpoint, kWhich);
    forking.add_option("--name", wish.name, "of the new job (default: JOB's name and -fork)");
    CLI::App& collecting = add_one(commands, group, "gc", "delete what the rules do not keep", wish,
                                   [&wish](Context& context) { return collect(context, wish); });
    collecting.add_option("--keep-last", wish.keep_last, "instead of the job's keep_last")
        ->check(CLI::Range(1, 100'000));
    collecting.add_flag("--dry-run", wish.is_dry_run, "only say what would be deleted");
}

}  // namespace herder::cli
