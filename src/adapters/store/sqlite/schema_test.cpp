#include "adapters/store/sqlite/schema.h"

#include <gtest/gtest.h>

namespace herder::sqlite {
namespace {

class SchemaTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto opened = Connection::open(":memory:");
        ASSERT_TRUE(opened) << opened.error().message;
        db = std::move(*opened);
    }
    std::int64_t number(const std::string& sql) {
        return db.read_integer(sql.c_str()).value_or(-1);
    }
    bool run(const std::string& sql) { return db.run(sql.c_str()).has_value(); }
    // A file as the herder of that version left it, with a commit, a row and an event.
    void make_old(int version) {
        for (int step = 1; step <= version; ++step)
            ASSERT_TRUE(run(schema_step(step)));
        ASSERT_TRUE(run(
            "PRAGMA application_id = 1752327282; PRAGMA user_version = " + std::to_string(version) +
            "; UPDATE leader SET term = 4, commit_term = 3, commit_seq = 9,"
            " logical_now = 1000, wall = 2000;"
            "INSERT INTO row VALUES (2, 'j1', x'01');"
            "INSERT INTO event VALUES (1, 1, 0, x'02')"));
    }
    // All tables and indexes with their columns, as text.
    std::string shape() {
        std::string text;
        auto read =
            Statement::prepare(db,
                               "SELECT m.type || ' ' || m.name || ' ' || coalesce(c.name, "
                               "'') FROM sqlite_master m LEFT JOIN pragma_table_info(m.name)"
                               " c WHERE m.name NOT LIKE 'sqlite_%' ORDER BY 1");
        if (!read) return read.error().message;
        while (read->step() == Step::kRow)
            text += read->text(0) + "\n";
        return text;
    }

    Connection db;
};

TEST_F(SchemaTest, ANewFileGetsTheNewestSchemaAndOurName) {
    ASSERT_TRUE(prepare_schema(db));
    EXPECT_EQ(number("PRAGMA user_version"), kSchemaVersion);
    EXPECT_EQ(number("PRAGMA application_id"), 0x68726472);
    EXPECT_EQ(number("SELECT count(*) FROM leader"), 1);
    EXPECT_TRUE(prepare_schema(db)) << "a second time changes nothing";
}

TEST_F(SchemaTest, EveryOlderVersionIsMigratedWithItsContentToTheSameShape) {
    ASSERT_TRUE(prepare_schema(db));
    const std::string want = shape();
    for (int version = 1; version < kSchemaVersion; ++version) {
        db = Connection::open(":memory:").value();
        make_old(version);
        const Status migrated = prepare_schema(db);
        ASSERT_TRUE(migrated) << version << ": " << migrated.error().message;
        EXPECT_EQ(shape(), want) << version;
        EXPECT_EQ(number("PRAGMA user_version"), kSchemaVersion);
        EXPECT_EQ(number("SELECT commit_seq FROM leader"), 9);
        EXPECT_EQ(number("SELECT logical_now FROM leader"), 1000);
        EXPECT_EQ(number("SELECT length(boot_id) FROM leader"), 0) << "unknown: comparable to none";
        EXPECT_EQ(number("SELECT count(*) FROM row"), 1);
        EXPECT_EQ(number("SELECT count(*) FROM event"), 1);
    }
}

TEST_F(SchemaTest, ANewerVersionIsRefusedAndLeftAlone) {
    ASSERT_TRUE(prepare_schema(db));
    ASSERT_TRUE(run("PRAGMA user_version = " + std::to_string(kSchemaVersion + 1)));
    const Status refused = prepare_schema(db);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    EXPECT_NE(refused.error().message.find("start the newer herder"), std::string::npos);
    EXPECT_EQ(number("PRAGMA user_version"), kSchemaVersion + 1);
}

TEST_F(SchemaTest, AnotherProgramsFileIsRefused) {
    ASSERT_TRUE(run("CREATE TABLE photos (id INTEGER)"));
    EXPECT_EQ(prepare_schema(db).error().code, ErrorCode::kConflict);
    EXPECT_EQ(number("SELECT count(*) FROM sqlite_master"), 1);
}

TEST_F(SchemaTest, AStepThatFailsLeavesTheVersionBefore) {
    make_old(2);
    ASSERT_TRUE(run("ALTER TABLE leader ADD COLUMN monotonic INTEGER"));  // in the way of step 3
    const Status failed = prepare_schema(db);
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message.find("migrating to schema 3"), std::string::npos);
    EXPECT_EQ(number("PRAGMA user_version"), 2);
    EXPECT_EQ(number("SELECT count(*) FROM pragma_table_info('leader') WHERE name = 'boot_id'"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM row"), 1);
}

}  // namespace
}  // namespace herder::sqlite
