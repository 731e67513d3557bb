#include "config/diagnostics.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

TEST(Diagnostics, ShowTheLineAndAMark) {
    Diagnostics out("job.yaml", "a: 1\nbad: 2\n");
    out.error({2, 1, 3}, "/bad", "unknown key 'bad'", "did you mean 'b'?");
    EXPECT_EQ(out.to_text(),
              "job.yaml:2:1: error: unknown key 'bad'\n"
              "    2 | bad: 2\n"
              "      | ^^^\n"
              "      = help: did you mean 'b'?\n");
    EXPECT_TRUE(out.has_errors());
}

TEST(Diagnostics, StandInTheOrderOfTheFile) {
    Diagnostics out("f", "a\nb\n");
    out.error({2, 1, 1}, "", "second");
    out.warning({1, 1, 1}, "", "first");
    EXPECT_LT(out.to_text().find("first"), out.to_text().find("second"));
}

TEST(Diagnostics, AWarningAloneIsNoError) {
    Diagnostics out("f", "a\n");
    out.warning({1, 1, 1}, "", "hm");
    EXPECT_FALSE(out.has_errors());
}

TEST(Diagnostics, AreCappedButCounted) {
    Diagnostics out("f", "a\n");
    for (int i = 0; i < 25; ++i)
        out.error({1, 1, 1}, "", "wrong");
    EXPECT_EQ(out.list().size(), kDiagnosticsMax);
    EXPECT_EQ(out.error_count(), 25U);
    EXPECT_NE(out.to_text().find("and 5 more"), std::string::npos);
}

TEST(Diagnostics, WhatATerminalWouldObeyIsNotRepeatedToIt) {
    Diagnostics out("f", "a\x1b[2Jb\xff\n");
    out.error({1, 1, 1}, "", "wrong");
    EXPECT_NE(out.to_text().find("| a?[2Jb?\n"), std::string::npos);
}

TEST(Diagnostics, AMarkNeverLeavesTheLine) {
    Diagnostics out("f", "ab\n");
    out.error({1, 2, 50}, "", "long");
    out.error({9, 1, 1}, "", "beyond the end");
    EXPECT_NE(out.to_text().find("      |  ^\n"), std::string::npos);
}

}  // namespace
}  // namespace herder::config
