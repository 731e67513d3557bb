#include "adapters/providers/vast/api_key.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace herder::vast {
namespace {

class ApiKeyTest : public testing::Test {
  protected:
    void SetUp() override {
        const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
        home_ = std::filesystem::path(testing::TempDir()) / ("vast-key-" + name);
        std::filesystem::remove_all(home_);
        std::filesystem::create_directories(home_ / "xdg/vastai");
        environment_ = {{"HOME", home_.string()}, {"XDG_CONFIG_HOME", (home_ / "xdg").string()}};
    }
    void TearDown() override { std::filesystem::remove_all(home_); }

    void write(const std::string& file, const std::string& text) {
        std::ofstream(home_ / file) << text;
    }
    Result<ApiKey> find() {
        return find_api_key([this](const char* name) -> std::optional<std::string> {
            const auto at = environment_.find(name);
            if (at == environment_.end()) return std::nullopt;
            return at->second;
        });
    }

    std::filesystem::path home_;
    std::map<std::string, std::string> environment_;
};

TEST_F(ApiKeyTest, TheVariableWinsAndSaysWhatItHides) {
    environment_["VAST_API_KEY"] = " from-variable\n";
    write("xdg/vastai/vast_api_key", "stored\n");
    const auto key = find();
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(key->key, "from-variable");
    EXPECT_EQ(key->source, "VAST_API_KEY");
    EXPECT_EQ(key->hides, (home_ / "xdg/vastai/vast_api_key").string());
}

TEST_F(ApiKeyTest, TheSameStoredKeyIsNotHidden) {
    environment_["VAST_API_KEY"] = "same";
    write(".vast_api_key", "same\n");
    EXPECT_EQ(find()->hides, "");
}

TEST_F(ApiKeyTest, TheConfigFolderComesBeforeTheOldFile) {
    write("xdg/vastai/vast_api_key", "new\n");
    write(".vast_api_key", "old\n");
    EXPECT_EQ(find()->key, "new");
    std::filesystem::remove(home_ / "xdg/vastai/vast_api_key");
    EXPECT_EQ(find()->key, "old");
    EXPECT_EQ(find()->source, (home_ / ".vast_api_key").string());
}

TEST_F(ApiKeyTest, WithoutTheFolderVariableDotConfigIsUsed) {
    environment_.erase("XDG_CONFIG_HOME");
    std::filesystem::create_directories(home_ / ".config/vastai");
    write(".config/vastai/vast_api_key", "dot-config");
    EXPECT_EQ(find()->key, "dot-config");
}

TEST_F(ApiKeyTest, NoKeyTellsWhatToDo) {
    write(".vast_api_key", "\n");
    const auto key = find();
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().code, ErrorCode::kUnauthenticated);
    EXPECT_NE(key.error().message.find("VAST_API_KEY"), std::string::npos);
}

TEST_F(ApiKeyTest, AKeyThatWouldBreakAHeaderIsRefusedWithoutBeingPrinted) {
    environment_["VAST_API_KEY"] = "abc\r\nX-Other: 1";
    const auto key = find();
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().message.find("abc"), std::string::npos);
}

TEST_F(ApiKeyTest, AContextsKeyComesFromItsOwnPlaceAndFromNowhereElse) {
    environment_["VAST_API_KEY"] = "of-another-account";
    write("prod.key", "of-prod\n");
    const auto lookup = [this](const char* name) -> std::optional<std::string> {
        const auto at = environment_.find(name);
        if (at == environment_.end()) return std::nullopt;
        return at->second;
    };
    EXPECT_EQ(read_key_file((home_ / "prod.key").string())->key, "of-prod");
    EXPECT_EQ(read_key_file((home_ / "none").string()).error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(read_key_variable("VAST_KEY_PROD", lookup).error().code, ErrorCode::kUnauthenticated);
    environment_["VAST_KEY_PROD"] = "of-prod";
    EXPECT_EQ(read_key_variable("VAST_KEY_PROD", lookup)->key, "of-prod");
}

}  // namespace
}  // namespace herder::vast
