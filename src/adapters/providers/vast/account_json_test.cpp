#include "adapters/providers/vast/account_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace herder::vast {
namespace {

using Names = std::vector<std::string>;

TEST(User, ReadsCreditAndTheAccountsOwnMarks) {
    const auto user = parse_user(R"({"id":123456,"key_id":987,"username":"acme",
      "email":"ops@acme.example","credit":41.237512,"balance":-0.5,"balance_threshold":10.0,
      "balance_threshold_enabled":true,"autobill_threshold":5.0,"autobill_amount":5.0,
      "ssh_key":"ssh-ed25519 AAAA...","sid":"...","tfa_enabled":false})");
    ASSERT_TRUE(user.has_value());
    EXPECT_EQ(user->key, 987);
    EXPECT_EQ(user->credit, usd_micros(41'237'512));
    EXPECT_EQ(user->balance, usd_micros(-500'000));
    EXPECT_EQ(user->warn_below, usd_cents(1'000));
    EXPECT_EQ(user->tops_up_by, usd_cents(500));
    EXPECT_EQ(to_account(*user).user, "acme");
}

TEST(User, ACreditIsNeverGuessed) {
    for (const char* body : {"", "[]", "{}", R"({"credit":null})", R"({"credit":"much"})"})
        EXPECT_EQ(parse_user(body).error().code, ErrorCode::kCorrupt) << body;
    EXPECT_EQ(parse_user(R"({"credit":"3.5","email":"a@b.example"})")->name, "a@b.example");
    EXPECT_EQ(parse_user(R"({"credit":0,"balance_threshold_enabled":false,"balance_threshold":1})")
                  ->warn_below,
              std::nullopt);
}

TEST(Secrets, OnlyNamesAreRead) {
    EXPECT_EQ(parse_secret_names(R"({"success":true,"secrets":{"HF_TOKEN":"*****"}})").value(),
              Names{"HF_TOKEN"});
    EXPECT_TRUE(parse_secret_names(R"({"success":true,"secrets":null})")->empty());
    EXPECT_FALSE(parse_secret_names(R"({"secrets":[1]})").has_value());
}

TEST(Rights, WhatIsMissingAndWhatIsMoreThanNeeded) {
    const auto keys = parse_account_keys(R"({"apikeys":[
      {"id":1,"name":"narrow","rights":{"api":{"misc":{},"instance_read":{},
        "instance_write":{"api.instance.destroy":{"constraints":{"id":{"eq":1227}}}}}}},
      {"id":2,"name":"wide","team_name":"acme","permissions":{"api":{"misc":{},"instance_read":{},
        "instance_write":{},"user_read":{},"user_write":{},"billing_read":{},"billing_write":{},
        "something_new":{}}}},
      {"id":3,"rights":"{\"api\":{\"misc\":{}}}"},
      {"id":4,"rights":"all"}]})");
    ASSERT_TRUE(keys.has_value());
    ASSERT_EQ(keys->size(), 4U);
    EXPECT_EQ(find_missing_rights(keys->at(0).rights),
              (Names{"instance_write", "user_read", "billing_read"}));
    EXPECT_EQ(find_spare_rights(keys->at(0).rights), Names{});
    EXPECT_EQ(find_missing_rights(keys->at(1).rights), Names{});
    EXPECT_EQ(find_spare_rights(keys->at(1).rights),
              (Names{"billing_write", "something_new", "user_write"}));
    EXPECT_EQ(keys->at(1).team, "acme");
    EXPECT_TRUE(keys->at(2).rights.categories.contains("misc")) << "an object in a string";
    EXPECT_FALSE(keys->at(3).rights.is_known);
    EXPECT_EQ(find_missing_rights(keys->at(3).rights), Names{}) << "nothing is known";
}

TEST(Rights, ANewKeyHasWhatIsNeededAndNoMore) {
    EXPECT_EQ(boost::json::parse(encode_new_key("herder", needed_rights()).value()),
              boost::json::parse(R"({"name":"herder","permissions":{"api":{"misc":{},
                "instance_read":{},"instance_write":{},"user_read":{},"billing_read":{}}}})"));
    EXPECT_EQ(encode_new_key("", needed_rights()).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(encode_new_key("x", {}).error().code, ErrorCode::kInvalid);
    const auto machine = boost::json::parse(encode_machine_key("m", {1227}).value());
    EXPECT_EQ(machine.at_pointer("/permissions/api/instance_write/api.instance.destroy"),
              boost::json::parse(R"({"constraints":{"id":{"eq":1227}}})"));
    EXPECT_EQ(encode_machine_key("m", {}).error().code, ErrorCode::kInvalid);
}

TEST(Rights, TheTextOfANewKeyMustBeThere) {
    const auto key =
        parse_new_key(R"({"success":true,"id":123,"key":"vast-abc","permissions":{}})");
    EXPECT_EQ(key->id, 123);
    EXPECT_EQ(key->key, "vast-abc");
    for (const char* body : {"{}", R"({"id":123})", R"({"id":0,"key":"x"})", "\"ok\""})
        EXPECT_EQ(parse_new_key(body).error().code, ErrorCode::kCorrupt) << body;
    EXPECT_EQ(parse_account_key(R"({"id":7,"name":"a\nb"})")->name, "a b");
}

}  // namespace
}  // namespace herder::vast
