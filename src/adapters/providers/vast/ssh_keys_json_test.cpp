#include "adapters/providers/vast/ssh_keys_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

TEST(SshKeys, TheListIsBareAndDeletedOnesAreLeftOut) {
    const auto keys = parse_ssh_keys(R"([
      {"id":1,"user_id":5,"key":"ssh-ed25519 AAAAC3 a","created_at":1,"deleted_at":null},
      {"id":2,"key":"ssh-ed25519 AAAAC3 b","deleted_at":"2026-01-01"}])");
    EXPECT_EQ(keys.value(), (std::vector<SshKey>{{.id = 1, .text = "ssh-ed25519 AAAAC3 a"}}));
    EXPECT_FALSE(parse_ssh_keys("{}").has_value());
}

TEST(SshKeys, AnAddedKeyIsReadBack) {
    const auto key = parse_added_ssh_key(
        R"({"success":true,"key":{"id":9,"user_id":5,"public_key":"ssh-rsa AAAA x"}})");
    EXPECT_EQ(key.value(), (SshKey{.id = 9, .text = "ssh-rsa AAAA x"}));
    EXPECT_FALSE(parse_added_ssh_key(R"({"success":true})").has_value());
}

TEST(SshKeys, OnlyPublicKeysAreSent) {
    EXPECT_EQ(encode_ssh_key(" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host\n").value(),
              R"({"ssh_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host"})");
    for (const char* text :
         {"", "~/.ssh/id_ed25519.pub", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "ssh-rsa",
          "ssh-rsa BBBBB3NzaC1yc2EAAAA", "ssh-rsa AAAAB3NzaC1yc2EAAAA\nssh-rsa AAAA"})
        EXPECT_EQ(encode_ssh_key(text).error().code, ErrorCode::kInvalid) << text;
}

}  // namespace
}  // namespace herder::vast
