#include "protocol/layout.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(Layout, KeepsTeamsApartAndOnePartEach) {
    EXPECT_EQ(key_part("nlp-2"), "nlp-2");
    EXPECT_EQ(key_part("a/b"), "a_2fb");
    EXPECT_EQ(key_part(".."), "_2e_2e");
    EXPECT_NE(key_part("a_2fb"), key_part("a/b"));
    EXPECT_EQ(outcome_key("default", {JobId{7}, Fence{2}}),
              "v1/default/j7/attempts/2/outcome.json");
    EXPECT_EQ(outputs_prefix("default", JobId{7}), "v1/default/j7/outputs/");
    EXPECT_EQ(output_hashes_key("default", JobId{7}), "v1/default/j7/outputs.sha256");
    EXPECT_EQ(log_prefix("default", {JobId{7}, Fence{2}}, "out"),
              "v1/default/j7/attempts/2/logs/out/");
    EXPECT_EQ(workdir_key("ab"), "workdirs/ab.tar.gz");
}

TEST(Layout, AKeyTellsWhoseRunItBelongsTo) {
    EXPECT_EQ(job_of_key(outputs_prefix("a.team", JobId{7}) + "x/y"), JobId{7});
    EXPECT_EQ(job_of_key("v1/default/j12/attempts/1/probe"), JobId{12});
    for (const char* other :
         {"", "v1/", "v1/default", "v1/default/j7", "v1/default/x7/y",
          "v1/default/j9007199254740992/y", "workdirs/j7/x", "v1//j/x", "v1/default/j7x/y"})
        EXPECT_EQ(job_of_key(other), JobId{}) << other;
}

TEST(Layout, OutputsAreToldFromWhatIsKnownOfThem) {
    EXPECT_TRUE(is_output_key(outputs_prefix("a.team", JobId{7}) + "x/y"));
    const AttemptKey attempt{JobId{7}, Fence{2}};
    EXPECT_EQ(output_uploads_key("t", attempt), "v1/t/j7/attempts/2/output-uploads.json");
    for (const std::string& other :
         {output_uploads_key("outputs", attempt), output_hashes_key("t", JobId{7}),
          std::string("v1/t/j7/ckpt/outputs/o/0000"), std::string("outputs/x")})
        EXPECT_FALSE(is_output_key(other)) << other;
}

TEST(Layout, AKeyTellsWhichCheckpointItBelongsTo) {
    Checkpoint one;
    one.attempt = {JobId{7}, Fence{2}};
    one.name = make_checkpoint_name(500, Fence{2}, CheckpointId{9});
    const CheckpointName name{500, Fence{2}, CheckpointId{9}};
    EXPECT_EQ(checkpoint_of_key(checkpoint_key("a.team", one, "o/0000")), name);
    EXPECT_EQ(checkpoint_of_key(checkpoint_key("a.team", one, "manifest.json")), name);
    const std::string text = "ckpt/" + one.name;
    for (const std::string& other :
         {"v1/default/j7/" + text, "v1/default/j7/outputs/" + text + "/o", "v1/" + text + "/o/0000",
          "trees/j7/" + text + "/o", std::string("v1/default/j7/ckpt/latest/o"),
          std::string("v1/default/j7/ckpt/000000000500-a000002-k9007199254740992/o")})
        EXPECT_EQ(checkpoint_of_key(other), std::nullopt) << other;
}

}  // namespace
}  // namespace herder::protocol
