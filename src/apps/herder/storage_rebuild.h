#pragma once
// `herder storage rebuild`: the server takes up again what only its bucket knows; and what it
// writes there beforehand.
#include <string>

#include "cli/app.h"
#include "engine/artifact_runner.h"
#include "engine/engine_thread.h"

namespace CLI {
class App;
}

namespace herder {

// What the artifact runner has to know of jobs: each one's record, sealed with the key, before its
// first manifest, and which uploads may still be going on. The engine outlives the hooks.
void record_jobs(ArtifactRunner::Hooks& hooks, EngineThread& engine, const std::string& mac_key);

void add_storage_rebuild(cli::Commands& commands, CLI::App& group);

}  // namespace herder
