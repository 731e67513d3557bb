#include "cli/attempt_choice.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

TEST(AttemptChoice, IsANumberOrAll) {
    EXPECT_EQ(choose_attempts("all")->last, 0);
    EXPECT_EQ(choose_attempts("3")->first, 3);
    EXPECT_EQ(choose_attempts("3")->last, 3);
    for (const char* text : {"", "0", "-1", "last", "3x", "1.5"}) {
        const auto wrong = choose_attempts(text);
        ASSERT_FALSE(wrong) << text;
        EXPECT_EQ(wrong.error().message,
                  "--attempt '" + std::string(text) + "' is neither a number nor 'all'");
    }
}

}  // namespace
}  // namespace herder::cli
