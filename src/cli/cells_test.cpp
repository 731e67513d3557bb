#include "cli/cells.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

const Look kLook{.utf8 = true, .now = {1'795'466'880'000'000}};  // 2026-11-23T20:48:00Z

TEST(Cells, SaysHowLongAgo) {
    EXPECT_EQ(ago("2026-11-23T20:47:18Z", kLook), "42s ago");
    EXPECT_EQ(ago("2026-11-23T20:45:00Z", kLook), "3m ago");
    EXPECT_EQ(ago("2026-11-23T15:00:00Z", kLook), "5h ago");
    EXPECT_EQ(ago("2026-11-20T20:48:00Z", kLook), "3d ago");
    EXPECT_EQ(ago("2026-11-23T20:48:05Z", kLook), "0s ago");  // clocks differ a little
    EXPECT_EQ(ago("", kLook), "");
}

TEST(Cells, RoundsMoneyForPeopleOnly) {
    EXPECT_EQ(money_cell("12.4"), "$12.40");
    EXPECT_EQ(rate_cell("0.62"), "0.62");
    EXPECT_EQ(money_cell(""), "");
}

TEST(Cells, EscapesWhatCouldSteerATerminal) {
    EXPECT_EQ(printable("a\x1b[31mb\x7f"), "a\\x1b[31mb\\x7f");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "2Jb"),
              "a\\x9b2Jb");
    EXPECT_EQ(printable("a\nb", true), "a\nb");
    EXPECT_EQ(printable("a\nb"), "a\\x0ab");
    EXPECT_EQ(printable("größe ✓"), "größe ✓");
}

TEST(Cells, MarksStatesWithoutColour) {
    EXPECT_EQ(status_cell("running", kLook), "● running");
    EXPECT_EQ(status_cell("running", Look{}), "* running");
    EXPECT_EQ(status_cell("new_state", kLook), "new_state");
}

TEST(Cells, WritesEveryKindOfValue) {
    Json object{Json::Object{}};
    object.set("a", "x").set("b", 3).set("c", true).set("d", Json()).set("f", 167.5).set("z", 0.0);
    EXPECT_EQ(text_at(object, "a"), "x");
    EXPECT_EQ(text_at(object, "b"), "3");
    EXPECT_EQ(text_at(object, "c"), "true");
    EXPECT_EQ(text_at(object, "d"), "");
    EXPECT_EQ(text_at(object, "e"), "");
    EXPECT_EQ(text_at(object, "f"), "167.5");
    EXPECT_EQ(text_at(object, "z"), "0");
    EXPECT_EQ(number_at(object, "b"), 3);
}

}  // namespace
}  // namespace herder::cli
