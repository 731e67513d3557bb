#include "worker/line_tail.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace herder {
namespace {

TEST(LineTail, GivesWholeLinesOnceAndSkipsGiants) {
    const std::string path = ::testing::TempDir() + "herder-line-tail";
    std::filesystem::remove(path);
    LineTail tail(path);
    EXPECT_TRUE(tail.poll().empty());
    std::ofstream file(path);
    file << "one\ntw" << std::flush;
    EXPECT_EQ(tail.poll(), std::vector<std::string>{"one"});
    file << "o\n" << std::string(3 << 20, 'x') << std::flush;
    EXPECT_EQ(tail.poll(), std::vector<std::string>{"two"});
    while (!tail.poll().empty()) {
    }
    tail.poll();
    tail.poll();
    tail.poll();
    file << "\nlast\n" << std::flush;
    EXPECT_EQ(tail.poll(), std::vector<std::string>{"last"});
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace herder
