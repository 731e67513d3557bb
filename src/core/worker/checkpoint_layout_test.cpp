#include "core/worker/checkpoint_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace herder {
namespace {

// A listing in which every file is whole. "path~text" gives a file its text, "path#step" its step,
// "path>a,b" the files that it promises, and "path!" is cut off.
SeenFile seen(std::string word) {
    SeenFile file;
    file.size_bytes = 100;
    const auto cut = [&](char mark) {
        const std::size_t at = word.find(mark);
        if (at == std::string::npos) return std::string();
        std::string rest = word.substr(at + 1);
        word.resize(at);
        return rest;
    };
    if (word.ends_with('!')) {
        file.fault = "is cut off";
        word.pop_back();
    }
    file.text = cut('~');
    if (const std::string step = cut('#'); !step.empty()) file.step = std::stoll(step);
    std::string names = cut('>');
    while (!names.empty()) {
        const std::size_t comma = std::min(names.find(','), names.size());
        file.names.push_back(names.substr(0, comma));
        names.erase(0, comma + 1);
    }
    file.path = word;
    return file;
}

std::vector<SeenFile> listing(const std::vector<std::string>& words) {
    std::vector<SeenFile> files;
    for (const std::string& word : words)
        files.push_back(seen(word));
    return files;
}

struct Case {
    const char* name;
    std::vector<std::string> files;
    Framework framework;
    std::string path;
    std::optional<std::int64_t> step;
    std::string last;  // the file without which it is not complete
};

// Layouts as the frameworks leave them.
const std::vector<Case> kWholeLayouts = {
    {"transformers",
     {"checkpoint-500/config.json", "checkpoint-500/model.safetensors",
      "checkpoint-500/optimizer.pt", "checkpoint-500/scheduler.pt", "checkpoint-500/rng_state.pth",
      "checkpoint-500/training_args.bin", "checkpoint-500/trainer_state.json#500",
      "runs/events.out.tfevents.1"},
     Framework::kTransformers,
     "checkpoint-500",
     500,
     "checkpoint-500/trainer_state.json"},
    {"transformers, sharded weights",
     {"out/checkpoint-20/model.safetensors.index.json>model-00001-of-00002.safetensors,"
      "model-00002-of-00002.safetensors",
      "out/checkpoint-20/model-00001-of-00002.safetensors",
      "out/checkpoint-20/model-00002-of-00002.safetensors",
      "out/checkpoint-20/trainer_state.json#20"},
     Framework::kTransformers,
     "out/checkpoint-20",
     20,
     "out/checkpoint-20/model-00002-of-00002.safetensors"},
    {"transformers, an adapter",
     {"checkpoint-8/adapter_model.safetensors", "checkpoint-8/adapter_config.json",
      "checkpoint-8/optimizer.pt", "checkpoint-8/trainer_state.json#8"},
     Framework::kTransformers,
     "checkpoint-8",
     8,
     "checkpoint-8/adapter_model.safetensors"},
    {"transformers over DeepSpeed",
     {"checkpoint-8/global_step8/mp_rank_00_model_states.pt", "checkpoint-8/latest~global_step8",
      "checkpoint-8/global_step8/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt",
      "checkpoint-8/trainer_state.json#8"},
     Framework::kTransformers,
     "checkpoint-8",
     8,
     "checkpoint-8/trainer_state.json"},
    {"accelerate",
     {"checkpoints/checkpoint_7/model.safetensors", "checkpoints/checkpoint_7/optimizer.bin",
      "checkpoints/checkpoint_7/scheduler.bin", "checkpoints/checkpoint_7/sampler.bin",
      "checkpoints/checkpoint_7/random_states_0.pkl"},
     Framework::kAccelerate,
     "checkpoints/checkpoint_7",
     7,
     "checkpoints/checkpoint_7/random_states_0.pkl"},
    {"accelerate, a name of the user's",
     {"step_40/pytorch_model.bin", "step_40/optimizer.bin", "step_40/random_states_0.pkl"},
     Framework::kAccelerate,
     "step_40",
     40,
     "step_40/pytorch_model.bin"},
    {"lightning",
     {"lightning_logs/version_0/checkpoints/epoch=3-step=400.ckpt",
      "lightning_logs/version_0/hparams.yaml"},
     Framework::kLightning,
     "lightning_logs/version_0/checkpoints/epoch=3-step=400.ckpt",
     400,
     ""},
    {"lightning, a second try",
     {"epoch=3-step=400-v1.ckpt"},
     Framework::kLightning,
     "epoch=3-step=400-v1.ckpt",
     400,
     ""},
    {"lightning, no step in the name", {"last.ckpt"}, Framework::kLightning, "last.ckpt", {}, ""},
    {"lightning for SLURM", {"hpc_ckpt_3.ckpt"}, Framework::kLightning, "hpc_ckpt_3.ckpt", {}, ""},
    {"keras, a model of an epoch",
     {"weights.05-0.23.keras"},
     Framework::kKeras,
     "weights.05-0.23.keras",
     {},
     ""},
    {"keras, BackupAndRestore",
     {"backup/latest.weights.h5", "backup/training_metadata.json#3"},
     Framework::kKeras,
     "backup",
     3,
     "backup/latest.weights.h5"},
    {"orbax",
     {"ck/500/_CHECKPOINT_METADATA", "ck/500/default/_METADATA", "ck/500/default/manifest.ocdbt",
      "ck/500/default/d/ab12", "ck/500/default/_sharding"},
     Framework::kOrbax,
     "ck/500",
     500,
     ""},
    {"orbax, a database of each process",
     {"20/_CHECKPOINT_METADATA", "20/commit_success.txt", "20/default/_METADATA",
      "20/default/ocdbt.process_0/manifest.ocdbt", "20/default/ocdbt.process_0/d/ab12",
      "20/default/manifest.ocdbt", "20/default/d/cd34"},
     Framework::kOrbax,
     "20",
     20,
     "20/default/manifest.ocdbt"},
    {"orbax, a store that cannot rename",
     {"500/commit_success.txt", "500/checkpoint"},
     Framework::kOrbax,
     "500",
     500,
     "500/checkpoint"},
    {"orbax, a folder of a run with a number",
     {"run1/500/_METADATA", "run1/500/d/1"},
     Framework::kOrbax,
     "run1/500",
     500,
     "run1/500/d/1"},
    {"dcp",
     {"step-30/.metadata", "step-30/__0_0.distcp", "step-30/__1_0.distcp"},
     Framework::kDcp,
     "step-30",
     30,
     "step-30/.metadata"},
    {"dcp, in the folder itself",
     {".metadata", "__0_0.distcp", "__0_1.distcp"},
     Framework::kDcp,
     "",
     {},
     ".metadata"},
    {"lightning with FSDP",
     {"epoch=1-step=60.ckpt/.metadata", "epoch=1-step=60.ckpt/__0_0.distcp",
      "epoch=1-step=60.ckpt/meta.pt"},
     Framework::kDcp,
     "epoch=1-step=60.ckpt",
     60,
     "epoch=1-step=60.ckpt/__0_0.distcp"},
    {"deepspeed",
     {"ds/latest~global_step500", "ds/global_step500/mp_rank_00_model_states.pt",
      "ds/global_step500/zero_pp_rank_0_mp_rank_00_optim_states.pt"},
     Framework::kDeepSpeed,
     "ds/global_step500",
     500,
     "ds/latest"},
    {"megatron",
     {"latest_checkpointed_iteration.txt~500", "iter_0000500/mp_rank_00/model_optim_rng.pt"},
     Framework::kMegatron,
     "iter_0000500",
     500,
     "latest_checkpointed_iteration.txt"},
    {"plain", {"ckpt_500.pt"}, Framework::kPlain, "ckpt_500.pt", 500, ""},
    {"plain, two of one number",
     {"model_500.pt", "optimizer_500.pt"},
     Framework::kPlain,
     "model_500.pt",
     500,
     ""},
    {"plain, written again and again", {"out/best.pth"}, Framework::kPlain, "out/best.pth", {}, ""},
};

TEST(CheckpointLayout, KnowsTheLayoutOfEachFrameworkAndItsStep) {
    for (const Case& each : kWholeLayouts) {
        const auto found = find_layouts(listing(each.files));
        ASSERT_EQ(found.size(), 1U) << each.name;
        EXPECT_EQ(found[0].framework, each.framework) << each.name;
        EXPECT_EQ(found[0].path, each.path) << each.name;
        EXPECT_EQ(found[0].step, each.step) << each.name;
        EXPECT_EQ(found[0].fault, "") << each.name;
    }
}

TEST(CheckpointLayout, OnlyANumberThatStandsForItselfIsTheStepOfAFile) {
    const std::map<std::string, std::optional<std::int64_t>> steps = {
        {"epoch=03-val_loss=0.23.ckpt", 3},
        {"epoch=03-step=700-val_loss=0.23.ckpt", 700},
        {"step=000400.ckpt", 400},
        {"val_loss=0.23.ckpt", {}},
        {"best-val_step=3.ckpt", {}},
        {"resnet50.pt", {}},
        {"resnet50.keras", {}},
        {"unet_256.pt", 256},  // nothing tells it apart until it is written again
        {"ckpt_500.pt", 500},
        {"ckpt-500.pth", 500},
        {"ckpt.500.safetensors", 500},
        {"0000500.pt", 500},
        {"model-0.23.pt", {}},
        {"model_500_ema.pt", {}},
        {"model_5.weights.h5", 5},
        {"weights.05.keras", 5},
        {"ckpt_.pt", {}},
        {"epoch=03-val_loss=0.23.ckpt/__0_0.distcp", 3},
    };
    for (const auto& [path, step] : steps) {
        const auto found = find_layouts(listing({path}));
        ASSERT_EQ(found.size(), 1U) << path;
        EXPECT_EQ(found[0].step, step) << path;
        EXPECT_EQ(found[0].is_loose(), path.find('/') == std::string::npos) << path;
    }
}

TEST(CheckpointLayout, OneThatNoPointerNamesIsUntoldUnlessItIsBroken) {
    const std::string states = "global_step5/mp_rank_00_model_states.pt";
    EXPECT_TRUE(find_layouts(listing({states}))[0].is_untold);
    EXPECT_TRUE(find_layouts(listing({states, "latest~global_step6"}))[0].is_untold);
    EXPECT_FALSE(find_layouts(listing({states, "latest~global_step5"}))[0].is_untold);
    EXPECT_FALSE(find_layouts(listing({states + "!"}))[0].is_untold);
    EXPECT_TRUE(find_layouts(listing({"iter_5/w.pt"}))[0].is_untold);
}

TEST(CheckpointLayout, IsNotCompleteWithoutTheFileThatItNeeds) {
    for (const Case& each : kWholeLayouts) {
        if (each.last.empty()) continue;
        auto files = listing(each.files);
        const auto gone =
            std::erase_if(files, [&](const SeenFile& file) { return file.path == each.last; });
        ASSERT_EQ(gone, 1U) << each.name;
        for (const CheckpointLayout& layout : find_layouts(files))
            EXPECT_NE(layout.fault, "") << each.name << " " << layout.path;
    }
}

TEST(CheckpointLayout, IsNotCompleteWithAFileThatIsCutOff) {
    for (const Case& each : kWholeLayouts) {
        for (std::size_t i = 0; i < each.files.size(); ++i) {
            auto files = listing(each.files);
            files[i].fault = "is cut off";
            const auto found = find_layouts(files);
            ASSERT_EQ(found.size(), 1U) << each.name;
            const bool belongs =
                std::any_of(found[0].files.begin(), found[0].files.end(),
                            [&](const SeenFile& file) { return file.path == files[i].path; });
            const bool points = each.files[i].find("latest") != std::string::npos;
            if (belongs && !points) EXPECT_NE(found[0].fault, "") << each.name << files[i].path;
        }
    }
}

TEST(CheckpointLayout, SaysWhatIsMissing) {
    const std::map<std::vector<std::string>, std::string> faults = {
        {{"checkpoint-5/checkpoint-is-incomplete.txt", "checkpoint-5/model.safetensors",
          "checkpoint-5/trainer_state.json#5"},
         "checkpoint-is-incomplete.txt is still there"},
        {{"checkpoint-5/model.safetensors", "checkpoint-5/trainer_state.json#4"},
         "trainer_state.json is not of step 5"},
        {{"checkpoint-5/pytorch_model.bin.index.json>pytorch_model-1.bin,pytorch_model-2.bin",
          "checkpoint-5/pytorch_model-1.bin", "checkpoint-5/trainer_state.json#5"},
         "pytorch_model.bin.index.json promises pytorch_model-2.bin, which is missing"},
        {{"checkpoint-5/model.safetensors!", "checkpoint-5/trainer_state.json#5"},
         "model.safetensors is cut off"},
        {{"d/.metadata", "d/__0_0.distcp", "d/__2_0.distcp"}, "the shard of rank 1 is missing"},
        {{"latest~global_step4", "global_step5/mp_rank_00_model_states.pt"},
         "`latest` names 'global_step4'"},
        {{"latest_checkpointed_iteration.txt~4", "iter_0000005/mp_rank_00/model_optim_rng.pt"},
         "latest_checkpointed_iteration.txt does not name it"},
        {{"5/_CHECKPOINT_METADATA", "5/default.orbax-checkpoint-tmp-9/d/1"},
         "one of its items is still under a temporary name"},
        {{"5/_CHECKPOINT_METADATA", "5/default/ocdbt.process_0/d/1", "5/default/d/2"},
         "default/manifest.ocdbt is missing"},
        {{"model_5.pt", "optimizer_5.pt!"}, "optimizer_5.pt is cut off"},
    };
    for (const auto& [files, fault] : faults) {
        const auto found = find_layouts(listing(files));
        ASSERT_EQ(found.size(), 1U) << fault;
        EXPECT_EQ(found[0].fault, fault);
    }
}

TEST(CheckpointLayout, LeavesAloneWhatIsUnfinishedOrNoCheckpoint) {
    EXPECT_TRUE(find_layouts({}).empty());
    EXPECT_TRUE(find_layouts(listing({
                                 "tmp-checkpoint-500/model.safetensors",
                                 ".tmp-12-ab/model_1.pt",
                                 "500.orbax-checkpoint-tmp-123/_METADATA",
                                 "model.pt.tmp",
                                 "train.py",
                                 "data/a.txt",
                                 "superseded/ckpt_9.pt",
                                 "step-000000005/state.json",
                                 "step-000000005/manifest.json",
                                 "step-000000005/files/ckpt_5.pt",
                                 "step-000000006/rank-00000/state.json",
                                 "step-000000006/manifest.json",
                                 "step-000000006/rank-00000/arrays.safetensors",
                             }))
                    .empty());
}

TEST(CheckpointLayout, CarriesWhatPointsToIt) {
    const auto found = find_layouts(
        listing({"ds/latest~global_step5", "ds/global_step5/mp_rank_00_model_states.pt"}));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].files.back().path, "ds/latest");
}

}  // namespace
}  // namespace herder
