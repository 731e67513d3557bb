#include "adapters/store/sqlite/schema.h"

#include <array>
#include <string>

#include "base/assert.h"

namespace herder::sqlite {

namespace {

// "hrdr": tells our files from those of other programs.
constexpr int kApplicationId = 0x68726472;

// Rows are keyed by table and text; what is in a record is the core's business, so a change there
// needs no change here. `image` marks events that only carry a row.
constexpr const char* kVersion1 = R"sql(
    CREATE TABLE row (
        kind INTEGER NOT NULL,
        key TEXT NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY,
        job INTEGER NOT NULL,
        image INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE leader (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        term INTEGER NOT NULL,
        commit_term INTEGER NOT NULL,
        commit_seq INTEGER NOT NULL,
        logical_now INTEGER NOT NULL,
        wall INTEGER NOT NULL
    ) STRICT;
    INSERT INTO leader VALUES (1, 0, 0, 0, 0, 0);
)sql";

// Events of one job without a scan of all; row images, two thirds of the log, stay out of it.
constexpr const char* kVersion2 = R"sql(
    CREATE INDEX event_by_job ON event (job, seq) WHERE job <> 0 AND image = 0;
)sql";

// The monotonic clock at the newest commit, so that a restart within the same boot knows how long
// nobody led whatever the wall clock says.
constexpr const char* kVersion3 = R"sql(
    ALTER TABLE leader ADD COLUMN boot_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE leader ADD COLUMN monotonic INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::array kSteps = {kVersion1, kVersion2, kVersion3};
static_assert(kSteps.size() == kSchemaVersion);

Status migrate_to(Connection& connection, int version) {
    const std::string sql = std::string("BEGIN IMMEDIATE;") + schema_step(version) +
                            "PRAGMA application_id = " + std::to_string(kApplicationId) +
                            "; PRAGMA user_version = " + std::to_string(version) + "; COMMIT;";
    if (auto done = connection.run(sql.c_str()); !done) {
        (void)connection.run("ROLLBACK");
        return done.error().with_context("migrating to schema " + std::to_string(version));
    }
    return ok();
}

}  // namespace

const char* schema_step(int version) {
    HERDER_ASSERT(version >= 1 && version <= kSchemaVersion);
    return kSteps[static_cast<std::size_t>(version) - 1];
}

Status prepare_schema(Connection& connection) {
    const auto version = connection.read_integer("PRAGMA user_version");
    if (!version) return version.error();
    const auto application = connection.read_integer("PRAGMA application_id");
    if (!application) return application.error();
    const auto objects = connection.read_integer("SELECT count(*) FROM sqlite_master");
    if (!objects) return objects.error();

    const bool is_new = *version == 0 && *objects == 0;
    if (!is_new && *application != kApplicationId) {
        return Error{ErrorCode::kConflict,
                     "the file is a database of another program; choose another data folder"};
    }
    if (*version > kSchemaVersion) {
        return Error{ErrorCode::kConflict, "the database has schema " + std::to_string(*version) +
                                               ", this program knows up to " +
                                               std::to_string(kSchemaVersion) +
                                               "; start the newer herder that wrote it"};
    }
    for (int next = static_cast<int>(*version) + 1; next <= kSchemaVersion; ++next) {
        if (auto done = migrate_to(connection, next); !done) return done;
    }
    return ok();
}

}  // namespace herder::sqlite
