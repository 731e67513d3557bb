#include "storage_rebuild.h"

#include <CLI/App.hpp>
#include <array>

#include "api/agent_api.h"
#include "cli/list_view.h"
#include "cli/server_link.h"
#include "protocol/job_record_json.h"
#include "protocol/layout.h"

namespace herder {

namespace {

using cli::Context;
using cli::ExitCode;
using cli::Json;

struct RebuildOptions {
    bool is_dry_run = false;
    bool trusts_all = false;
};

std::string taken_of(const Json& item, const cli::Look&) {
    if (cli::text_at(item, "known") != "true") return "taken up";
    const bool has_newer = cli::text_at(item, "newer_checkpoints") != "0";
    return has_newer ? "its newer checkpoints taken up" : "known already";
}

constexpr std::array<cli::ViewColumn, 5> kColumns{{{"ID", "id"},
                                                   {"NAME", "name"},
                                                   {"CHECKPOINTS", "checkpoints", true},
                                                   {"NEWER", "newer_checkpoints", true},
                                                   {"WHAT", "known", false, taken_of}}};
const cli::ListView kView{kColumns, "the storage tells of no job"};

ExitCode rebuild(Context& context, const RebuildOptions& wish) {
    auto server = cli::ServerLink::open(context.options);
    if (!server) return cli::fail(context, server.error());
    Json body{Json::Object{}};
    body.set("dry_run", wish.is_dry_run);
    body.set("trusts_all", wish.trusts_all);
    const auto found = server->send("POST", "/storage/rebuild", body);
    if (!found) return cli::fail(context, found.error());
    const Json* jobs = found->find("jobs");
    const Json* skipped = found->find("skipped");
    const bool is_answer = jobs != nullptr && jobs->if_array() != nullptr && skipped != nullptr &&
                           skipped->if_array() != nullptr;
    if (!is_answer)
        return cli::fail(context, Error{ErrorCode::kCorrupt, "the server's answer is none"});
    cli::print_items(context, *jobs->if_array(), kView);
    for (const Json& skip : *skipped->if_array())
        context.output.note("left out: " + cli::text_at(skip, "key") + ": " +
                            cli::text_at(skip, "why"));
    if (wish.is_dry_run)
        context.output.note("A dry run: nothing was taken up.");
    else
        context.output.note("Jobs that had not ended are paused; go on with: herder resume ID");
    return ExitCode::kOk;
}

}  // namespace

void record_jobs(ArtifactRunner::Hooks& hooks, EngineThread& engine, const std::string& mac_key) {
    hooks.run_look = {protocol::run_prefix,
                      protocol::checkpoints_prefix,
                      protocol::attempt_prefix,
                      protocol::checkpoint_key,
                      protocol::job_record_key,
                      [mac_key](const std::string& text) {
                          if (!protocol::is_job_record_authentic(text, mac_key)) return WallTime{};
                          const auto record = protocol::parse_job_record(text);
                          return record ? record->submitted : WallTime{};
                      }};
    hooks.job_record_key = protocol::job_record_key;
    hooks.job_record = [&engine, mac_key](JobId id) {
        const auto record = engine.fetch<protocol::JobRecord>([id](const State& state, Instant) {
            const Job& job = state.jobs.at(id);
            return protocol::JobRecord{id, job.spec, job.submitted_wall};
        });
        return protocol::write_job_record(record, mac_key);
    };
    hooks.is_in_use = [&engine](const std::string& key) {
        // Before the engine runs nobody answers: what may be in use waits for the next sweep.
        if (!engine.is_leading()) return true;
        return engine.fetch<bool>(
            [&](const State& state, Instant) { return api::is_output_in_use(state, key); });
    };
}

void add_storage_rebuild(cli::Commands& commands, CLI::App& group) {
    auto& wish = commands.keep<RebuildOptions>();
    CLI::App& command = commands.add(
        "rebuild", "take up the jobs that only the storage knows, after a lost database",
        [&wish](Context& context) { return rebuild(context, wish); }, &group);
    command.add_flag("--dry-run", wish.is_dry_run, "only say what would be taken up");
    command.add_flag("--trust-all", wish.trusts_all,
                     "believe what another cluster's key sealed: for when the key was lost, too");
}

}  // namespace herder
