#include "cli/log_printer.h"

#include <gtest/gtest.h>

#include <sstream>

namespace herder::cli {
namespace {

struct LogPrinterTest : ::testing::Test {
    LogPrinter printer(std::size_t tail, const char* expression = nullptr) {
        std::optional<LineSearch> search;
        if (expression != nullptr) search = std::move(*LineSearch::make(expression));
        return {streams, tail, std::move(search)};
    }
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
};

TEST_F(LogPrinterTest, BeginsWithTheLastLinesAndGoesOn) {
    LogPrinter lines = printer(2);
    lines.take({1, "out", "1\n2\n"});
    lines.take({1, "out", "3\n"});
    EXPECT_EQ(out.str(), "");
    lines.release();
    lines.take({1, "out", "4\n"});
    EXPECT_EQ(out.str(), "2\n3\n4\n");
}

TEST_F(LogPrinterTest, TheLastLinesAreThoseOfEachStream) {
    LogPrinter lines = printer(1);
    lines.take({1, "out", "1\n"});
    lines.take({1, "err", "oh\nwarning\n"});
    lines.take({2, "out", "2\n3\n"});
    EXPECT_FALSE(lines.has_printed());
    lines.release();
    EXPECT_EQ(out.str(), "3\nwarning\n") << "rare warnings do not hide what goes on";
    EXPECT_TRUE(lines.has_printed());
}

TEST_F(LogPrinterTest, CountsOnlyTheLinesThatAreLookedFor) {
    LogPrinter lines = printer(2, "loss");
    lines.take({1, "out", "loss 3\nx\nloss 2\nx\nloss 1\nx\nlo"});
    lines.take({1, "err", "ss\n"});
    lines.take({1, "out", "ss 0"});
    lines.release();
    EXPECT_EQ(out.str(), "loss 2\nloss 1\n");
    lines.finish();
    EXPECT_EQ(out.str(), "loss 2\nloss 1\nloss 0\n");
}

TEST_F(LogPrinterTest, ATerminalIsNotSteered) {
    streams.out_is_terminal = true;
    printer(0).take({1, "out", "\x1b[2Jx\n"});
    EXPECT_EQ(out.str(), "\\x1b[2Jx\n");
}

}  // namespace
}  // namespace herder::cli
