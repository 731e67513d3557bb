#include "base/time.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(Time, PrintsDurationsAsPeopleSayThem) {
    EXPECT_EQ(to_text(seconds(0)), "0s");
    EXPECT_EQ(to_text(milliseconds(1500)), "1.5s");
    EXPECT_EQ(to_text(seconds(45)), "45s");
    EXPECT_EQ(to_text(minutes(167)), "2h 47m");
    EXPECT_EQ(to_text(hours(50)), "2d 02h");
}

TEST(Time, ParsesDurationsAndRefusesNonsense) {
    EXPECT_EQ(parse_duration("1h30m").value(), minutes(90));
    EXPECT_EQ(parse_duration("90").value(), seconds(90));
    for (const char* bad : {"", "h", "-5s", "1x", "1h 30m", "1h30", "99999999999s"}) {
        EXPECT_FALSE(parse_duration(bad)) << bad;
    }
}

TEST(Time, PrintsCalendarTimeInUtc) {
    EXPECT_EQ(to_rfc3339(WallTime{0}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(to_rfc3339(WallTime{1'772'490'000'123'456}), "2026-03-02T22:20:00Z");
}

}  // namespace
}  // namespace herder
