#include <CLI/App.hpp>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/digest.h"
#include "cli/groups.h"
#include "cli/list_view.h"
#include "cli/server_link.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

std::string size_of(const Json& item, const Look&) {
    return to_text(Bytes{number_at(item, "size_bytes")});
}
std::string committed_of(const Json& item, const Look& look) {
    return ago(text_at(item, "committed_at"), look);
}
std::string state_of(const Json& item, const Look&) {
    return text_at(item, "quarantined") == "true" ? "! damaged" : text_at(item, "state");
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

constexpr std::array<ViewColumn, 2> kOutputColumns{
    {{"PATH", "path"}, {"SIZE", "size_bytes", true, size_of}}};
const ListView kOutputs{kOutputColumns,
                        "no outputs yet; they are kept when the job has ended, by the list "
                        "'outputs' of its file"};

constexpr std::array<ViewColumn, 7> kCheckpointColumns{
    {{"ID", "id"},
     {"STEP", "step", true},
     {"STATE", "state", false, state_of},
     {"ATTEMPT", "attempt", true},
     {"SIZE", "size_bytes", true, size_of},
     {"SAVED", "committed_at", true, committed_of},
     {"METRICS", "metrics", false, metrics_of}}};
const ListView kCheckpoints{kCheckpointColumns, "no checkpoints yet"};

ExitCode list_of_job(Context& context, const std::string& reference, const std::string& what,
                     const ListView& view) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, reference, "/" + what);
    if (!path) return fail(context, path.error());
    const Result<Json::Array> items = server->list(*path, 10'000);
    if (!items) return fail(context, items.error());
    print_items(context, *items, view);
    return ExitCode::kOk;
}

struct PullOptions {
    std::string reference;
    std::string folder = ".";
};

// Refuses names that would leave the folder: they come from a rented machine.
Result<fs::path> place_for(const std::string& folder, const std::string& name) {
    const fs::path relative = fs::path(name).lexically_normal();
    if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") {
        return invalid("output '" + printable(name) + "' would lie outside of the folder");
    }
    return fs::path(folder) / relative;
}

// Under another name until it is whole, so that nobody takes a part for the file.
Status pull_one(ServerLink& server, const std::string& path, const Json& item,
                const fs::path& place) {
    std::error_code failed;
    fs::create_directories(place.parent_path(), failed);
    const fs::path part = place.string() + ".part";
    std::ofstream file(part, std::ios::binary);
    Sha256Stream hash;
    const std::string name = text_at(item, "path");
    const Status got = server.download(
        path + "/" + http::percent_encode_path(name), [&](std::string_view piece) -> Status {
            hash.update(piece);
            file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
            if (!file) return unavailable("cannot write '" + part.string() + "'");
            return ok();
        });
    file.close();
    const std::string wanted = text_at(item, "sha256");
    Status result = got;
    if (result && !file) result = unavailable("cannot write '" + part.string() + "'");
    if (result && !wanted.empty() && hash.finish_hex() != wanted) {
        result = Error{ErrorCode::kCorrupt, "'" + printable(name) + "' arrived damaged; try again"};
    }
    if (result) {
        fs::rename(part, place, failed);
        if (failed) result = unavailable("cannot write '" + place.string() + "'");
    }
    if (!result) fs::remove(part, failed);
    return result;
}

ExitCode pull_outputs(Context& context, const PullOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, options.reference, "/outputs");
    if (!path) return fail(context, path.error());
    const Result<Json::Array> items = server->list(*path, 10'000);
    if (!items) return fail(context, items.error());
    if (items->empty()) context.output.note(kOutputs.when_empty);
    for (const Json& item : *items) {
        const Result<fs::path> place = place_for(options.folder, text_at(item, "path"));
        if (!place) return fail(context, place.error());
        const Status pulled = pull_one(*server, *path, item, *place);
        if (!pulled) return fail(context, pulled.error());
        context.output.data(place->string());
    }
    return ExitCode::kOk;
}

}  // namespace

void add_artifact_commands(Commands& commands) {
    static constexpr char kIdHelp[] = "id, name, unique beginning of a name, or - for the newest";
    CLI::App& outputs = commands.group("outputs", "the files that a job leaves behind");
    auto& listed = commands.keep<std::string>();
    commands
        .add(
            "ls", "list them",
            [&listed](Context& context) {
                return list_of_job(context, listed, "outputs", kOutputs);
            },
            &outputs)
        .add_option("ID", listed, kIdHelp)
        ->required();
    auto& pull = commands.keep<PullOptions>();
    CLI::App& pulling = commands.add(
        "pull", "copy them here; prints where each one lies",
        [&pull](Context& context) { return pull_outputs(context, pull); }, &outputs);
    pulling.add_option("ID", pull.reference, kIdHelp)->required();
    pulling.add_option("DEST", pull.folder, "folder, made where missing (default: this one)");

    CLI::App& checkpoints = commands.group("checkpoints", "what a job can go on from");
    auto& of = commands.keep<std::string>();
    commands
        .add(
            "ls", "list them, the newest first",
            [&of](Context& context) {
                return list_of_job(context, of, "checkpoints", kCheckpoints);
            },
            &checkpoints)
        .add_option("ID", of, kIdHelp)
        ->required();
}

}  // namespace herder::cli
