#include "base/suggest.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(Suggest, CountsASwapAsOneEdit) {
    EXPECT_EQ(edit_distance("max_dhp", "max_dph"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Suggest, TakesTheNearestWithinReach) {
    EXPECT_EQ(nearest("acelerators", {"disk", "accelerators"}), "accelerators");
    EXPECT_EQ(nearest("xyz", {"accelerators"}), "");
    EXPECT_EQ(nearest("a", {"b"}), "");  // nothing would be left of the word
}

TEST(Suggest, AsksInOneSentence) {
    EXPECT_EQ(did_you_mean("sport", {"spot", "auto"}), "did you mean 'spot'?");
    EXPECT_EQ(did_you_mean("", {"spot"}), "");
}

}  // namespace
}  // namespace herder
