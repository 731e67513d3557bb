#include "base/id.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(Ids, PrintWithTheirLetterAndParseWithOrWithoutIt) {
    EXPECT_EQ(to_text(JobId{42}), "j42");
    EXPECT_EQ(parse_id<JobTag>("j42").value(), JobId{42});
    EXPECT_EQ(parse_id<JobTag>("42").value(), JobId{42});
    for (const char* bad : {"", "j", "i42", "j0", "j-1", "j4x", "99999999999999999999"}) {
        EXPECT_FALSE(parse_id<JobTag>(bad)) << bad;
    }
}

}  // namespace
}  // namespace herder
