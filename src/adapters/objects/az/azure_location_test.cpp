#include "adapters/objects/az/azure_location.h"

#include <gtest/gtest.h>

namespace herder::az {
namespace {

TEST(AzureLocation, IsReadAndWritten) {
    const auto plain = parse_location("az://account1/box/");
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_EQ(plain->account, "account1");
    EXPECT_EQ(plain->container, "box");
    EXPECT_EQ(plain->prefix, "");
    const std::string text = "az://account1/box/runs/a?endpoint=http%3A%2F%2F127.0.0.1%3A10000";
    const auto full = parse_location(text);
    ASSERT_TRUE(full) << full.error().message;
    EXPECT_EQ(full->prefix, "runs/a/");
    EXPECT_EQ(to_text(*full), text);
    EXPECT_EQ(
        parse_location("az://account1/box?endpoint=http://127.0.0.1:10000/account1")->endpoint,
        "http://127.0.0.1:10000");
}

TEST(AzureLocation, RefusalsSayHowToWriteIt) {
    for (const char* text :
         {"", "s3://b", "az://", "az://account1", "az://account1/", "az://Account/box",
          "az://account1/b", "az://account1/Box", "az://account1/box?endpoint=nowhere",
          "az://account1/box?region=here"}) {
        const auto location = parse_location(text);
        ASSERT_FALSE(location) << text;
        EXPECT_NE(location.error().message.find("az://ACCOUNT/CONTAINER/"), std::string::npos);
    }
    EXPECT_NE(parse_location("az://account1/box/a b").error().message.find("prefix"),
              std::string::npos);
}

TEST(AzureLocation, AContainerAloneTakesNoPartOfTheKey) {
    const auto box = container_of(*parse_bucket_address("az://account1/box/a b/../x"));
    ASSERT_TRUE(box) << box.error().message;
    EXPECT_EQ(*box, *parse_location("https://account1.blob.core.windows.net/box"));
    EXPECT_TRUE(is_azure("https://account1.blob.core.windows.net/box"));
    EXPECT_FALSE(is_azure("gs://account1/box"));
}

TEST(AzureLocation, TheHostOrThePathNamesTheAccount) {
    const auto azure = address_of(*parse_location("az://account1/box/runs"), "box", "runs/a b");
    EXPECT_EQ(azure->origin.origin(), "https://account1.blob.core.windows.net");
    EXPECT_EQ(azure->path, "/box/runs/a%20b");
    const auto emulator =
        address_of(*parse_location("az://account1/box?endpoint=http://127.0.0.1:10000"), "box", "");
    EXPECT_EQ(emulator->path, "/account1/box");
    EXPECT_EQ(address_of(*parse_location("az://account1/box"), "", "")->path, "/");
}

}  // namespace
}  // namespace herder::az
