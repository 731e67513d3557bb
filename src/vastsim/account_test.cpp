#include "vastsim/account.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

ApiKey key_with(const std::string& permissions) {
    return {.id = 1,
            .name = "k",
            .key = "x",
            .permissions = parse_json(permissions).value(),
            .created = {}};
}

TEST(ApiKey, GrantsWholeGroupsAndNothingElse) {
    const ApiKey key = key_with(R"({"api":{"misc":{},"instance_read":{}}})");
    EXPECT_TRUE(key.allows("misc", "", 0));
    EXPECT_TRUE(key.allows("instance_read", "api.instance.show", 7));
    EXPECT_FALSE(key.allows("instance_write", "", 0));
}

TEST(ApiKey, ANarrowedGroupReachesTheNamedEndpointsWithinTheirConstraints) {
    const ApiKey key = key_with(
        R"({"api":{"instance_read":{"api.instance.request_logs":{"constraints":{"id":{"eq":1227}}},
            "api.instance.show":{"constraints":{"id":{"gte":10,"lte":20}}}}}})");
    EXPECT_TRUE(key.allows("instance_read", "api.instance.request_logs", 1227));
    EXPECT_FALSE(key.allows("instance_read", "api.instance.request_logs", 1228));
    EXPECT_TRUE(key.allows("instance_read", "api.instance.show", 20));
    EXPECT_FALSE(key.allows("instance_read", "api.instance.show", 21));
    EXPECT_FALSE(key.allows("instance_read", "", 15));
}

TEST(Account, KeysComeAndGoAndTheMainKeyMayDoEverything) {
    Account account("main", {});
    ASSERT_NE(account.find_key("main"), nullptr);
    EXPECT_TRUE(account.find_key("main")->allows("user_write", "", 0));
    const ApiKey made = account.add_key("ci", Json::object(), {});
    EXPECT_TRUE(made.key.starts_with("vast-"));
    EXPECT_NE(account.find_key(made.key), nullptr);
    EXPECT_TRUE(account.remove_key(made.id));
    EXPECT_FALSE(account.remove_key(made.id));
    EXPECT_EQ(account.find_key(made.key), nullptr);
    account.reset_main_key();
    EXPECT_EQ(account.find_key("main"), nullptr);
    EXPECT_EQ(account.keys().front().key.size(), 64U);
}

}  // namespace
}  // namespace herder::vastsim
