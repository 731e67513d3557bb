#include "worker/output_patience.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

Instant at(Duration time) {
    return Instant{} + time;
}

class OutputPatienceTest : public ::testing::Test {
  protected:
    void fail(int times) {
        for (int i = 0; i < times; ++i)
            patience_.note_failure();
    }
    OutputPatience patience_{{minutes(10), seconds(10)}, at({})};
};

TEST_F(OutputPatienceTest, EndsWhatBringsNothing) {
    EXPECT_FALSE(patience_.is_silent(at(minutes(9))));
    EXPECT_FALSE(patience_.is_over(at(minutes(9))));
    EXPECT_TRUE(patience_.is_silent(at(minutes(10))));
    EXPECT_TRUE(patience_.is_over(at(minutes(10))));
    patience_.note_stored(at(minutes(9)));
    EXPECT_FALSE(patience_.is_over(at(minutes(18))));
    EXPECT_TRUE(patience_.is_over(at(minutes(19))));
}

// 20 GB that go whole, by a server that starts again after eleven minutes.
TEST_F(OutputPatienceTest, AFileThatTakesLongerThanItHasAFewTries) {
    patience_.note_sent(at(minutes(11)));
    EXPECT_FALSE(patience_.is_silent(at(minutes(20))));
    fail(3);
    EXPECT_FALSE(patience_.is_over(at(minutes(11))));
    fail(1);
    EXPECT_TRUE(patience_.is_over(at(minutes(11)))) << "it is sent in vain each time";
    EXPECT_FALSE(patience_.is_silent(at(minutes(11))));
    patience_.note_stored(at(minutes(11)));
    EXPECT_FALSE(patience_.is_over(at(minutes(11))));
}

TEST_F(OutputPatienceTest, AStopShortensIt) {
    patience_.note_stop(at(minutes(5)));
    patience_.note_stop(at(minutes(6)));
    EXPECT_FALSE(patience_.is_over(at(minutes(5) + seconds(9)))) << "from its beginning on";
    EXPECT_TRUE(patience_.is_silent(at(minutes(5) + seconds(10))));
    patience_.note_sent(at(minutes(6)));
    EXPECT_FALSE(patience_.is_silent(at(minutes(6) + seconds(9))));
    EXPECT_TRUE(patience_.is_over(at(minutes(6)))) << "what fails now is not sent once more";
    patience_.note_stored(at(minutes(6)));
    EXPECT_FALSE(patience_.is_over(at(minutes(6) + seconds(9))));
}

TEST_F(OutputPatienceTest, AStopDoesNotLengthenIt) {
    OutputPatience short_one({seconds(1), seconds(10)}, at({}));
    short_one.note_stop(at({}));
    EXPECT_TRUE(short_one.is_silent(at(seconds(1))));
}

TEST_F(OutputPatienceTest, WhatComesBeforeTheFirstByteDoesNotCount) {
    patience_.note_stop(at({}));
    patience_.hold(at(seconds(4)));
    patience_.hold(at(seconds(5)));
    patience_.release(at(seconds(60)));
    EXPECT_FALSE(patience_.is_silent(at(minutes(20))));
    patience_.release(at(seconds(104)));
    EXPECT_FALSE(patience_.is_over(at(seconds(109))));
    EXPECT_TRUE(patience_.is_over(at(seconds(110))));
}

TEST_F(OutputPatienceTest, WhatIsStoredMeanwhileLiesNotInTheFuture) {
    patience_.hold(at({}));
    patience_.note_stored(at(minutes(5)));
    patience_.release(at(minutes(6)));
    EXPECT_TRUE(patience_.is_over(at(minutes(16))));
}

TEST_F(OutputPatienceTest, PuttingAnObjectTogetherHasAnEndOfItsOwn) {
    patience_.begin_joining(at(minutes(9)));
    fail(100);
    EXPECT_FALSE(patience_.is_over(at(minutes(23))));
    EXPECT_TRUE(patience_.is_over(at(minutes(24))));
    EXPECT_TRUE(patience_.is_silent(at(minutes(24))));
    patience_.note_stop(at(minutes(20)));
    EXPECT_FALSE(patience_.is_silent(at(minutes(20))));
    EXPECT_TRUE(patience_.is_silent(at(minutes(20) + seconds(10)))) << "not in a stop";
}

// Of a part that goes twice, once the other has arrived.
TEST_F(OutputPatienceTest, BytesThatGoLateChangeNothingOfWhatHasArrived) {
    patience_.note_stored(at(minutes(5)));
    patience_.note_sent(at(minutes(3)));
    EXPECT_FALSE(patience_.is_silent(at(minutes(14))));
    EXPECT_TRUE(patience_.is_silent(at(minutes(15))));
    patience_.begin_joining(at(minutes(6)));
    patience_.note_sent(at(minutes(20)));
    EXPECT_FALSE(patience_.is_over(at(minutes(20))));
    EXPECT_TRUE(patience_.is_over(at(minutes(21)))) << "they make no object";
    patience_.end_joining();
    fail(4);
    EXPECT_TRUE(patience_.is_over(at(minutes(21)))) << "nor is anything stored by them";
}

TEST_F(OutputPatienceTest, BehindItTheUsualOneCounts) {
    patience_.begin_joining(at(minutes(1)));
    patience_.end_joining();
    EXPECT_TRUE(patience_.is_over(at(minutes(10))));
}

}  // namespace
}  // namespace herder
