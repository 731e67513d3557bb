#include "core/jobs/checkpoint_every.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(CheckpointEvery, IsTheWordThatTheJobIsTold) {
    CheckpointSpec spec;
    EXPECT_EQ(to_every_text(spec), "");
    spec.every = minutes(10);
    EXPECT_EQ(to_every_text(spec), "600s");
    spec.every = milliseconds(1);
    EXPECT_EQ(to_every_text(spec), "1s");
    spec.every = kEveryAuto;
    EXPECT_EQ(to_every_text(spec), "auto");
    spec.every_steps = 25;
    EXPECT_EQ(to_every_text(spec), "25 steps");
}

}  // namespace
}  // namespace herder
