#include "api/problem_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace herder::api {
namespace {

TEST(Problem, EveryCodeHasItsOwnRow) {
    std::set<std::string> names;
    for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
        const CodeRow& row = row_of(static_cast<ErrorCode>(i));
        EXPECT_EQ(row.code, static_cast<ErrorCode>(i));
        EXPECT_GE(row.status, 400);
        EXPECT_LT(row.status, 600);
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
    }
}

TEST(Problem, SaysWhatWhereAndWhetherToRetry) {
    const Response response = problem(unavailable("the disk is \"full\""), "/api/v1/jobs");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Not available now","status":503,)"
                             R"("code":"UNAVAILABLE","detail":"the disk is \"full\"",)"
                             R"("instance":"/api/v1/jobs","retryable":true})");
}

}  // namespace
}  // namespace herder::api
