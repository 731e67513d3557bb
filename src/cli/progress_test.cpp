#include "cli/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace herder::cli {
namespace {

struct ProgressTest : ::testing::Test {
    std::string run(bool is_terminal, const Output::Options& options = {}) {
        std::istringstream in;
        std::ostringstream out;
        std::ostringstream err;
        Streams streams{in, out, err, false, false, is_terminal};
        Output output(out, err, options);
        const GlobalOptions global;
        Context context{global, streams, output};
        WallTime now{1'000'000};
        {
            Progress progress(context, 2'000'000, [&now] { return now; });
            progress.begin("model.bin");
            for (int i = 0; i < 100; ++i) {
                now = now + milliseconds(50);
                progress.add(10'000);
            }
        }
        EXPECT_EQ(out.str(), "");
        return err.str();
    }
};

TEST_F(ProgressTest, IsDrawnOnATerminalOnly) {
    const std::string drawn = run(true);
    EXPECT_NE(
        drawn.find("model.bin" + std::string(12, ' ') + "[####      ]  48%  960 kB of 2.0 MB"),
        std::string::npos)
        << drawn;
    EXPECT_EQ(drawn.substr(drawn.size() - 2), " \r") << "the line is gone at the end";
    EXPECT_LE(static_cast<int>(std::count(drawn.begin(), drawn.end(), '\r')), 30)
        << "not for every piece";
    EXPECT_EQ(run(false), "");
}

TEST_F(ProgressTest, IsSilentForProgramsAndForTheQuiet) {
    EXPECT_EQ(run(true, {.format = Format::kJson}), "");
    EXPECT_EQ(run(true, {.quiet = true}), "");
}

TEST(ProgressLineTest, TellsSpeedAndWhatIsLeft) {
    const std::string line = to_text(
        {"a/very/long/path/to/the/weights.safetensors", 500'000'000, 2'000'000'000, seconds(10)});
    EXPECT_EQ(line.substr(0, 20), "...ights.safetensors");
    EXPECT_NE(line.find(" 25%  "), std::string::npos) << line;
    EXPECT_NE(line.find("50.0 MB/s"), std::string::npos) << line;
    EXPECT_LE(line.size(), 79U);
    EXPECT_EQ(to_text({"x", 50, 100, seconds(2)}, 30).size(), 30U) << "a narrow terminal";
    EXPECT_EQ(to_text({"x", 0, 100, seconds(0)}).find("/s"), std::string::npos);
    EXPECT_NE(to_text({"x", 300, 100, seconds(2)}).find("100%"), std::string::npos)
        << "a file that grew is no more than whole";
}

}  // namespace
}  // namespace herder::cli
