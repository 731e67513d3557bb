#pragma once
// The logs of one server: on its disk below the data folder, and in its artifact store.
#include <string>

#include "api/log_archiver.h"
#include "api/log_store.h"
#include "ports/clock.h"

namespace herder {

struct LogHome {
    // All but the folder's name outlive this.
    LogHome(const std::string& data_dir, ObjectStore& objects, const Clock& clock)
        : store({.files = {.folder = data_dir + "/logs"}}, objects),
          archiver(store, {[&clock] { return clock.monotonic(); }}) {}

    api::LogStore store;
    api::LogArchiver archiver;
};

}  // namespace herder
