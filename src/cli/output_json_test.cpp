#include <gtest/gtest.h>

#include <sstream>

#include "cli/output.h"

namespace herder::cli {
namespace {

TEST(OutputJson, WritesJsonWithMoneyAsStrings) {
    const Table table{.columns = {{.title = "ID", .key = "id"},
                                  {.title = "$/H", .key = "price_per_hour"},
                                  {.title = "N", .key = "n", .right = true, .raw = true}},
                      .rows = {{"j1", "0.25", "1"}, {"j42", "2", "10"}}};
    EXPECT_EQ(to_json(table, false),
              "[\n  {\"id\": \"j1\", \"price_per_hour\": \"0.25\", \"n\": 1},\n"
              "  {\"id\": \"j42\", \"price_per_hour\": \"2\", \"n\": 10}\n]\n");
}

TEST(OutputJson, AnErrorInJsonModeIsAProblemObject) {
    std::ostringstream out;
    std::ostringstream err;
    Output(out, err, {.format = Format::kJson}).error({ErrorCode::kBudgetExceeded, "no \"money\""});
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str().find("\"code\":\"BUDGET_EXCEEDED\""), std::string::npos);
    EXPECT_NE(err.str().find("no \\\"money\\\""), std::string::npos);
}

TEST(OutputJson, AnEmptyTableIsAnEmptyArray) {
    EXPECT_EQ(to_json({.columns = {{.title = "ID", .key = "id"}}}, false), "[]\n");
}

}  // namespace
}  // namespace herder::cli
