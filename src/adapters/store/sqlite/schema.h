#pragma once
// The tables of the SQLite store and how a file of an older version becomes one of this version.
// Only for this folder.
#include "adapters/store/sqlite/statement.h"
#include "base/result.h"

namespace herder::sqlite {

constexpr int kSchemaVersion = 3;

// A new file gets the newest schema, an older one is migrated step by step, each step in a
// transaction of its own. kConflict: written by a newer program, or not ours at all.
Status prepare_schema(Connection& connection);

// The steps, for the migration's test: element i makes version i + 1.
const char* schema_step(int version);

}  // namespace herder::sqlite
