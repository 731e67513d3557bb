#include "base/log.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(Log, WritesKeyValuesAndEscapesWhatCouldForgeALine) {
    const LogEvent event{
        .level = LogLevel::kWarn,
        .name = "job.recovering",
        .fields = {{"job", "j42"}, {"why", "said \"no\"\nerror forged"}, {"x", ""}}};
    EXPECT_EQ(to_text(event),
              "warn job.recovering job=j42 why=\"said \\\"no\\\"\\nerror forged\" x=\"\"");
}

}  // namespace
}  // namespace herder
