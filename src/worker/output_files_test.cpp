#include "worker/output_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"

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

TEST(OutputFiles, HashesAFileAndSaysWhatItCannotRead) {
    std::string pattern = ::testing::TempDir() + "herder-outputs-XXXXXX";
    const fs::path base = ::mkdtemp(pattern.data());
    std::ofstream(base / "big") << std::string(1 << 20, 'x');
    EXPECT_EQ(hash_output((base / "big").string()).value(), sha256_hex(std::string(1 << 20, 'x')));
    std::ofstream(base / "empty");
    EXPECT_EQ(hash_output((base / "empty").string()).value(), sha256_hex(""));
    EXPECT_FALSE(hash_output((base / "none").string()));
    fs::remove_all(base);
}

}  // namespace
}  // namespace herder
