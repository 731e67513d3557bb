#include "base/rfc3339.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

constexpr std::int64_t kSecond = 1'795'466'880'000'000;  // 2026-11-23T20:48:00Z

TEST(Rfc3339, ReadsWhatIsWritten) {
    EXPECT_EQ(parse_rfc3339("2026-11-23T20:48:00Z")->us, kSecond);
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z")->us, 1'000'000);
    EXPECT_EQ(parse_rfc3339(to_rfc3339(WallTime{951'782'400'000'000}))->us, 951'782'400'000'000);
}

TEST(Rfc3339, ReadsFractionsAndOffsets) {
    EXPECT_EQ(parse_rfc3339("2026-11-23T20:48:00.25Z")->us, kSecond + 250'000);
    EXPECT_EQ(parse_rfc3339("2026-11-23T20:48:00.1234567Z")->us, kSecond + 123'456);
    EXPECT_EQ(parse_rfc3339("2026-11-23T21:48:00+01:00")->us, kSecond);
    EXPECT_EQ(parse_rfc3339("2026-11-23T15:18:00-05:30")->us, kSecond);
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "yesterday", "2026-11-23", "2026-11-23T20:48:00", "2026-11-23T20:48:00.Z",
          "2026-13-23T20:48:00Z", "2026-02-30T20:48:00Z", "2026-11-00T20:48:00Z",
          "2026-11-23T24:48:00Z", "2026-11-23T20:61:00Z", "2026-11-23T20:48:00+1:00",
          "2026-11-23T20:48:00Zulu", "2026/11/23T20:48:00Z", "2026-11-23T20:48:00+25:00"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

}  // namespace
}  // namespace herder
