#include "worker/output_hashing.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/digest.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

struct OutputHashingTest : ::testing::Test {
    std::vector<OutputFile> write(const std::vector<std::string>& names) {
        std::vector<OutputFile> files;
        for (const std::string& name : names) {
            files.push_back({name, folder.path() + "/" + name});
            std::ofstream(files.back().path) << name;
        }
        return files;
    }
    TemporaryFolder folder;
};

TEST_F(OutputHashingTest, HashesAllThatCanBeRead) {
    auto files = write({"a", "b"});
    files.push_back({"none", folder.path() + "/none"});
    EXPECT_EQ(OutputHashing(files).finish(),
              (protocol::OutputHashes{{"a", sha256_hex("a")}, {"b", sha256_hex("b")}}));
    EXPECT_TRUE(OutputHashing({}).finish().empty());
}

TEST_F(OutputHashingTest, WhatIsWrittenMeanwhileHasNoHash) {
    const auto files = write({"a", "b"});
    OutputHashing hashing(files);
    std::ofstream(files[1].path) << "longer than before";
    const auto hashes = hashing.finish();
    EXPECT_EQ(hashes.at("a"), sha256_hex("a"));
    // Where the thread came later than the write, it has seen the new text.
    EXPECT_TRUE(!hashes.contains("b") || hashes.at("b") == sha256_hex("longer than before"));
}

TEST_F(OutputHashingTest, WhatNobodyWaitsForIsBrokenOff) {
    const OutputFile endless{"endless", "/dev/zero"};
    OutputHashing hashing({endless});
}

}  // namespace
}  // namespace herder
