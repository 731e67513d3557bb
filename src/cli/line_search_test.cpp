#include "cli/line_search.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

TEST(LineSearch, KeepsTheLinesThatMatchWhereverTheyAreCut) {
    const std::string text = "step 1 loss 2.5\nwarning: slow\nstep 2 loss 1.5\n";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        LineSearch search = *LineSearch::make("loss [12]\\.5$");
        const std::string found =
            search.feed("out", text.substr(0, cut)) + search.feed("out", text.substr(cut));
        EXPECT_EQ(found, "step 1 loss 2.5\nstep 2 loss 1.5\n") << cut;
    }
}

TEST(LineSearch, DoesNotMixSources) {
    LineSearch search = *LineSearch::make("ab");
    EXPECT_EQ(search.feed("out", "a"), "");
    EXPECT_EQ(search.feed("err", "b\n"), "");
    EXPECT_EQ(search.feed("out", "b"), "");
    EXPECT_EQ(search.finish(), "ab\n") << "also a last line without an end";
    EXPECT_EQ(search.finish(), "");
}

TEST(LineSearch, AVeryLongLineIsSearchedInParts) {
    LineSearch search = *LineSearch::make("needle");
    std::string found;
    for (int i = 0; i < 40; ++i)
        found += search.feed("out", std::string(100'000, 'x') + (i == 20 ? "needle" : ""));
    EXPECT_NE(found.find("needle"), std::string::npos);
    EXPECT_LT(found.size(), 2U << 20);
}

TEST(LineSearch, SearchesBehindAZeroByte) {
    LineSearch search = *LineSearch::make("needle$");
    const std::string line = std::string("a\0b", 3) + " needle\n";
    EXPECT_EQ(search.feed("out", line), line);
}

TEST(LineSearch, SaysWhatIsWrongWithAnExpression) {
    const auto wrong = LineSearch::make("loss [0-9");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kInvalid);
    EXPECT_NE(wrong.error().message.find("'loss [0-9' is no regular expression"),
              std::string::npos);
    EXPECT_FALSE(LineSearch::make(""));
}

}  // namespace
}  // namespace herder::cli
