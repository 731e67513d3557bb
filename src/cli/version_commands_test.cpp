#include <gtest/gtest.h>

#include <sstream>

#include "cli/app.h"

namespace herder::cli {
namespace {

TEST(VersionCommands, PrintsTheVersionOfThisProgram) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    EXPECT_EQ(run_cli({"version"}, streams), 0);
    EXPECT_EQ(out.str(), "herder " + program_version() + "\n");
    EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace herder::cli
