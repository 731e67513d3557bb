#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "worker/agent.h"

namespace herder {
namespace {

TEST(AgentSettings, TakesSecretsOutOfTheEnvironmentsMemory) {
    std::string token = "HERDER_JOIN_TOKEN=0123456789abcdef-secret";
    std::string key = "CONTAINER_API_KEY=key-secret";
    std::string urls = "HERDER_URLS=https://a:1/,https://b:2";
    std::string intent = "HERDER_INTENT=i7";
    std::string home = "HOME=/root";
    std::array<char*, 6> environment{token.data(),  key.data(),  urls.data(),
                                     intent.data(), home.data(), nullptr};
    const auto settings = take_settings(environment.data(), "1");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->urls, (std::vector<std::string>{"https://a:1", "https://b:2"}));
    EXPECT_EQ(settings->intent, IntentId{7});
    EXPECT_EQ(settings->home, "/root/.herder");
    EXPECT_EQ(settings->dead_man.api_key, "key-secret");
    EXPECT_EQ(token.find("secret"), std::string::npos);
    EXPECT_EQ(key.find("secret"), std::string::npos);
}

TEST(AgentSettings, TakesWhereTheHostKeepsData) {
    std::string urls = "HERDER_URLS=https://a:1";
    std::string token = "HERDER_JOIN_TOKEN=0123456789abcdef";
    std::string intent = "HERDER_INTENT=i7";
    std::string folder = "HERDER_CACHE_DIR=/cache";
    std::string size = "HERDER_CACHE_SIZE_MAX=";
    std::array<char*, 6> environment{urls.data(),   token.data(), intent.data(),
                                     folder.data(), size.data(),  nullptr};
    const auto settings = take_settings(environment.data(), "1");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->cache_variables,
              (std::map<std::string, std::string>{{"HERDER_CACHE_DIR", "/cache"}}));
}

TEST(AgentSettings, SaysWhatIsMissing) {
    std::array<char*, 1> none{nullptr};
    const auto settings = take_settings(none.data(), "1");
    ASSERT_FALSE(settings);
    EXPECT_NE(settings.error().message.find("HERDER_URLS"), std::string::npos);
}

}  // namespace
}  // namespace herder
