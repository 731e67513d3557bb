#include "s3d/clock.h"

#include <gtest/gtest.h>

namespace herder::s3d {
namespace {

TEST(ServerClock, WritesAndReadsTheDatesOfTheProtocol) {
    const WallTime time{1'369'353'600'000'000};
    EXPECT_EQ(to_amz_date(time), "20130524T000000Z");
    EXPECT_EQ(to_http_date(time), "Fri, 24 May 2013 00:00:00 GMT");
    EXPECT_EQ(*parse_amz_date("20130524T000000Z"), time);
    EXPECT_FALSE(parse_amz_date("20130524"));
    EXPECT_FALSE(parse_amz_date("20130524T000000Z "));
    EXPECT_FALSE(parse_amz_date(""));
}

TEST(ServerClock, CanBeWrongOnPurpose) {
    ServerClock clock;
    const WallTime right = clock.wall();
    clock.set_skew(hours(1));
    EXPECT_GE(clock.wall(), right + hours(1));
    clock.freeze(WallTime{5'000'000});
    EXPECT_EQ(clock.wall(), WallTime{5'000'000});
}

}  // namespace
}  // namespace herder::s3d
