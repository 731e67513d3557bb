#include "worker/found_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "worker/checkpoint_staging.h"
#include "worker/fake_server_fixture.h"
#include "worker/folder_listing.h"

namespace herder {
namespace {

namespace fs = std::filesystem;

class FoundCheckpoint : public ::testing::Test {
  protected:
    void write(const std::string& path, const std::string& text) {
        const fs::path place = fs::path(folder_.path()) / path;
        fs::create_directories(place.parent_path());
        std::ofstream(place, std::ios::trunc) << text;
    }
    std::string read(const std::string& path) {
        std::ifstream file(fs::path(folder_.path()) / path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::string at(const std::string& path) { return folder_.path() + "/" + path; }

    // A DeepSpeed checkpoint in `job`: a folder and the file that points to it.
    CheckpointLayout deepspeed() {
        write("job/global_step5/mp_rank_00_model_states.pt", "weights");
        write("job/latest", "global_step5\n");
        CheckpointLayout layout{Framework::kDeepSpeed, "global_step5", 5, "", {}};
        layout.files = FolderListing(at("job")).list();
        return layout;
    }
    TemporaryFolder folder_;
};

TEST_F(FoundCheckpoint, GoesOutAndComesBackUnderItsOwnNames) {
    CheckpointStaging staging(at("staging"));
    const auto offer = staging.stage_found(at("job"), deepspeed(), 5, 1);
    ASSERT_TRUE(offer) << offer.error().message;
    EXPECT_EQ(offer->step, 5);
    ASSERT_EQ(offer->files.size(), 3U);
    for (const CheckpointFile& file : offer->files) {
        fs::create_directories(fs::path(at("restored/x/" + file.path)).parent_path());
        fs::copy_file(staging.path_of(1, file.path), at("restored/x/" + file.path));
    }
    write("there/global_step5/zero_of_another_life.pt", "old");
    write("there/latest", "global_step9");
    EXPECT_EQ(put_back_found(at("restored/x"), at("there")), at("there/global_step5"));
    EXPECT_EQ(read("there/global_step5/mp_rank_00_model_states.pt"), "weights");
    EXPECT_EQ(read("there/latest"), "global_step5\n");
    EXPECT_FALSE(fs::exists(at("there/global_step5/zero_of_another_life.pt")));
    EXPECT_FALSE(fs::exists(at("there") + "/" + kLayoutFile));
    EXPECT_FALSE(fs::exists(at("restored/x")));  // moved: it may be half of the disk
}

TEST_F(FoundCheckpoint, WhatCannotBePutBackIsSaid) {
    write("restored/.herder-layout.json", R"({"path":"global_step5"})");
    write("restored/global_step5/w.pt", "weights");
    write("there", "a file where the folder should be");
    const auto put = put_back_found(at("restored"), at("there"));
    ASSERT_FALSE(put);
    EXPECT_NE(put.error().message.find("there/global_step5/w.pt"), std::string::npos);
}

TEST_F(FoundCheckpoint, OneThatTheJobAnnouncedStaysWhereItWasRestored) {
    write("restored/state.json", "{}");
    EXPECT_EQ(put_back_found(at("restored"), at("there")), at("restored"));
    write("restored/.herder-layout.json", R"({"path":"../../etc"})");
    EXPECT_EQ(put_back_found(at("restored"), at("there")), at("restored"));
    EXPECT_FALSE(fs::exists(at("there")));
}

TEST_F(FoundCheckpoint, AFileThatChangedSinceItWasLookedAtIsNotTaken) {
    CheckpointStaging staging(at("staging"));
    const auto layout = deepspeed();
    write("job/global_step5/mp_rank_00_model_states.pt", "weights of another step");
    const auto offer = staging.stage_found(at("job"), layout, 5, 1);
    ASSERT_FALSE(offer);
    EXPECT_EQ(offer.error().code, ErrorCode::kConflict);
    EXPECT_NE(offer.error().message.find("changed meanwhile"), std::string::npos);
    EXPECT_FALSE(fs::exists(at("staging/1")));
}

TEST_F(FoundCheckpoint, AFileThatIsWrittenAgainIsCopiedNotLinked) {
    write("job/best.keras", "first");
    write("job/unet_256.pt", "first");
    write("job/iter_5/w", "first");
    CheckpointLayout layout{Framework::kKeras, "best.keras", {}, "", {}};
    CheckpointLayout numbered{Framework::kPlain, "unet_256.pt", 256, "", {}};
    CheckpointLayout in_folder{Framework::kMegatron, "iter_5", 5, "", {}};
    const auto files = FolderListing(at("job")).list();
    for (CheckpointLayout* each : {&layout, &numbered, &in_folder})
        for (const SeenFile& file : files)
            if (file.path.starts_with(each->path)) each->files.push_back(file);
    CheckpointStaging staging(at("staging"));
    ASSERT_TRUE(staging.stage_found(at("job"), layout, 1, 1));
    ASSERT_TRUE(staging.stage_found(at("job"), numbered, 256, 2));
    ASSERT_TRUE(staging.stage_found(at("job"), in_folder, 5, 3));
    write("job/best.keras", "second, into the same file");
    write("job/unet_256.pt", "second, into the same file");
    EXPECT_EQ(read("staging/1/best.keras"), "first");
    EXPECT_EQ(read("staging/2/unet_256.pt"), "first");
    EXPECT_TRUE(fs::equivalent(at("job/iter_5/w"), at("staging/3/iter_5/w")));
}

TEST_F(FoundCheckpoint, WhatIsHalfWrittenIsMovedAsideAndNothingElse) {
    write("job/checkpoint-10/model.safetensors", "torn");
    write("job/ds/global_step5/mp_rank_00_model_states.pt", "no latest");
    write("job/checkpoint-7/model.safetensors.index.json", "{}");
    write("job/checkpoint-7/pytorch_model.bin", "weights");
    write("job/checkpoint-7/optimizer.pt", "a pickle of an old format.");
    write("job/checkpoint-7/trainer_state.json", R"({"global_step": 7})");
    write("job/iter_5/w", "not the newest");
    write("job/latest_checkpointed_iteration.txt", "6");
    write("job/superseded/checkpoint-10/model.safetensors", "of before");
    write("job/pretrained.pt", "an old format of the user's");
    write("job/notes.txt", "x");
    const auto moved = move_torn_aside(FolderListing(at("job")).list(), at("job"));
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_NE(moved[0].find("checkpoint-10: "), std::string::npos);
    EXPECT_FALSE(fs::exists(at("job/checkpoint-10")));
    EXPECT_EQ(read("job/superseded/checkpoint-10/model.safetensors"), "of before");
    EXPECT_EQ(read("job/superseded/checkpoint-10-2/model.safetensors"), "torn");
    for (const char* kept : {"job/iter_5/w", "job/ds/global_step5", "job/checkpoint-7"})
        EXPECT_TRUE(fs::exists(at(kept))) << kept;
    EXPECT_TRUE(fs::exists(at("job/pretrained.pt")));
    EXPECT_TRUE(move_torn_aside(FolderListing(at("job")).list(), at("job")).empty());
}

// Killed between making the folder and the first file of it.
TEST_F(FoundCheckpoint, FoldersOfStepsWithoutAnyFileAreMovedAside) {
    for (const char* empty : {"job/checkpoint-10", "job/run/step_5/model", "job/epoch_3"})
        fs::create_directories(at(empty));
    for (const char* kept : {"job/shard_0", "job/500", "job/step", "job/my_step_5", "job/step_"})
        fs::create_directories(at(kept));
    write("job/step_7/notes.txt", "what this is nobody can tell");
    write("job/step_8/inner/.hidden", "x");
    const auto moved = move_torn_aside(FolderListing(at("job")).list(), at("job"));
    EXPECT_THAT(moved,
                ::testing::UnorderedElementsAre("checkpoint-10: it is empty",
                                                "run/step_5: it is empty", "epoch_3: it is empty"));
    EXPECT_TRUE(fs::exists(at("job/superseded/run/step_5/model")));
    EXPECT_FALSE(fs::exists(at("job/checkpoint-10")));
    for (const char* kept : {"shard_0", "500", "step", "my_step_5", "step_", "step_7", "step_8"})
        EXPECT_TRUE(fs::exists(at(std::string("job/") + kept))) << kept;
    EXPECT_TRUE(move_torn_aside(FolderListing(at("job")).list(), at("job")).empty());
}

}  // namespace
}  // namespace herder
