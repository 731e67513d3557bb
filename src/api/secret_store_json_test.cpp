// What the store says of files that are damaged, absent or of another version.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "api/secret_store.h"

namespace herder::api {
namespace {

namespace fs = std::filesystem;

class SecretFilesTest : public testing::Test {
  protected:
    SecretFilesTest() {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
        EXPECT_TRUE(open().set("A_TOKEN", "first-value", WallTime{1}));
    }
    SecretStore open() const {
        return SecretStore({folder_, [](std::size_t size) { return std::string(size, 'r'); }});
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
    }
    std::string folder_ = testing::TempDir() + "secret-files";
};

TEST_F(SecretFilesTest, ALostKeyIsToldAndNothingIsOverwritten) {
    fs::remove(folder_ + "/secrets.key");
    SecretStore store = open();
    const auto value = store.get("A_TOKEN");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(value.error().message.find("secrets.key is missing"), std::string::npos);
    EXPECT_FALSE(store.set("B_TOKEN", "second-value", WallTime{2}));
    EXPECT_FALSE(fs::exists(folder_ + "/secrets.key"));
}

TEST_F(SecretFilesTest, DamageIsNoEmptyStore) {
    for (const char* text : {"", "{", "[]", R"({"format":"herder-secrets/1"})",
                             R"({"format":"herder-secrets/2","secrets":[]})",
                             R"({"format":"herder-secrets/1","secrets":[7]})",
                             R"({"format":"herder-secrets/1","secrets":[{"name":"a b"}]})"}) {
        write("secrets.json", text);
        SecretStore store = open();
        EXPECT_EQ(store.list().error().code, ErrorCode::kCorrupt) << text;
        EXPECT_FALSE(store.set("B_TOKEN", "second-value", WallTime{2})) << text;
        EXPECT_FALSE(store.has("A_TOKEN")) << text;
    }
}

TEST_F(SecretFilesTest, AKeyThatIsNoneIsTold) {
    write("secrets.key", R"({"format":"herder-secrets-key/1","keys":["c2hvcnQ"]})");
    EXPECT_EQ(open().get("A_TOKEN").error().code, ErrorCode::kCorrupt);
    write("secrets.key", R"({"format":"herder-secrets-key/1","keys":[]})");
    EXPECT_EQ(open().get("A_TOKEN").error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace herder::api
