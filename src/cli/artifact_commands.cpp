#include <CLI/App.hpp>
#include <array>

#include "base/bytes.h"
#include "cli/checkpoint_commands.h"
#include "cli/groups.h"
#include "cli/list_view.h"
#include "cli/pull_files.h"
#include "cli/server_link.h"
#include "protocol/output_hashes.h"

namespace herder::cli {

namespace {

std::string size_of(const Json& item, const Look&) {
    return to_text(Bytes{number_at(item, "size_bytes")});
}
// Enough to tell two files apart; all of it is in -o json and when piped.
std::string hash_of(const Json& item, const Look&) {
    return text_at(item, "sha256").substr(0, 12);
}
constexpr std::array<ViewColumn, 3> kOutputColumns{{{"PATH", "path"},
                                                    {"SIZE", "size_bytes", true, size_of},
                                                    {"SHA256", "sha256", false, hash_of}}};
const ListView kOutputs{kOutputColumns,
                        "no outputs yet; they are kept when the job has ended, by the list "
                        "'outputs' of its file"};

ExitCode list_outputs(Context& context, const std::string& reference) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, reference, "/outputs");
    if (!path) return fail(context, path.error());
    const Result<Json::Array> items = server->list(*path, protocol::kOutputsListedMax);
    if (!items) return fail(context, items.error());
    print_items(context, *items, kOutputs);
    return ExitCode::kOk;
}

struct PullOptions {
    std::string reference;
    std::string folder = ".";
    bool dry_run = false;
};

ExitCode pull_outputs(Context& context, const PullOptions& options) {
    Result<ServerLink> server = ServerLink::open(context.options);
    if (!server) return fail(context, server.error());
    const Result<std::string> path = job_path(*server, options.reference, "/outputs");
    if (!path) return fail(context, path.error());
    const Result<Json::Array> items = server->list(*path, protocol::kOutputsListedMax);
    if (!items) return fail(context, items.error());
    if (items->empty()) context.output.note(kOutputs.when_empty);
    std::vector<WantedFile> wanted;
    for (const Json& item : *items) {
        const std::string name = text_at(item, "path");
        wanted.push_back({{*path + "/" + http::percent_encode_path(name), name, options.folder,
                           text_at(item, "sha256"), std::nullopt},
                          number_at(item, "size_bytes")});
    }
    if (options.dry_run) return tell_files(context, wanted);
    return pull_files(context, *server, std::move(wanted));
}

}  // namespace

void add_artifact_commands(Commands& commands) {
    static constexpr char kIdHelp[] =
        "id, name, unique beginning of a name, - for the newest; NAME@latest, NAME@min:METRIC and "
        "NAME@max:METRIC are the newest and the best that succeeded";
    CLI::App& outputs = commands.group("outputs", "the files that a job leaves behind");
    auto& listed = commands.keep<std::string>();
    commands
        .add(
            "ls", "list them",
            [&listed](Context& context) { return list_outputs(context, listed); }, &outputs)
        .add_option("ID", listed, kIdHelp)
        ->required();
    auto& pull = commands.keep<PullOptions>();
    CLI::App& pulling = commands.add(
        "pull", "copy them here, compared by their hashes; prints where each one lies",
        [&pull](Context& context) { return pull_outputs(context, pull); }, &outputs);
    pulling.add_option("ID", pull.reference, kIdHelp)->required();
    pulling.add_option("DEST", pull.folder, "folder, made where missing (default: this one)");
    pulling.add_flag("--dry-run", pull.dry_run, "only say what would be copied");
    add_checkpoint_commands(commands);
}

}  // namespace herder::cli
