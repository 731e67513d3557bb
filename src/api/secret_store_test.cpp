#include "api/secret_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "base/random.h"

namespace herder::api {
namespace {

namespace fs = std::filesystem;

class SecretStoreTest : public testing::Test {
  protected:
    SecretStoreTest() {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    SecretStore open() {
        return SecretStore({folder_, [this](std::size_t size) {
                                std::string bytes;
                                while (bytes.size() < size)
                                    bytes.push_back(static_cast<char>(mix64(++draws_)));
                                return bytes;
                            }});
    }
    std::string file(const std::string& name) const {
        std::ifstream in(folder_ + "/" + name, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    std::string folder_ = testing::TempDir() + "secret-store";
    std::uint64_t draws_ = 0;
    const WallTime now_{1'790'000'000'000'000};
};

TEST_F(SecretStoreTest, KeepsValuesOverRestarts) {
    {
        SecretStore store = open();
        ASSERT_TRUE(store.set("HF_TOKEN", "hf_one-two", now_));
        ASSERT_TRUE(store.set("HF_TOKEN", "hf_three-four", now_));
        ASSERT_TRUE(store.set("WANDB", "wandb-value", now_));
    }
    SecretStore store = open();
    EXPECT_EQ(store.get("HF_TOKEN").value_or(""), "hf_three-four");
    ASSERT_EQ(store.list()->size(), 2U);
    EXPECT_EQ(store.list()->front().name, "HF_TOKEN");
    EXPECT_EQ(store.list()->front().updated, now_);
    EXPECT_TRUE(store.has("WANDB"));
    ASSERT_TRUE(store.remove("WANDB"));
    EXPECT_FALSE(open().has("WANDB"));
    EXPECT_EQ(store.remove("WANDB").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store.get("WANDB").error().code, ErrorCode::kNotFound);
}

TEST_F(SecretStoreTest, NoFileHoldsAValueAndBothAreForTheirOwnerAlone) {
    SecretStore store = open();
    const std::string value = "hf_canary-0123456789";
    ASSERT_TRUE(store.set("HF_TOKEN", value, now_));
    for (const auto& entry : fs::directory_iterator(folder_)) {
        const std::string text = file(entry.path().filename());
        for (const std::string& form : {value, to_hex(value), to_base64url(value)})
            EXPECT_EQ(text.find(form), text.npos) << entry.path();
        EXPECT_EQ(fs::status(entry.path()).permissions(),
                  fs::perms::owner_read | fs::perms::owner_write);
    }
    EXPECT_EQ(file("secrets.json").find("keys"), std::string::npos);
}

TEST_F(SecretStoreTest, RotationSealsEverythingAnewAndForgetsTheOldKey) {
    SecretStore store = open();
    ASSERT_TRUE(store.set("A_TOKEN", "first-value", now_));
    ASSERT_TRUE(store.set("B_TOKEN", "second-value", now_));
    const std::string old_key = file("secrets.key");
    const std::string old_values = file("secrets.json");
    EXPECT_EQ(store.rotate_key().value_or(0), 2U);
    EXPECT_NE(file("secrets.key"), old_key);
    EXPECT_EQ(file("secrets.key").size(), old_key.size());  // one key
    EXPECT_NE(file("secrets.json"), old_values);
    EXPECT_EQ(open().get("A_TOKEN").value_or(""), "first-value");
    std::ofstream(folder_ + "/secrets.key") << old_key;
    EXPECT_EQ(open().get("A_TOKEN").error().code, ErrorCode::kCorrupt);
}

// A crash between the steps of a rotation leaves one of these.
TEST_F(SecretStoreTest, ARotationThatWasBrokenOffLosesNothing) {
    SecretStore store = open();
    ASSERT_TRUE(store.set("A_TOKEN", "first-value", now_));
    const std::string old_values = file("secrets.json");
    std::string key = file("secrets.key");
    const std::string fresh = to_base64url(std::string(32, 'k'));
    key.insert(key.find('[') + 1, "\"" + fresh + "\",");
    std::ofstream(folder_ + "/secrets.key") << key;  // both keys, old values
    EXPECT_EQ(open().get("A_TOKEN").value_or(""), "first-value");
    EXPECT_EQ(open().rotate_key().value_or(0), 1U);
    EXPECT_EQ(open().get("A_TOKEN").value_or(""), "first-value");
}

TEST_F(SecretStoreTest, RefusesNamesAndValuesThatCannotWork) {
    SecretStore store = open();
    for (const char* name : {"", "1ST", "a-b", "../x", "a b"})
        EXPECT_EQ(store.set(name, "long-enough", now_).error().code, ErrorCode::kInvalid) << name;
    EXPECT_FALSE(store.set("A", "short", now_));
    EXPECT_FALSE(store.set("A", std::string("with\0nul", 8), now_));
    EXPECT_FALSE(store.set("A", "not utf-8 \xff\xfe", now_));
    EXPECT_FALSE(store.set("A", "over-long \xc0\xaf", now_));
    EXPECT_FALSE(store.set("A", std::string(kSecretSizeMax + 1, 'x'), now_));
    const Status said = store.set("A", "tiny", now_);
    EXPECT_EQ(said.error().message.find("tiny"), std::string::npos) << "the value was repeated";
    EXPECT_TRUE(store.set("A", "ümläut-€-😀", now_));
    EXPECT_TRUE(store.list()->size() == 1U);
}

}  // namespace
}  // namespace herder::api
