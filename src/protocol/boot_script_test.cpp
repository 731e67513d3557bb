#include "protocol/boot_script.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

BootScriptOptions options() {
    return {.agent_url = "https://10.0.0.1:8470/agent/v1/files/x",
            .agent_sha256 = std::string(64, 'a')};
}

TEST(BootScript, IsShortAndCarriesUrlAndHash) {
    const auto text = make_onstart(options());
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_LT(text->size(), kBootScriptMax);
    EXPECT_NE(text->find("U='https://10.0.0.1:8470/agent/v1/files/x'"), std::string::npos);
    EXPECT_NE(text->find("H=" + std::string(64, 'a')), std::string::npos);
    EXPECT_EQ(text->find("@URL@"), std::string::npos);
    EXPECT_EQ(text->find("@SHA@"), std::string::npos);
    EXPECT_EQ(text->find("@DIR@"), std::string::npos);
}

TEST(BootScript, HasRoomForTwoAddresses) {
    BootScriptOptions many = options();
    const std::string url = "https://203.0.113.200:8470/agent/v1/files/" + std::string(64, 'f');
    many.agent_url = url + " " + url;
    EXPECT_TRUE(make_onstart(many));
}

TEST(BootScript, RefusesWhatCouldBreakOutOfTheText) {
    BootScriptOptions bad = options();
    bad.agent_url = "https://x/'; rm -rf /'";
    EXPECT_FALSE(make_onstart(bad));
    bad = options();
    bad.agent_sha256 = "$(id)";
    EXPECT_FALSE(make_onstart(bad));
    bad = options();
    bad.folder = "/a b";
    EXPECT_FALSE(make_onstart(bad));
    bad = options();
    bad.agent_url = "https://h/" + std::string(3000, 'a');
    EXPECT_FALSE(make_onstart(bad));
}

}  // namespace
}  // namespace herder::protocol
