#include "worker/output_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace herder {
namespace {

namespace fs = std::filesystem;

TEST(OutputFiles, FindsGlobsFoldersAndTheOutputFolder) {
    std::string pattern = ::testing::TempDir() + "herder-outputs-XXXXXX";
    const fs::path base = ::mkdtemp(pattern.data());
    fs::create_directories(base / "work/out/deep");
    fs::create_directories(base / "run/outputs");
    for (const char* name : {"work/a.pt", "work/b.txt", "work/out/deep/c", "run/outputs/d", "x"})
        std::ofstream(base / name) << name;
    const auto files = find_output_files((base / "work").string(), {"*.pt", "out", "../x", "none*"},
                                         (base / "run/outputs").string());
    std::vector<std::string> names;
    for (const OutputFile& file : files)
        names.push_back(file.name);
    EXPECT_EQ(names, (std::vector<std::string>{"a.pt", "d", "out/deep/c"}));
    fs::remove_all(base);
}

}  // namespace
}  // namespace herder
