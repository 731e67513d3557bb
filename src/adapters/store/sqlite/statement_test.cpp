#include "adapters/store/sqlite/statement.h"

#include <gtest/gtest.h>

#include <limits>

namespace herder::sqlite {
namespace {

class StatementTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto opened = Connection::open(":memory:");
        ASSERT_TRUE(opened) << opened.error().message;
        db = std::move(*opened);
        ASSERT_TRUE(
            db.run("CREATE TABLE t (n INTEGER, s TEXT, b BLOB NOT NULL) STRICT;"
                   "CREATE UNIQUE INDEX t_n ON t (n)"));
    }
    Statement prepare(const char* sql) {
        auto statement = Statement::prepare(db, sql);
        EXPECT_TRUE(statement) << statement.error().message;
        return std::move(*statement);
    }
    bool insert(std::int64_t n, std::string_view s, std::string_view b) {
        Statement add = prepare("INSERT INTO t VALUES (?, ?, ?)");
        return add.bind(1, n).bind_text(2, s).bind_blob(3, b).execute();
    }

    Connection db;
};

TEST_F(StatementTest, ValuesComeBackAsTheyWentIn) {
    const std::string bytes("\0\xFF tail", 7);
    ASSERT_TRUE(insert(std::numeric_limits<std::int64_t>::min(), "h\xC3\xA9", bytes));
    Statement read = prepare("SELECT n, s, b FROM t");
    ASSERT_EQ(read.step(), Step::kRow);
    EXPECT_EQ(read.integer(0), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(read.text(1), "h\xC3\xA9");
    EXPECT_EQ(read.blob(2), bytes);
    EXPECT_EQ(read.step(), Step::kDone);
}

TEST_F(StatementTest, UnsignedNumbersKeepTheirUpperHalf) {
    Statement read = prepare("SELECT ?");
    read.bind(1, std::numeric_limits<std::uint64_t>::max());
    ASSERT_EQ(read.step(), Step::kRow);
    EXPECT_EQ(read.unsigned_integer(0), std::numeric_limits<std::uint64_t>::max());
}

TEST_F(StatementTest, AnEmptyBlobIsNotNull) {
    EXPECT_TRUE(insert(1, "", std::string_view()));
    EXPECT_EQ(db.read_integer("SELECT length(b) FROM t").value(), 0);
}

TEST_F(StatementTest, NullReadsAsEmpty) {
    Statement read = prepare("SELECT NULL, NULL");
    ASSERT_EQ(read.step(), Step::kRow);
    EXPECT_EQ(read.text(0), "");
    EXPECT_EQ(read.blob(1), "");
    EXPECT_EQ(read.integer(0), 0);
}

TEST_F(StatementTest, AFailedStatementCanBeUsedAgain) {
    Statement add = prepare("INSERT INTO t VALUES (?, 's', x'00')");
    ASSERT_TRUE(add.bind(1, std::int64_t{7}).execute());
    EXPECT_FALSE(add.bind(1, std::int64_t{7}).execute()) << "the number is taken";
    EXPECT_TRUE(add.bind(1, std::int64_t{8}).execute());
    EXPECT_EQ(db.read_integer("SELECT count(*) FROM t").value(), 2);
}

TEST_F(StatementTest, NoReadStaysOpenAfterAnEarlyReturn) {
    ASSERT_TRUE(insert(1, "a", "x"));
    ASSERT_TRUE(insert(2, "b", "y"));
    Statement read = prepare("SELECT n FROM t ORDER BY n");
    const auto first = [&read] {
        const ResetAtEnd reset(read);
        return read.step() == Step::kRow ? read.integer(0) : -1;
    };
    EXPECT_EQ(first(), 1);
    EXPECT_TRUE(db.run("DROP TABLE t")) << "an open read would lock the table";
}

TEST_F(StatementTest, MovesLeaveNothingBehind) {
    ASSERT_TRUE(insert(3, "", "z"));
    Statement one = prepare("SELECT n FROM t");
    Statement two = std::move(one);
    Statement three;
    three = std::move(two);
    ASSERT_EQ(three.step(), Step::kRow);
    EXPECT_EQ(three.integer(0), 3);
    three.reset();
    Connection moved = std::move(db);
    EXPECT_EQ(db.handle(), nullptr);
    EXPECT_EQ(moved.read_integer("SELECT n FROM t").value(), 3);
    db = std::move(moved);
}

TEST_F(StatementTest, ErrorsSayWhatWasTried) {
    const auto missing = Statement::prepare(db, "SELECT * FROM nowhere");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(missing.error().message.find("SELECT * FROM nowhere"), std::string::npos);
    EXPECT_NE(missing.error().message.find("no such table"), std::string::npos);
    EXPECT_FALSE(db.run("nonsense"));
    EXPECT_FALSE(db.read_integer("SELECT n FROM t")) << "there is no row";
    EXPECT_FALSE(Connection::open("/nonexistent/folder/x.db"));
}

}  // namespace
}  // namespace herder::sqlite
