#include "api/problem_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>

namespace herder::api {
namespace {

TEST(Problem, EveryCodeHasItsOwnRow) {
    std::set<std::string> names;
    for (const CodeRow& row : code_rows()) {
        EXPECT_GE(row.status, 400);
        EXPECT_LT(row.status, 600);
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(type_of(row).starts_with("/api/v1/problems/"));
    }
    for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
        const auto code = static_cast<ErrorCode>(i);
        std::string word = to_string(code);
        for (char& c : word)
            c = static_cast<char>(std::toupper(c));
        EXPECT_EQ(row_of(code).name, word);
        EXPECT_EQ(row_of(code).is_retryable, is_retryable(code));
    }
    EXPECT_EQ(row_of_method_not_allowed().status, 405);
    EXPECT_EQ(row_of_too_large().status, 413);
}

TEST(Problem, SaysWhatWhereAndWhetherToRetry) {
    Problem wrong(unavailable("the disk is \"full\""), {{"/a", "is wrong", "b"}});
    wrong.help = {"herder doctor"};
    const Response response = problem(wrong, "/api/v1/jobs", "req_1");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(response.body,
              R"({"type":"/api/v1/problems/unavailable","title":"Not available now","status":503,)"
              R"("code":"UNAVAILABLE","detail":"the disk is \"full\"","instance":"/api/v1/jobs",)"
              R"("request_id":"req_1","retryable":true,)"
              R"("errors":[{"pointer":"/a","message":"is wrong","suggestion":"b"}],)"
              R"("help":["herder doctor"]})");
}

}  // namespace
}  // namespace herder::api
