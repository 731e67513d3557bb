#include "worker/checkpoint_staging.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

class Staging : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = ::testing::TempDir() + "herder-staging-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        fs::create_directories(folder_ / "step-1/sub");
        std::ofstream(folder_ / "step-1/a.bin") << "alpha";
        std::ofstream(folder_ / "step-1/sub/b.bin") << "beta";
    }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_;
};

TEST_F(Staging, SurvivesThatTheJobRemovesItsFiles) {
    CheckpointStaging staging(folder_ / "staging");
    const auto offer = staging.stage({folder_ / "step-1", 1, CheckpointKind::kFinal, {}}, 4);
    ASSERT_TRUE(offer) << offer.error().message;
    ASSERT_EQ(offer->files.size(), 2U);
    EXPECT_EQ(offer->files[1].path, "sub/b.bin");
    EXPECT_EQ(offer->files[1].size, Bytes{4});
    EXPECT_EQ(offer->files[1].crc32c, crc32c("beta"));
    fs::remove_all(folder_ / "step-1");
    EXPECT_EQ(sum_blocks(staging.path_of(4, "a.bin"))->whole(), crc32c("alpha"));
    staging.discard(4);
    EXPECT_FALSE(fs::exists(staging.path_of(4, "a.bin")));
}

TEST_F(Staging, TakesASingleFileAndRefusesNothing) {
    CheckpointStaging staging(folder_ / "staging");
    const auto offer = staging.stage({folder_ / "step-1/a.bin", 1, {}, {}}, 1);
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->files[0].path, "a.bin");
    EXPECT_FALSE(staging.stage({folder_ / "nothing", 1, {}, {}}, 2));
}

TEST_F(Staging, TakesWhatLinksLeadToAndSaysWhichLeadToNoFile) {
    std::ofstream(folder_ / "blob") << "gamma";
    fs::create_symlink("../blob", folder_ / "step-1/c.bin");
    fs::create_symlink("round", folder_ / "step-1/round");
    fs::create_symlink("gone", folder_ / "step-1/none");
    fs::create_directory_symlink("sub", folder_ / "step-1/again");
    CheckpointStaging staging(folder_ / "staging");
    const auto offer = staging.stage({folder_ / "step-1", 1, CheckpointKind::kFinal, {}}, 4);
    ASSERT_TRUE(offer) << offer.error().message;
    ASSERT_EQ(offer->files.size(), 3U);
    EXPECT_EQ(offer->files[1].path, "c.bin");
    EXPECT_EQ(offer->files[1].size, Bytes{5});
    fs::remove(folder_ / "blob");
    EXPECT_EQ(sum_blocks(staging.path_of(4, "c.bin"))->whole(), crc32c("gamma"));
    EXPECT_TRUE(staging.is_untouched(4, "c.bin"));
    EXPECT_EQ(staging.take_remarks().size(), 3U);
    ASSERT_TRUE(staging.stage({folder_ / "step-1/sub", 2, {}, {}}, 5));
    fs::create_symlink("gone", folder_ / "step-1/sub/none");
    ASSERT_TRUE(staging.stage({folder_ / "step-1/sub", 3, {}, {}}, 6));
    EXPECT_TRUE(staging.take_remarks().empty()) << "it was said once";
}

TEST_F(Staging, MetricsThatDoNotFitCostNoCheckpoint) {
    CheckpointStaging staging(folder_ / "staging");
    CheckpointLine line{folder_ / "step-1", 1, {}, {{"loss", "0.5"}, {"note", ""}}};
    line.metrics["note"] = std::string(300, 'x');
    const auto offer = staging.stage(line, 4);
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->metrics, (std::map<std::string, std::string>{{"loss", "0.5"}}));
    ASSERT_EQ(staging.take_remarks().size(), 1U);
}

TEST_F(Staging, SaysWhatIsWrongWithAPath) {
    CheckpointStaging staging(folder_ / "staging");
    const auto fault_of = [&staging](const std::string& path) {
        return staging.stage({path, 1, {}, {}}, 1).error().message;
    };
    EXPECT_EQ(fault_of("checkpoints/5"),
              "checkpoint checkpoints/5 cannot be published: its path is not absolute; write it as "
              "$PWD/checkpoints/5");
    EXPECT_TRUE(fault_of(folder_ / "none").ends_with("there is no such file or folder"));
    fs::create_directory(folder_ / "empty");
    EXPECT_TRUE(fault_of(folder_ / "empty").ends_with("it has no files"));
}

TEST_F(Staging, AdoptsWhatAnEarlierProcessStaged) {
    CheckpointOffer offer;
    {
        CheckpointStaging killed(folder_ / "staging");
        offer = *killed.stage({folder_ / "step-1", 1, {}, {}}, 4);
        ASSERT_TRUE(killed.stage({folder_ / "step-1", 2, {}, {}}, 5));
    }
    CheckpointStaging staging(folder_ / "staging", {4});
    EXPECT_FALSE(fs::exists(staging.path_of(5, "a.bin"))) << "nobody asked for it";
    EXPECT_FALSE(staging.is_untouched(4, "a.bin")) << "nothing is sent unread";
    ASSERT_TRUE(staging.adopt(offer));
    EXPECT_TRUE(staging.is_untouched(4, "a.bin"));
    EXPECT_TRUE(staging.is_untouched(4, "sub/b.bin"));
    EXPECT_EQ(staging.sums_of(4, "a.bin").whole(), crc32c("alpha"));
    staging.discard(4);
    EXPECT_FALSE(fs::exists(staging.path_of(4, "a.bin")));
}

TEST_F(Staging, AdoptsNothingThatIsNotWhatItWas) {
    CheckpointOffer offer;
    {
        CheckpointStaging killed(folder_ / "staging");
        offer = *killed.stage({folder_ / "step-1", 1, {}, {}}, 4);
    }
    CheckpointStaging staging(folder_ / "staging", {4});
    CheckpointOffer foreign = offer;
    foreign.files[0].path = "../../step-1/a.bin";
    EXPECT_FALSE(staging.adopt(foreign));
    // As long as before: only its content tells.
    std::ofstream(folder_ / "step-1/sub/b.bin") << "bets";
    const Status changed = staging.adopt(offer);
    ASSERT_FALSE(changed);
    EXPECT_NE(changed.error().message.find("sub/b.bin is not what it was"), std::string::npos);
    EXPECT_FALSE(staging.is_untouched(4, "a.bin"));
    fs::remove(staging.path_of(4, "a.bin"));
    EXPECT_NE(staging.adopt(offer).error().message.find("a.bin is gone"), std::string::npos);
}

TEST(CheckpointLine, ReadsWhatTheSdkWrites) {
    const auto line = parse_checkpoint_line(
        R"({"path":"/w/c/step-25","step":25,"kind":"preempt","metrics":{"loss":0.5,"bad":"NaN"},"t":1.5})");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->step, 25);
    EXPECT_EQ(line->kind, CheckpointKind::kPreempt);
    EXPECT_EQ(line->metrics.at("bad"), "NaN");
    EXPECT_FALSE(parse_checkpoint_line("{}"));
    EXPECT_FALSE(parse_checkpoint_line("oops"));
    EXPECT_EQ(parse_metrics_step(R"({"step":7,"loss":1})"), 7);
    EXPECT_FALSE(parse_metrics_step(R"({"loss":1})"));
}

}  // namespace
}  // namespace herder
