#include "worker/output_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
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

TEST(OutputFiles, WhatHasOtherCharactersIsStoredUnderANameWithout) {
    std::string pattern = ::testing::TempDir() + "herder-outputs-XXXXXX";
    const fs::path base = ::mkdtemp(pattern.data());
    fs::create_directories(base / "work/out");
    const std::string longest(250, 'l');
    fs::create_directories(base / "work/out" / longest);
    for (const std::string& name :
         {std::string("my model.bin"), std::string("my+model.bin"), std::string("my_model.bin"),
          std::string("gr\xC3\xB6\xC3\x9F"
                      "e"),
          std::string("gr\xF6\xDF"), longest + "/" + longest})
        std::ofstream(base / "work/out" / name) << name;
    const auto found = find_output_files((base / "work").string(), {"out"}, "");
    std::map<std::string, std::string> kept;  // what is in it, by name
    for (const OutputFile& file : found.files) {
        std::ifstream stored(file.path);
        kept[file.name] = {std::istreambuf_iterator<char>(stored), {}};
        EXPECT_LE(file.name.size(), 300U);
    }
    ASSERT_EQ(kept.size(), 6U);
    EXPECT_EQ(kept["out/my_model.bin"], "my_model.bin");
    EXPECT_EQ(kept["out/my_model.bin-" + sha256_hex("out/my model.bin").substr(0, 16)],
              "my model.bin");
    EXPECT_EQ(kept["out/my_model.bin-" + sha256_hex("out/my+model.bin").substr(0, 16)],
              "my+model.bin");
    EXPECT_EQ(kept["out/gr__e"],
              "gr\xC3\xB6\xC3\x9F"
              "e");
    EXPECT_EQ(kept["out/gr__"], "gr\xF6\xDF");
    EXPECT_EQ(found.renamed.size(), 5U);
    EXPECT_TRUE(tell_renamed(found).ends_with("; and so it is with 2 more"));
    EXPECT_TRUE(tell_renamed({{}, {{"a b", "a_b"}, {"c d", "c_d"}}, 0, {}}) ==
                "the output 'a b' is stored as 'a_b'; 'c d' is stored as 'c_d'");
    EXPECT_EQ(tell_left_out(found), "");
    fs::remove_all(base);
}

TEST(OutputFiles, SaysHowManyAreTooMany) {
    std::string pattern = ::testing::TempDir() + "herder-outputs-XXXXXX";
    const fs::path base = ::mkdtemp(pattern.data());
    fs::create_directories(base / "work/out");
    for (int i = 0; i < 10'002; ++i)
        std::ofstream(base / "work/out" / std::to_string(i)) << i;
    const auto found = find_output_files((base / "work").string(), {"out"}, "");
    EXPECT_EQ(found.files.size(), 10'000U);
    EXPECT_EQ(found.too_many, 2U);
    EXPECT_TRUE(tell_left_out(found).starts_with(
        "2 more outputs were not stored: a job has 10000 at most"));
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
