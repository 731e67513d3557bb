#include "worker/file_structure.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/random.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

std::string little(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}

// One stored file in a ZIP, as torch.save writes them.
std::string zip(const std::string& content) {
    const std::string name = "archive/data.pkl";
    const std::string sizes = little(content.size(), 4) + little(content.size(), 4);
    const std::string local = "PK\3\4" + little(20, 2) + little(0, 12) + sizes +
                              little(name.size(), 2) + little(0, 2) + name;
    const std::string entry = "PK\1\2" + little(20, 2) + little(20, 2) + little(0, 12) + sizes +
                              little(name.size(), 2) + little(0, 12) + little(0, 4) + name;
    return local + content + entry + "PK\5\6" + little(0, 4) + little(1, 2) + little(1, 2) +
           little(entry.size(), 4) + little(local.size() + content.size(), 4) + little(0, 2);
}

std::string safetensors(std::size_t bytes) {
    std::string header =
        R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8",)"
        R"("shape":[)" +
        std::to_string(bytes - 1) + R"(],"data_offsets":[1,)" + std::to_string(bytes) + "]}}";
    return little(header.size(), 8) + header + std::string(bytes, 'x');
}

// A superblock of version 0 or 2, and what it says that follows.
std::string hdf5(int version, std::size_t size) {
    std::string head = "\x89HDF\r\n\x1a\n";
    head += static_cast<char>(version);
    if (version == 0) {
        head += std::string(4, '\0') + "\x08\x08" + std::string(9, '\0');
        head += little(0, 8) + little(~0ULL, 8) + little(size, 8);
    } else {
        head += std::string("\x08\x08\x00", 3) + little(0, 8) + little(~0ULL, 8) + little(size, 8);
    }
    head.resize(size, 'd');
    return head;
}

// Protocol 4: two frames that hold the byte of STOP everywhere, and STOP at the end.
std::string pickle(std::size_t bytes) {
    const std::string frame = std::string(bytes, '.');
    return "\x80\x04\x95" + little(frame.size(), 8) + frame + "\x95" + little(frame.size(), 8) +
           frame;
}

std::string ocdbt(std::size_t bytes) {
    return "\x0c\xdb\x3a\x2a" + little(12 + bytes, 8) + std::string(bytes, 'm');
}

class Structure : public ::testing::Test {
  protected:
    SeenFile look(const std::string& name, const std::string& content) {
        const std::string path = folder_.path() + "/file";
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
        SeenFile file;
        file.path = name;
        file.size_bytes = static_cast<std::int64_t>(content.size());
        read_structure(path, file);
        return file;
    }
    // Whole it has no fault; cut off anywhere it has one.
    void expect_cut_noticed(const std::string& name, const std::string& content) {
        EXPECT_EQ(look(name, content).fault, "") << name;
        RandomStream draw(7, "cuts");
        std::vector<std::size_t> cuts = {0, 1, content.size() / 2, content.size() - 1};
        for (int i = 0; i < 40; ++i)
            cuts.push_back(draw.below(content.size()));
        for (const std::size_t cut : cuts)
            EXPECT_NE(look(name, content.substr(0, cut)).fault, "") << name << " cut at " << cut;
    }
    TemporaryFolder folder_;
};

TEST_F(Structure, NoticesAFileOfAnyFormatThatIsCutOffAnywhere) {
    const std::string archive = zip(std::string(5000, 't') + "PK\5\6 is not the end");
    for (const char* name : {"optimizer.pt", "x.pth", "e=1-step=2.ckpt", "m.keras", "a.npz",
                             "pytorch_model.bin", "random_states_0.pkl", "__0_0.distcp"})
        expect_cut_noticed(name, archive);
    expect_cut_noticed("model.safetensors", safetensors(5000));
    expect_cut_noticed("latest.weights.h5", hdf5(0, 3000));
    expect_cut_noticed("m.h5", hdf5(2, 3000));
    expect_cut_noticed("random_states_0.pkl", pickle(700));
    expect_cut_noticed("step_5/.metadata", pickle(700));
    expect_cut_noticed("5/default/manifest.ocdbt", ocdbt(300));
    for (const char* name : {"5/_CHECKPOINT_METADATA", "5/default/_METADATA", "5/default/_sharding",
                             "5/default/array_metadatas/process_0"})
        expect_cut_noticed(name, R"({"a": {"b": [1, 2]}, "commit_timestamp_nsecs": 1795908568})");
    expect_cut_noticed(
        "trainer_state.json",
        R"({"best": NaN, "text": "}\"", "global_step": 500, "log": [{"loss": -Infinity}]})");
}

TEST_F(Structure, ALargerFileThanItsHeaderSaysIsNotWholeEither) {
    EXPECT_EQ(look("m.safetensors", safetensors(100) + "more").fault.substr(0, 11), "is cut off:");
    EXPECT_EQ(look("m.safetensors", std::string(200, '\xff')).fault,
              "has no header of safetensors");
}

TEST_F(Structure, SeveralArchivesInOneFileAreADcpShard) {
    EXPECT_EQ(look("__0_0.distcp", zip("one") + zip("two")).fault, "");
    EXPECT_NE(look("model.pt", zip("one") + "rest").fault, "");
}

TEST_F(Structure, ReadsTheWordsThatTheRulesNeed) {
    EXPECT_EQ(look("c/trainer_state.json", R"({"epoch": 1.5, "global_step": 500})").step, 500);
    EXPECT_EQ(look("b/training_metadata.json", R"({"epoch": 3, "batch": 0})").step, 3);
    EXPECT_EQ(look("ds/latest", "global_step500\n").text, "global_step500");
    EXPECT_EQ(look("latest_checkpointed_iteration.txt", "500").text, "500");
    const auto index = look(
        "model.safetensors.index.json",
        R"({"weight_map": {"a.safetensors.x": "m-2.safetensors", "b": "m-1.safetensors", "c": "m-2.safetensors"}})");
    EXPECT_EQ(index.names, (std::vector<std::string>{"m-1.safetensors", "m-2.safetensors"}));
}

TEST_F(Structure, OrbaxSaysWhenACheckpointWasCommitted) {
    EXPECT_EQ(look("5/_CHECKPOINT_METADATA", R"({"commit_timestamp_nsecs": null, "x": {}})").fault,
              "says that the checkpoint was not committed");
    EXPECT_EQ(look("5/_CHECKPOINT_METADATA", R"({"commit_timestamp_nsecs": 17})").fault, "");
    EXPECT_EQ(look("5/_CHECKPOINT_METADATA", R"({"item_handlers": null})").fault, "");
    EXPECT_EQ(look("5/default/manifest.ocdbt", "else, of no length").fault,
              "is no manifest of OCDBT");
}

TEST_F(Structure, WhatItCannotTellItSays) {
    EXPECT_EQ(look("old.pt", "\x80\x02 a pickle.").fault.substr(0, 17), "is no ZIP archive");
    EXPECT_EQ(look("vocab.bin", "anything").fault, "");
    EXPECT_EQ(look("notes.txt", "").fault, "");
    EXPECT_EQ(look("random_states_0.pkl", "\x80\x04 state.").fault, "");
    SeenFile missing;
    missing.path = "gone.pt";
    read_structure(folder_.path() + "/gone.pt", missing);
    EXPECT_EQ(missing.fault, "cannot be opened");
}

}  // namespace
}  // namespace herder
