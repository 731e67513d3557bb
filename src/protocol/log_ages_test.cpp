#include "protocol/log_ages.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(LogAges, ReadBackAsTheyWereWritten) {
    const std::vector<LogAge> ages{{0, milliseconds(5200)}, {1833, milliseconds(0)}};
    EXPECT_EQ(to_text(ages), "0:5200,1833:0");
    EXPECT_EQ(parse_log_ages("0:5200,1833:0").value(), ages);
    EXPECT_TRUE(parse_log_ages("").value().empty());
}

TEST(LogAges, RefusesNonsense) {
    for (const char* text : {"0", "0:", ":1", "0:-1", "-1:0", "0:1,", "0:1;2:3", "x:1",
                             "0:99999999999999999", "0:1 ,2:3"}) {
        EXPECT_FALSE(parse_log_ages(text)) << text;
    }
    std::string many = "0:1";
    for (int i = 0; i < 64; ++i)
        many += ",1:1";
    EXPECT_FALSE(parse_log_ages(many));
}

}  // namespace
}  // namespace herder::protocol
