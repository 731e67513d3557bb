#include "worker/tree_fetch.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/digest.h"
#include "base/gzip_text.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

class TreeFetchTest : public ::testing::Test {
  protected:
    void SetUp() override {
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link_.join(request));
    }
    // Files "f0", "f1" ... with these contents, a piece each.
    TreeSource offer(const std::vector<std::string>& contents) {
        protocol::Tree tree;
        for (std::size_t i = 0; i < contents.size(); ++i) {
            const auto size = static_cast<std::int64_t>(contents[i].size());
            const std::string number = std::to_string(i);
            tree.entries.push_back(
                {.path = "f" + std::string(2 - number.size(), '0') + number, .size = size});
            tree.chunks.push_back({sha256_hex(contents[i]), size});
            server_.put("/artifacts/" + protocol::chunk_key(tree.chunks.back().sha256),
                        gzip_text(contents[i]));
        }
        const std::string text = protocol::to_json(tree);
        const std::string key = protocol::tree_key(sha256_hex(text));
        server_.put("/artifacts/" + key, gzip_text(text));
        server_.know_tree(key, tree);
        return {key, "/artifacts/" + key, "the data"};
    }
    Status fetch(const TreeSource& source) {
        return TreeFetch({link_, cancel_, [this](const std::string& line) { said_ += line; }})
            .run(source, folder_.path() + "/data");
    }
    std::string read(const std::string& name) {
        std::ifstream in(folder_.path() + "/data/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::size_t pieces_fetched() {
        std::size_t count = 0;
        for (const std::string& call : server_.calls())
            count += call.starts_with("GET /artifacts/chunks/") ? 1 : 0;
        return count;
    }

    FakeServer server_;
    TemporaryFolder folder_;
    ServerLink link_{{server_.url()}, ""};
    http::CancelToken cancel_;
    std::string said_;
};

TEST_F(TreeFetchTest, BringsAllFilesOverSeveralConnections) {
    std::vector<std::string> contents;
    for (int i = 0; i < 20; ++i)
        contents.push_back("content " + std::to_string(i));
    server_.fail_objects(3);  // tried again
    const Status done = fetch(offer(contents));
    ASSERT_TRUE(done) << done.error().message;
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(read(i < 10 ? "f0" + std::to_string(i) : "f" + std::to_string(i)),
                  "content " + std::to_string(i));
    EXPECT_NE(said_.find("the data: fetched 190 B"), std::string::npos) << said_;
}

TEST_F(TreeFetchTest, WhatIsHereIsNotFetchedAgain) {
    ASSERT_TRUE(fetch(offer({"one", "two", "three"})));
    EXPECT_EQ(pieces_fetched(), 3U);
    ASSERT_TRUE(fetch(offer({"one", "2wo", "three"})));
    EXPECT_EQ(pieces_fetched(), 4U);
    EXPECT_EQ(read("f01"), "2wo");
    EXPECT_NE(said_.find("8 B were here already"), std::string::npos) << said_;
}

TEST_F(TreeFetchTest, AListThatDoesNotVerifyIsRefused) {
    TreeSource source = offer({"one"});
    server_.put("/artifacts/" + source.key, gzip_text(R"({"entries":[],"chunks":[]})"));
    EXPECT_EQ(fetch(source).error().code, ErrorCode::kCorrupt);
    server_.put("/artifacts/" + source.key, "no gzip");
    EXPECT_FALSE(fetch(source));
    source.url = "/artifacts/none";
    EXPECT_EQ(fetch(source).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(fs::exists(folder_.path() + "/data"));
}

TEST_F(TreeFetchTest, ADiskThatIsTooSmallIsToldInOneSentence) {
    const Status fits = check_disk(folder_.path() + "/not/made/yet", 1LL << 60, "the data");
    ASSERT_FALSE(fits);
    EXPECT_EQ(fits.error().code, ErrorCode::kNoCapacity);
    EXPECT_NE(fits.error().message.find("the data needs 1152922 TB on "), std::string::npos);
    EXPECT_NE(fits.error().message.find("resources: {disk: ...}"), std::string::npos);
    EXPECT_TRUE(check_disk(folder_.path(), 1, "the data"));
}

}  // namespace
}  // namespace herder
