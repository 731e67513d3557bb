#include "worker/bucket_fetch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "base/gzip_text.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

class BucketFetchTest : public ::testing::Test {
  protected:
    void SetUp() override {
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link_.join(request));
    }
    // Files of these names and contents.
    TreeSource offer(const std::map<std::string, std::string>& files) {
        protocol::Listing listing{.source = "s3://b/d/", .files = {}};
        std::vector<std::string> urls;
        for (const auto& [path, content] : files) {
            const std::string url = "/artifacts/bucket/" + sha256_hex(path).substr(0, 8);
            listing.files.push_back(
                {path, static_cast<std::int64_t>(content.size()), '"' + sha256_hex(content) + '"'});
            server_.put(url, content);
            urls.push_back(url);
        }
        const std::string text = protocol::to_json(listing);
        const std::string key = protocol::listing_key(sha256_hex(text));
        server_.put("/artifacts/" + key, gzip_text(text));
        server_.know_parts(key, urls);
        return {key, "/artifacts/" + key, "the data"};
    }
    Status fetch(const TreeSource& source) {
        return BucketFetch({link_, cancel_, [this](const std::string& line) { said_ += line; },
                            folder_.path(), cache_.get()})
            .run(source, folder_.path() + "/data");
    }
    std::string read(const std::string& name) {
        std::ifstream in(folder_.path() + "/data/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::size_t files_fetched() {
        std::size_t count = 0;
        for (const std::string& call : server_.calls())
            count += call.starts_with("GET /artifacts/bucket/") ? 1 : 0;
        return count;
    }

    FakeServer server_;
    TemporaryFolder folder_;
    ServerLink link_{{server_.url()}, ""};
    http::CancelToken cancel_;
    std::string said_;
    std::unique_ptr<DataCache> cache_;
};

TEST_F(BucketFetchTest, AnotherJobOfTheHostFetchesOnlyWhatIsAnotherVersion) {
    const TemporaryFolder host;
    const std::map<std::string, std::string> variables{{"HERDER_CACHE_DIR", host.path() + "/c"}};
    cache_ = DataCache::open(variables, {folder_.path(), Bytes{}}, [](const std::string&) {});
    ASSERT_NE(cache_, nullptr);
    ASSERT_TRUE(fetch(offer({{"a", "one"}, {"b", "two"}})));
    EXPECT_EQ(files_fetched(), 2U);
    std::filesystem::remove_all(folder_.path() + "/data");
    said_.clear();
    ASSERT_TRUE(fetch(offer({{"a", "one"}, {"b", "TWO"}})));
    EXPECT_EQ(files_fetched(), 3U) << "b alone";
    EXPECT_EQ(read("a"), "one");
    EXPECT_EQ(read("b"), "TWO");
    EXPECT_NE(said_.find("2 files, 3 B fetched, 3 B came from the host's cache"), std::string::npos)
        << said_;
}

TEST_F(BucketFetchTest, BringsEveryFileOnce) {
    std::map<std::string, std::string> files{{"date=1/a b.bin", "one"}, {"c", ""}};
    for (int i = 0; i < 40; ++i)
        files["many/" + std::to_string(i)] = std::string(static_cast<std::size_t>(i), 'x');
    const TreeSource source = offer(files);
    const Status done = fetch(source);
    ASSERT_TRUE(done) << done.error().message;
    for (const auto& [path, content] : files)
        EXPECT_EQ(read(path), content) << path;
    EXPECT_EQ(files_fetched(), files.size());
    EXPECT_NE(said_.find("42 files"), std::string::npos) << said_;
    ASSERT_TRUE(fetch(source));
    EXPECT_EQ(files_fetched(), files.size());
}

TEST_F(BucketFetchTest, WhatIsMissingOrCutOffIsFetchedAgain) {
    const TreeSource source = offer({{"a", "one"}, {"b", "two"}, {"c", "three"}});
    ASSERT_TRUE(fetch(source));
    std::filesystem::remove(folder_.path() + "/data/a");
    std::ofstream(folder_.path() + "/data/b") << "t";
    ASSERT_TRUE(fetch(source));
    EXPECT_EQ(read("a") + read("b") + read("c"), "onetwothree");
    EXPECT_EQ(files_fetched(), 5U);
}

TEST_F(BucketFetchTest, AnObjectThatHasChangedIsNotTaken) {
    const TreeSource source = offer({{"a", "one"}});
    server_.put("/artifacts/bucket/" + sha256_hex("a").substr(0, 8), "two");
    const Status done = fetch(source);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kInvalid);
    EXPECT_NE(done.error().message.find("another one than when the job was submitted"),
              std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/data/a"));
}

TEST_F(BucketFetchTest, AListingThatDoesNotVerifyIsRefused) {
    const TreeSource source = offer({{"a", "one"}});
    server_.put("/artifacts/" + source.key, gzip_text("{}"));
    EXPECT_EQ(fetch(source).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace herder
