#include "protocol/manifest_json.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace herder::protocol {
namespace {

const std::string kKey(32, 'k');

Checkpoint make_checkpoint() {
    Checkpoint checkpoint;
    checkpoint.id = CheckpointId{7};
    checkpoint.attempt = {JobId{42}, Fence{3}};
    checkpoint.step = 500;
    checkpoint.kind = CheckpointKind::kPreempt;
    checkpoint.name = make_checkpoint_name(500, Fence{3}, CheckpointId{7});
    checkpoint.parent = CheckpointId{6};
    checkpoint.files = {{"model/a.safetensors", Bytes{5'000'000'000}, 0xFFFFFFFFU, 0644},
                        {"opt.bin", Bytes{}, 0, 0600}};
    checkpoint.metrics = {{"loss", "2.310"}};
    return checkpoint;
}

TEST(Manifest, SaysWhatTheCheckpointIs) {
    const std::string text = write_manifest(make_checkpoint(), 17, kKey);
    Checkpoint want = make_checkpoint();
    want.commit_seq = 17;
    want.state = CheckpointState::kCommitted;
    want.manifest_sha256 = sha256_hex(text);
    const auto read = parse_manifest(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, want);
}

// Manifests in users' buckets must be readable for ever.
TEST(Manifest, TextOfFormat1StaysAsItIs) {
    EXPECT_EQ(
        write_manifest(make_checkpoint(), 17, kKey),
        R"({"format":1,"job":42,"fence":3,"checkpoint":7,"name":"000000000500-a000003-k7","seq":17,)"
        R"("parent":6,"step":500,"kind":"preempt","files":[{"path":"model/a.safetensors",)"
        R"("size":5000000000,"crc32c":4294967295,"mode":420,"object":"o/0000"},{"path":"opt.bin",)"
        R"("size":0,"crc32c":0,"mode":384,"object":"o/0001"}],"metrics":{"loss":"2.310"},)"
        R"("mac":"1fa61edd2a2107c371f1cafbd17da526792266dadab0bc228a2d79e3b612e8f4"})");
}

TEST(Manifest, IsAuthenticOnlyAsItWasWrittenWithTheSameKey) {
    const std::string text = write_manifest(make_checkpoint(), 17, kKey);
    EXPECT_TRUE(is_manifest_authentic(text, kKey));
    EXPECT_FALSE(is_manifest_authentic(text, std::string(32, 'x')));
    EXPECT_FALSE(is_manifest_authentic(text + " ", kKey));
    EXPECT_FALSE(is_manifest_authentic("", kKey));
    std::string tampered = text;
    tampered.replace(tampered.find("2.310"), 5, "2.311");
    EXPECT_FALSE(is_manifest_authentic(tampered, kKey));
    EXPECT_TRUE(parse_manifest(tampered));
}

TEST(Manifest, DangerousOrForeignTextsAreRefused) {
    const std::string text = write_manifest(make_checkpoint(), 17, kKey);
    const auto with = [&text](const std::string& from, const std::string& to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return changed;
    };
    for (const std::string& bad :
         {std::string("{}"), std::string("[]"), std::string(), text.substr(0, text.size() - 1),
          with("opt.bin", "../x"), with("opt.bin", "/etc/passwd"), with("\"o/0001\"", "\"o/0000\""),
          with("\"format\":1", "\"format\":2"), with("\"job\":42", "\"job\":0"),
          with("000000000500-a", "000000000501-a")}) {
        const auto read = parse_manifest(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, ErrorCode::kInvalid) << bad;
    }
}

}  // namespace
}  // namespace herder::protocol
