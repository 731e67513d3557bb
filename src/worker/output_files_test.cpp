#include "worker/output_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

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
    const auto found = find_output_files((base / "work").string(), {"*.pt", "out", "../x", "none*"},
                                         (base / "run/outputs").string());
    std::set<std::string> names;
    for (const OutputFile& file : found.files)
        names.insert(file.name);
    EXPECT_EQ(names, (std::set<std::string>{"a.pt", "d", "out/deep/c"}));
    EXPECT_EQ(found.unmatched, std::vector<std::string>{"none*"});
    EXPECT_EQ(tell_left_out(found), "");
    fs::remove_all(base);
}

TEST(OutputFiles, SaysWhichCannotBeStored) {
    std::string pattern = ::testing::TempDir() + "herder-outputs-XXXXXX";
    const fs::path base = ::mkdtemp(pattern.data());
    fs::create_directories(base / "work/out");
    for (const char* name : {"my model.bin", "größe.txt", "plain"})
        std::ofstream(base / "work/out" / name) << name;
    const auto of = [&base] { return find_output_files((base / "work").string(), {"out"}, ""); };
    FoundOutputs found = of();
    ASSERT_EQ(found.files.size(), 1U);
    EXPECT_EQ(found.unstorable, (std::vector<std::string>{"out/größe.txt", "out/my model.bin"}));
    const std::string told = tell_left_out(found);
    EXPECT_TRUE(told.starts_with("the output 'out/größe.txt' was not stored: ")) << told;
    EXPECT_TRUE(told.ends_with("; and so it is with 1 more")) << told;
    for (int i = 0; i < 1001; ++i)
        std::ofstream(base / "work/out" / std::to_string(i)) << i;
    found = of();
    EXPECT_EQ(found.files.size(), 1000U);
    EXPECT_EQ(found.too_many, 2U);
    EXPECT_TRUE(tell_left_out(found).find("; 2 more outputs were not stored: a job has 1000 at "
                                          "most") != std::string::npos);
    fs::remove_all(base);
}

TEST(OutputFiles, HashesAFileAndSaysWhatItCannotRead) {
    std::string pattern = ::testing::TempDir() + "herder-outputs-XXXXXX";
    const fs::path base = ::mkdtemp(pattern.data());
    std::ofstream(base / "big") << std::string(1 << 20, 'x');
    EXPECT_EQ(hash_output((base / "big").string()).value(), sha256_hex(std::string(1 << 20, 'x')));
    {
        const std::ofstream empty(base / "empty");
    }
    EXPECT_EQ(hash_output((base / "empty").string()).value(), sha256_hex(""));
    EXPECT_FALSE(hash_output((base / "none").string()));
    fs::remove_all(base);
}

}  // namespace
}  // namespace herder
