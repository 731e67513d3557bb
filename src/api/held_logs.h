#pragma once
// What the artifact store has of the logs of one job, found by one listing.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/jobs/job.h"
#include "ports/object_store.h"

namespace herder::api {

// Of each stream the keys of its pieces.
using HeldStreams = std::map<std::string, std::vector<std::string>>;

struct HeldLogs {
    std::map<std::uint64_t, HeldStreams> attempts;  // that have any, by their fences
    WallTime newest;                        // when the newest piece was begun or stored; 0: none is
    std::optional<WallTime> newest_stored;  // by the store's calendar, where it tells
};

Result<HeldLogs> find_held_logs(ObjectStore& objects, const std::string& team, JobId job);

}  // namespace herder::api
