#pragma once
// The durable state in one SQLite file on a local disk: one host, one server process. Write-ahead
// log, every commit synced before it counts. A lock file beside it names the one leader.
#include <memory>
#include <string>

#include "base/result.h"
#include "ports/store.h"

namespace herder {

// Opens (or creates, readable by its owner alone) the database at `path`; older schemas are
// migrated. Refuses a newer schema and a network file system, whose locks cannot be trusted.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path);

}  // namespace herder
