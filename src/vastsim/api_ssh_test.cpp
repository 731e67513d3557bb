#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

std::size_t keys_on(const Json& reply) {
    return reply.find("ssh_keys")->if_array()->size();
}

TEST_F(ApiTest, AccountKeysAreInstalledAtCreation) {
    const ContractNumber id = rent_one();
    const std::string path = instance_path(id) + "ssh/";
    EXPECT_EQ(keys_on(json(call("GET", path))), 1U);
    const Json added = json(call("POST", "/api/v0/ssh/", R"({"ssh_key":"ssh-ed25519 B"})"));
    EXPECT_EQ(text(*added.find("key"), "public_key"), "ssh-ed25519 B");
    EXPECT_EQ(keys_on(json(call("GET", path))), 1U) << "a later key does not reach it";
    EXPECT_EQ(text(json(call("POST", path, R"({"ssh_key":"ssh-rsa C"})")), "msg"),
              "SSH key attached successfully");
    const Json keys = json(call("GET", path));
    EXPECT_EQ(keys_on(keys), 2U);
    const std::string key = keys.find("ssh_keys")->if_array()->back().find("id")->to_text();
    EXPECT_EQ(call("DELETE", path + key + "/").status, 200);
    EXPECT_EQ(text(json(call("DELETE", path + key + "/")), "error"), "no_such_ssh_key");
    EXPECT_EQ(text(json(call("POST", "/api/v0/ssh/", "{}")), "error"), "no_ssh_key");
}

TEST_F(ApiTest, WithoutAnyKeyTheListIs404) {
    const Json rows = json(call("GET", "/api/v0/ssh/"));
    const std::string id = rows.if_array()->front().find("id")->to_text();
    EXPECT_EQ(call("PUT", "/api/v0/ssh/" + id + "/", R"({"ssh_key":"/home/me/key.pub"})").status,
              200)
        << "stored verbatim";
    EXPECT_EQ(call("DELETE", "/api/v0/ssh/" + id + "/").status, 200);
    EXPECT_EQ(text(json(call("GET", "/api/v0/ssh/")), "msg"), "No SSH keys found for the user.");
}

class KeysReachAll : public ApiTest {
  protected:
    static Scenario switched() {
        Scenario s = calm_scenario();
        s.ssh_key_reaches_all = true;
        return s;
    }
    KeysReachAll() : ApiTest(switched()) {}
};

TEST_F(KeysReachAll, WhenTheSwitchSaysSo) {
    const ContractNumber id = rent_one();
    call("POST", "/api/v0/ssh/", R"({"ssh_key":"ssh-ed25519 B"})");
    EXPECT_EQ(keys_on(json(call("GET", instance_path(id) + "ssh/"))), 2U);
}

}  // namespace
}  // namespace herder::vastsim
