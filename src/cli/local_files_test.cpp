#include "cli/local_files.h"

#include <gtest/gtest.h>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

TEST(LocalFiles, ReadsAWholeFile) {
    const TestFolder here;
    here.write("a.yaml", "run: x\n");
    EXPECT_EQ(*read_file(here.path + "/a.yaml"), "run: x\n");
}

TEST(LocalFiles, SaysWhatCannotBeReadAndWhy) {
    const TestFolder here;
    EXPECT_EQ(read_file(here.path + "/none").error().code, ErrorCode::kNotFound);
    EXPECT_NE(read_file(here.path + "/none").error().message.find("No such file"),
              std::string::npos);
    EXPECT_EQ(read_file(here.path).error().code, ErrorCode::kInvalid);
    here.write("big", std::string((4 << 20) + 1, 'x'));
    EXPECT_EQ(read_file(here.path + "/big").error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace herder::cli
