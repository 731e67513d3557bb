#include "worker/checkpoint_fetch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/digest.h"
#include "base/random.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

class CheckpointFetchTest : public ::testing::Test {
  protected:
    void SetUp() override {
        RandomStream stream(3, "content");
        large_.resize(static_cast<std::size_t>(3 * kMiB + 5));
        for (char& c : large_)
            c = static_cast<char>(stream.next());
        add("sub/large.bin", large_);
        add("small.json", "{}");
        add("empty", "");
    }
    void add(const std::string& path, const std::string& content) {
        const std::string url = "/artifacts/" + std::to_string(plan_.files.size());
        server_.put(url, content);
        plan_.files.push_back(
            {{path, Bytes{static_cast<std::int64_t>(content.size())}, crc32c(content), 0644}, url});
    }
    Status run(const http::CancelToken& cancel) {
        CheckpointFetch::Options options;
        options.url_of = [this](std::size_t file) {
            if (file == 1 && noted_ > 0) cancel_once_noted();
            return plan_.files[file].url;
        };
        options.say = [this](const std::string& line) { said_ += line + "\n"; };
        options.piece_size = Bytes{kMiB};
        return CheckpointFetch(link_, cancel, options).run(plan_, at("k4"));
    }
    Status run() { return run(cancel_); }
    // Fails once three pieces of the first file are there.
    Status run_to_the_third_piece() {
        noted_ = 3;
        Status ended = run(cancel_);
        noted_ = 0;
        return ended;
    }
    void cancel_once_noted() {
        std::ptrdiff_t lines = 0;
        while (lines <= noted_) {
            const std::string notes = read("k4.pieces");
            lines = std::count(notes.begin(), notes.end(), '\n');
            std::this_thread::yield();
        }
        cancel_.cancel();
    }
    std::string at(const std::string& path) const { return folder_.path() + "/" + path; }
    std::string read(const std::string& path) const {
        std::ifstream file(at(path), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::size_t gets_of(const std::string& path) {
        std::size_t count = 0;
        server_.wait([&] {
            for (const std::string& call : server_.calls())
                count += call == "GET " + path ? 1 : 0;
            return true;
        });
        return count;
    }

    FakeServer server_;
    TemporaryFolder folder_;
    ServerLink link_{{server_.url()}, ""};
    http::CancelToken cancel_;
    protocol::RestorePlan plan_{{4}, {}};
    std::string large_;
    std::string said_;
    std::ptrdiff_t noted_ = 0;
};

TEST_F(CheckpointFetchTest, BringsEveryFileInPieces) {
    ASSERT_TRUE(run());
    EXPECT_EQ(read("k4/sub/large.bin"), large_);
    EXPECT_EQ(read("k4/small.json"), "{}");
    EXPECT_TRUE(std::filesystem::exists(at("k4/empty")));
    EXPECT_EQ(gets_of("/artifacts/0"), 4U);
    EXPECT_FALSE(std::filesystem::exists(at("k4.pieces")));
}

TEST_F(CheckpointFetchTest, ABitThatFlippedOnTheWayIsReadOnceMore) {
    server_.damage_once("/artifacts/0");
    ASSERT_TRUE(run());
    EXPECT_EQ(read("k4/sub/large.bin"), large_);
    EXPECT_EQ(gets_of("/artifacts/0"), 8U);
    EXPECT_EQ(gets_of("/artifacts/1"), 1U);
}

TEST_F(CheckpointFetchTest, WhatIsDamagedInTheStoreIsTold) {
    large_[7] ^= 1;
    server_.put("/artifacts/0", large_);
    const Status fetched = run();
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(fetched.error().message.find("sub/large.bin"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(at("k4")));
    EXPECT_FALSE(std::filesystem::exists(at("k4.pieces")));
}

TEST_F(CheckpointFetchTest, AnObjectOfAnotherSizeIsDamaged) {
    for (const char* content : {"{", "{}}"}) {
        server_.put("/artifacts/1", content);
        EXPECT_EQ(run().error().code, ErrorCode::kCorrupt) << content;
    }
}

TEST_F(CheckpointFetchTest, GoesOnWhereTheLastTryEnded) {
    EXPECT_EQ(run_to_the_third_piece().error().code, ErrorCode::kCancelled);
    const std::size_t before = gets_of("/artifacts/0");
    const http::CancelToken fresh;
    ASSERT_TRUE(run(fresh));
    EXPECT_EQ(read("k4/sub/large.bin"), large_);
    // One was missing; the server may have come to the one that was broken off only now.
    EXPECT_LE(gets_of("/artifacts/0") - before, 2U);
    EXPECT_NE(said_.find("were here already"), std::string::npos) << said_;
}

TEST_F(CheckpointFetchTest, WhatIsNotAsNotedIsFetchedAgain) {
    EXPECT_EQ(run_to_the_third_piece().error().code, ErrorCode::kCancelled);
    std::ofstream(at("k4/sub/large.bin"), std::ios::trunc) << "another thing";
    const http::CancelToken fresh;
    ASSERT_TRUE(run(fresh));
    EXPECT_EQ(read("k4/sub/large.bin"), large_);
}

TEST_F(CheckpointFetchTest, AStoreWithoutRangesServesWholeFiles) {
    server_.ignore_ranges();
    ASSERT_TRUE(run());
    EXPECT_EQ(read("k4/sub/large.bin"), large_);
}

TEST_F(CheckpointFetchTest, PassingFailuresAndHostilePaths) {
    server_.fail_objects(2);
    EXPECT_TRUE(run());
    plan_.files[0].file.path = "../evil";
    EXPECT_EQ(run().error().code, ErrorCode::kCorrupt);
    EXPECT_FALSE(std::filesystem::exists(at("evil")));
}

}  // namespace
}  // namespace herder
