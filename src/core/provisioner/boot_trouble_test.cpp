#include "core/provisioner/boot_trouble.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

struct Row {
    const char* text;
    BootBlame blame;
    const char* sentence;
};

class BootTroubleRow : public testing::TestWithParam<Row> {};

TEST_P(BootTroubleRow, IsToldInWordsWithWhoIsToBlame) {
    const auto read = read_status_text(GetParam().text, "acme/train:2");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->blame, GetParam().blame);
    EXPECT_EQ(read->sentence, GetParam().sentence);
}

// Texts of section 4.8 of the API reference, the first as recorded on a real machine.
INSTANTIATE_TEST_SUITE_P(
    Texts, BootTroubleRow,
    testing::Values(
        Row{"Error response from daemon: failed to create task for container: failed to create "
            "shim task: OCI runtime create failed: could not apply required modification to OCI "
            "specification: error modifying OCI spec: failed to inject CDI devices: unresolvable "
            "CDI devices",
            BootBlame::kHost,
            "the host cannot hand its GPUs to a container (CDI devices are not resolved)"},
        Row{"Error response from daemon: manifest for acme/train:2 not found: manifest unknown",
            BootBlame::kImage,
            "there is no image acme/train:2: the registry does not know this name or tag"},
        Row{"Error response from daemon: pull access denied for acme/train, repository does not "
            "exist or may require 'docker login'",
            BootBlame::kImage,
            "the image acme/train:2 is private or does not exist: the registry denies the pull"},
        Row{"unauthorized: authentication required", BootBlame::kImage,
            "the registry wants a login for the image acme/train:2"},
        Row{"failed to resolve reference \"docker.io/acme\"", BootBlame::kHost,
            "the host could not find the image acme/train:2"},
        Row{"write /var/lib/docker/tmp: no space left on device", BootBlame::kHost,
            "the host's disk is full"},
        Row{"Failed to pull image: unexpected EOF\n", BootBlame::kHost,
            "the pull of the image acme/train:2 broke off"},
        Row{"failed to start containers: C.48738927", BootBlame::kHost,
            "the host cannot start the container"},
        Row{"failed to pull image", BootBlame::kHost,
            "the host could not pull the image acme/train:2"},
        Row{"error response from daemon: something new", BootBlame::kHost,
            "the host's container daemon refuses"}));

TEST(BootTrouble, HealthyTextsTellOfNone) {
    for (const char* text :
         {"", "a1b2c3d4e5f6: Pulling fs layer", "a1b2c3d4e5f6: Verifying Checksum",
          "a1b2c3d4e5f6: Pull complete", "success, running ghcr.io/acme/worker_1.4/args\n"}) {
        EXPECT_EQ(read_status_text(text, "x"), std::nullopt) << text;
    }
}

TEST(BootTrouble, TheNewestVerdictOfALogCounts) {
    const auto read = read_boot_log(
        "herder-boot: verdict unreachable: not to be had with curl\nnoise\n"
        "herder-boot: verdict no_fetcher: the image has no curl\nmore noise\n");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->blame, BootBlame::kImage);
    EXPECT_EQ(read->sentence, "the agent could not be started: the image has no curl");
    EXPECT_EQ(read_boot_log("herder-boot: verdict unreachable: no answer")->blame,
              BootBlame::kHost);
}

TEST(BootTrouble, ALogWithoutAVerdictSaysNothing) {
    EXPECT_EQ(read_boot_log(""), std::nullopt);
    EXPECT_EQ(read_boot_log("herder-boot: fetched with curl\nherder-boot: agent started\n"),
              std::nullopt);
    EXPECT_EQ(read_boot_log("herder-boot: verdict cut of"), std::nullopt);
    EXPECT_EQ(read_boot_log("herder-boot: verdict unreachable: no answer\n"
                            "herder-boot: fetched with curl\n"),
              std::nullopt)
        << "it was reached after all";
}

}  // namespace
}  // namespace herder
