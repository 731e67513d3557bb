#include "core/worker/checkpoint_watch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace herder {
namespace {

Instant at(std::int64_t second) {
    return Instant{} + seconds(second);
}

std::vector<SeenFile> transformers(int step, std::int64_t changed_us) {
    const std::string folder = "checkpoint-" + std::to_string(step) + "/";
    SeenFile model{
        .path = folder + "model.safetensors", .size_bytes = 900, .changed_us = changed_us};
    SeenFile state{
        .path = folder + "trainer_state.json", .size_bytes = 50, .changed_us = changed_us};
    state.step = step;
    return {model, state};
}

std::vector<SeenFile> operator+(std::vector<SeenFile> a, const std::vector<SeenFile>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::string path_of(const std::optional<CheckpointLayout>& layout) {
    return layout ? layout->path : "none";
}

TEST(CheckpointWatch, TakesACheckpointOnceItIsQuietAndOnlyOnce) {
    CheckpointWatch watch;
    watch.begin({});
    auto files = transformers(5, 1);
    EXPECT_EQ(path_of(watch.look(at(10), files, false)), "none");
    files[0].size_bytes += 1;  // still being written
    EXPECT_EQ(path_of(watch.look(at(11), files, false)), "none");
    EXPECT_EQ(path_of(watch.look(at(12), files, false)), "none");
    EXPECT_EQ(path_of(watch.look(at(13), files, false)), "checkpoint-5");
    EXPECT_EQ(path_of(watch.look(at(20), files, false)), "none");
}

TEST(CheckpointWatch, TakesTheNewestAndNoneBeforeItLater) {
    CheckpointWatch watch;
    watch.begin({});
    const auto both = transformers(5, 7) + transformers(10, 3);
    watch.look(at(0), both, false);
    EXPECT_EQ(path_of(watch.look(at(5), both, false)), "checkpoint-10");
    EXPECT_EQ(path_of(watch.look(at(9), both, true)), "none");
}

TEST(CheckpointWatch, AtTheEndNothingIsWaitedForAndWhatIsTornIsTold) {
    CheckpointWatch watch;
    watch.begin({});
    auto files = transformers(5, 1) + transformers(10, 2);
    files[2].fault = "is cut off: 3 of 900 bytes";
    EXPECT_EQ(path_of(watch.look(at(0), files, false)), "none");
    EXPECT_TRUE(watch.take_remarks().empty());
    EXPECT_EQ(path_of(watch.look(at(0), files, true)), "checkpoint-5");
    const auto remarks = watch.take_remarks();
    ASSERT_EQ(remarks.size(), 1U);
    EXPECT_EQ(remarks[0],
              "checkpoint checkpoint-10 (transformers) is not complete and was left out: "
              "model.safetensors is cut off: 3 of 900 bytes");
    EXPECT_EQ(path_of(watch.look(at(0), files, true)), "none");
    EXPECT_TRUE(watch.take_remarks().empty());
}

TEST(CheckpointWatch, WhatLayThereBeforeIsNotTakenUntilItChanges) {
    CheckpointWatch watch;
    watch.begin(transformers(5, 1) + transformers(900, 1));
    auto files = transformers(5, 1) + transformers(900, 1);
    EXPECT_EQ(path_of(watch.look(at(0), files, true)), "none");
    files = transformers(5, 9) + transformers(900, 1);  // a stale higher step does not outrank it
    EXPECT_EQ(path_of(watch.look(at(1), files, true)), "checkpoint-5");
}

TEST(CheckpointWatch, AFileThatIsWrittenAgainIsTakenAgain) {
    CheckpointWatch watch;
    watch.begin({});
    std::vector<SeenFile> files = {{.path = "best.pt", .size_bytes = 10, .changed_us = 1}};
    EXPECT_EQ(path_of(watch.look(at(0), files, true)), "best.pt");
    files[0].changed_us = 2;
    EXPECT_EQ(path_of(watch.look(at(1), files, true)), "best.pt");
}

TEST(CheckpointWatch, ANumberOfAFileThatIsWrittenAgainIsNoStep) {
    CheckpointWatch watch;
    watch.begin({});
    std::vector<SeenFile> files = {{.path = "unet_256.pt", .size_bytes = 10, .changed_us = 1},
                                   {.path = "unet_64.pt", .size_bytes = 10, .changed_us = 1}};
    EXPECT_EQ(watch.look(at(0), files, true)->step, 256);
    files[0].changed_us = 2;
    auto again = watch.look(at(1), files, true);
    EXPECT_EQ(path_of(again), "unet_256.pt");
    EXPECT_FALSE(again->step);
    files[1].changed_us = 3;  // newer by time, though its number is lower
    again = watch.look(at(2), files, true);
    EXPECT_EQ(path_of(again), "unet_64.pt");
    EXPECT_FALSE(again->step);
}

TEST(CheckpointWatch, AFileThatGrowsBeforeItIsTakenKeepsItsStepAndSoDoesAGroupThatGrows) {
    CheckpointWatch watch;
    watch.begin({});
    std::vector<SeenFile> files = {{.path = "model_500.pt", .size_bytes = 10, .changed_us = 1}};
    watch.look(at(0), files, false);
    files[0].size_bytes = 20;
    watch.look(at(1), files, false);
    EXPECT_EQ(watch.look(at(4), files, false)->step, 500);
    files.push_back({.path = "optimizer_500.pt", .size_bytes = 10, .changed_us = 2});
    EXPECT_EQ(watch.look(at(9), files, true)->step, 500);
}

TEST(CheckpointWatch, AtTheEndFilesOfOneNumberAreTakenOnlyIfTheyAreAsManyAsBefore) {
    const auto plain = [](const std::string& path) {
        return SeenFile{.path = path, .size_bytes = 10, .changed_us = 1};
    };
    const std::vector<SeenFile> before = {plain("out/model_400.pt"), plain("out/optimizer_400.pt")};
    const std::vector<std::pair<std::vector<SeenFile>, std::string>> cases = {
        {{plain("out/model_500.pt")}, "out/model_400.pt"},
        {{plain("out/optimizer_500.pt")}, "out/model_400.pt"},
        {{plain("out/model_500.pt"), plain("out/optimizer_500.pt")}, "out/model_500.pt"},
        {{plain("out/final_500.pt")}, "out/final_500.pt"},
        {{plain("other/model_500.pt")}, "other/model_500.pt"},
    };
    for (const auto& [after, taken] : cases) {
        CheckpointWatch watch;
        watch.begin({});
        EXPECT_EQ(path_of(watch.look(at(0), before + after, true)), taken);
        EXPECT_EQ(watch.take_remarks().size(), taken == "out/model_400.pt" ? 1U : 0U);
    }
    CheckpointWatch watch;
    watch.begin({});
    watch.look(at(0), before + std::vector<SeenFile>{plain("out/model_500.pt")}, true);
    EXPECT_EQ(watch.take_remarks().at(0),
              "checkpoint out/model_500.pt (plain) is not complete and was left out: there is no "
              "optimizer_.pt of 500, but one of 400");
}

TEST(CheckpointWatch, OfLightningsTwoFilesTheOneWithAStepIsTaken) {
    CheckpointWatch watch;
    watch.begin({});
    const std::vector<SeenFile> files = {
        {.path = "epoch=0-step=40.ckpt", .size_bytes = 10, .changed_us = 5},
        {.path = "last.ckpt", .size_bytes = 10, .changed_us = 6},
    };
    EXPECT_EQ(path_of(watch.look(at(0), files, true)), "epoch=0-step=40.ckpt");
    EXPECT_EQ(path_of(watch.look(at(0), files, true)), "none");
}

// A training that saves every ten steps, killed anywhere: whatever is taken is whole.
TEST(CheckpointWatch, NeverTakesAnythingButTheNewestWholeOneWhereverTheWritingEnds) {
    RandomStream draw(20261128, "watch");
    for (int round = 0; round < 300; ++round) {
        CheckpointWatch watch;
        watch.begin({});
        auto files = transformers(10, 1) + transformers(20, 2);
        auto torn = transformers(30, 3);
        const std::size_t kept = draw.below(3);
        torn.resize(kept);
        const bool is_whole = kept == 2 && draw.below(2) == 0;
        if (!is_whole && kept > 0) torn.back().fault = "is cut off";
        std::rotate(files.begin(), files.begin() + draw.between(0, 3), files.end());
        EXPECT_EQ(path_of(watch.look(at(round), files + torn, true)),
                  is_whole ? "checkpoint-30" : "checkpoint-20");
    }
}

}  // namespace
}  // namespace herder
