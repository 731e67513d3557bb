#include "worker/job_data.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>

#include "base/digest.h"
#include "base/gzip_text.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

class JobDataTest : public ::testing::Test {
  protected:
    void SetUp() override {
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link_.join(request));
        fs::create_directories(folders_.work);
    }
    std::string offer_tree(const std::string& name, const std::string& content) {
        protocol::Tree tree;
        tree.entries = {{.path = name, .size = static_cast<std::int64_t>(content.size())}};
        tree.chunks = {{sha256_hex(content), static_cast<std::int64_t>(content.size())}};
        server_.put("/artifacts/" + protocol::chunk_key(sha256_hex(content)), gzip_text(content));
        const std::string text = protocol::to_json(tree);
        const std::string key = protocol::tree_key(sha256_hex(text));
        server_.put("/artifacts/" + key, gzip_text(text));
        server_.know_tree(key, tree);
        return key;
    }
    Status fetch() {
        return JobData(link_, folders_, [this](const std::string& line) { said_ += line + "\n"; })
            .fetch({spec_, gifts_, cancel_, folder_.path(), cache_.get()});
    }
    std::ptrdiff_t count_gets() {
        const auto calls = server_.calls();
        return std::count_if(calls.begin(), calls.end(), [](const std::string& call) {
            return call.starts_with("GET /artifacts/");
        });
    }
    static std::string read(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    FakeServer server_;
    TemporaryFolder folder_;
    JobFolders folders_{folder_.path()};
    ServerLink link_{{server_.url()}, ""};
    http::CancelToken cancel_;
    JobSpec spec_;
    protocol::SyncResponse gifts_;
    std::string said_;
    std::unique_ptr<DataCache> cache_;
};

TEST_F(JobDataTest, TheNextJobOfTheHostFetchesNothingOfIt) {
    const TemporaryFolder host;
    const std::map<std::string, std::string> variables{{"HERDER_CACHE_DIR", host.path() + "/c"}};
    const auto open = [&] {
        cache_ = DataCache::open(variables, {folder_.path(), Bytes{}}, [](const std::string&) {});
    };
    const std::string set = offer_tree("a.bin", "12345");
    server_.put("/artifacts/public", "words");
    spec_.inputs = {{.target = "set", .source = "./set", .tree = set},
                    {.target = "words.txt",
                     .source = "http://x/words",
                     .url = server_.url() + "/artifacts/public",
                     .sha256 = sha256_hex("words")}};
    gifts_.input_urls = {"/artifacts/" + set, ""};
    open();
    ASSERT_TRUE(fetch());
    EXPECT_EQ(count_gets(), 3) << "a list, a piece, a file";
    // What the first job does with its copies does not reach the second.
    std::ofstream(folders_.work + "/words.txt") << "other";
    std::fstream(folders_.work + "/set/a.bin", std::ios::in | std::ios::out) << "X";
    fs::remove_all(folders_.work);
    fs::create_directories(folders_.work);
    open();
    said_.clear();
    ASSERT_TRUE(fetch());
    EXPECT_EQ(count_gets(), 4) << "the list of files alone";
    EXPECT_EQ(read(folders_.work + "/set/a.bin"), "12345");
    EXPECT_EQ(read(folders_.work + "/words.txt"), "words");
    EXPECT_NE(said_.find("fetched 0 B, 5 B came from the host's cache"), std::string::npos)
        << said_;
    EXPECT_NE(said_.find("words.txt from http://x/words: from the host's cache"), std::string::npos)
        << said_;
}

TEST_F(JobDataTest, BringsWorkFolderMountsAndInputs) {
    spec_.workdir_object = offer_tree("train.py", "print(1)");
    gifts_.workdir_url = "/artifacts/" + spec_.workdir_object;
    const std::string set = offer_tree("a.bin", "12345");
    server_.put("/artifacts/model", "weights");
    server_.put("/artifacts/public", "words");
    spec_.inputs = {{.target = folder_.path() + "/data", .source = "./set", .tree = set},
                    {.target = ".", .source = "./vocab", .tree = offer_tree("vocab.txt", "one")},
                    {.target = "model/w.bin", .source = "herder://j1/w", .object = "j1/w"},
                    {.target = "words.txt",
                     .source = "http://x/words",
                     .url = server_.url() + "/artifacts/public",
                     .sha256 = sha256_hex("words")}};
    gifts_.input_urls = {"/artifacts/" + set, "/artifacts/" + spec_.inputs[1].tree,
                         "/artifacts/model", ""};
    const Status done = fetch();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(read(folders_.work + "/train.py"), "print(1)");
    EXPECT_EQ(read(folder_.path() + "/data/a.bin"), "12345");
    EXPECT_EQ(read(folders_.work + "/vocab.txt"), "one");
    EXPECT_EQ(read(folders_.work + "/model/w.bin"), "weights");
    EXPECT_EQ(read(folders_.work + "/words.txt"), "words");
    EXPECT_NE(said_.find("words.txt from http://x/words: fetched 5 B"), std::string::npos) << said_;
    said_.clear();
    ASSERT_TRUE(fetch());
    EXPECT_NE(said_.find("words.txt from http://x/words: is here already"), std::string::npos);
    EXPECT_NE(said_.find("5 B were here already"), std::string::npos) << said_;
}

TEST_F(JobDataTest, WhatNoMachineCanHaveIsTold) {
    spec_.inputs = {{.target = "w", .source = "herder://j1/w", .object = "j1/w"}};
    gifts_.input_urls = {""};
    EXPECT_EQ(fetch().error().code, ErrorCode::kNotFound);
    gifts_.input_urls = {"/artifacts/none"};
    EXPECT_EQ(fetch().error().code, ErrorCode::kNotFound);
    server_.put("/artifacts/w", "changed");
    gifts_.input_urls = {"/artifacts/w"};
    spec_.inputs[0].sha256 = sha256_hex("weights");
    const Status wrong = fetch();
    EXPECT_EQ(wrong.error().code, ErrorCode::kInvalid);
    EXPECT_NE(wrong.error().message.find("herder://j1/w"), std::string::npos);
    spec_.inputs[0].size = Bytes{1LL << 60};
    EXPECT_EQ(fetch().error().code, ErrorCode::kNoCapacity);
}

TEST_F(JobDataTest, AnArchiveThatIsNoneIsNobodysFaultButTheUsers) {
    server_.put("/artifacts/a", "no archive");
    spec_.inputs = {{.target = "set",
                     .source = "http://x/a",
                     .url = server_.url() + "/artifacts/a",
                     .sha256 = sha256_hex("no archive"),
                     .unpack = true}};
    EXPECT_EQ(fetch().error().code, ErrorCode::kInvalid);
    EXPECT_FALSE(fs::exists(folder_.path() + "/fetched.tar.gz"));
}

}  // namespace
}  // namespace herder
