#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace herder::cli {
namespace {

Table two_jobs() {
    return {.columns = {{.title = "ID", .key = "id"},
                        {.title = "$/H", .key = "price_per_hour", .right = true},
                        {.title = "N", .key = "n", .right = true, .raw = true}},
            .rows = {{"j1", "0.25", "1"}, {"j42", "2", "10"}}};
}

std::string shown(Output::Options options) {
    std::ostringstream out;
    std::ostringstream err;
    Output(out, err, options).table(two_jobs());
    return out.str();
}

TEST(Output, AlignsColumnsOnATerminal) {
    EXPECT_EQ(shown({.terminal = true}), "ID    $/H   N\nj1   0.25   1\nj42     2  10\n");
}

TEST(Output, SeparatesByTabsWhenPiped) {
    EXPECT_EQ(shown({}), "id\tprice_per_hour\tn\nj1\t0.25\t1\nj42\t2\t10\n");
}

TEST(Output, QuietPrintsIdsOnly) {
    EXPECT_EQ(shown({.quiet = true, .terminal = true}), "j1\nj42\n");
}

TEST(Output, KeepsARowOnOneLine) {
    Table table = two_jobs();
    table.rows[0][0] = "a\tb\nc";
    EXPECT_NE(to_tsv(table).find("a b c\t"), std::string::npos);
}

}  // namespace
}  // namespace herder::cli
