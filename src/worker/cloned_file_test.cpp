#include "worker/cloned_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

class ClonedFileTest : public ::testing::Test {
  protected:
    std::string at(const std::string& name) const { return folder_.path() + "/" + name; }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(at(name), std::ios::binary) << content;
    }
    std::string read(const std::string& name) const {
        std::ifstream in(at(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    TemporaryFolder folder_;
    http::CancelToken cancel_;
};

TEST_F(ClonedFileTest, HasTheContentAndSaysItsHash) {
    const std::string content = std::string(700'000, 'x') + "end";
    write("a", content);
    write("b", "something longer before?" + content);
    const auto hash = clone_file(at("a"), at("b"), cancel_);
    ASSERT_TRUE(hash) << hash.error().message;
    EXPECT_EQ(*hash, sha256_hex(content));
    EXPECT_EQ(read("b"), content);
}

TEST_F(ClonedFileTest, WritingIntoOneDoesNotChangeTheOther) {
    write("a", "alpha");
    ASSERT_TRUE(clone_file(at("a"), at("b"), cancel_));
    std::fstream(at("b"), std::ios::in | std::ios::out) << "B";
    EXPECT_EQ(read("a"), "alpha");
    std::fstream(at("a"), std::ios::in | std::ios::out) << "A";
    EXPECT_EQ(read("b"), "Blpha");
}

TEST_F(ClonedFileTest, NothingIsLeftWhereThereIsNothingToCopy) {
    EXPECT_EQ(clone_file(at("none"), at("b"), cancel_).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(std::filesystem::exists(at("b")));
    std::filesystem::create_symlink(at("secret"), at("link"));
    write("secret", "of somebody else");
    EXPECT_FALSE(clone_file(at("link"), at("b"), cancel_)) << "no link is followed";
}

TEST_F(ClonedFileTest, WhatIsNotWantedAnyMoreIsNotCopied) {
    write("a", "alpha");
    cancel_.cancel();
    EXPECT_EQ(clone_file(at("a"), at("b"), cancel_).error().code, ErrorCode::kCancelled);
    EXPECT_FALSE(std::filesystem::exists(at("b")));
}

}  // namespace
}  // namespace herder
