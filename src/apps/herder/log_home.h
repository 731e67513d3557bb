#pragma once
// The logs of one server: on its disk below the data folder, and in its artifact store.
#include <functional>
#include <string>
#include <utility>

#include "api/log_archiver.h"
#include "api/log_retention.h"
#include "api/log_store.h"
#include "config/contexts.h"
#include "engine/engine_thread.h"
#include "ports/clock.h"
#include "server_app.h"

namespace herder {

// Those of jobs that ended so long ago, as `logs_keep` says it; `engine` is there once the archiver
// has started.
inline Result<api::LogRetention::Options> which_logs_go(const ServerOptions& options,
                                                        const Clock& clock,
                                                        std::function<EngineThread&()> engine) {
    constexpr std::size_t kLookedAt = 2000;  // jobs, while the engine waits
    const auto keep = config::parse_logs_keep(options.logs_keep);
    if (!keep) return keep.error().with_context("--logs-keep");
    api::LogRetention::Options old;
    old.keep = *keep;
    old.rule = options.logs_keep;
    old.wall = [&clock] { return clock.wall(); };
    old.scale_milli = options.time_scale_milli;
    old.past_file = options.data_dir + "/logs/deleted-jobs";
    old.ended_after = [engine = std::move(engine)](JobId after) {
        return engine().fetch<api::EndedJobs>([after](const State& state, Instant) {
            return api::ended_jobs(state, after, kLookedAt);
        });
    };
    return old;
}

struct LogHome {
    // All but the folder's name outlive this. `old`: which logs are deleted.
    LogHome(const std::string& data_dir, ObjectStore& objects, const Clock& clock,
            api::LogRetention::Options old)
        : store({.files = {.folder = data_dir + "/logs"}}, objects),
          retention(store, std::move(old)),
          archiver(store,
                   {.now = [&clock] { return clock.monotonic(); }, .retention = &retention}) {}

    api::LogStore store;
    api::LogRetention retention;
    api::LogArchiver archiver;
};

}  // namespace herder
