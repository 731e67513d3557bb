#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

TEST_F(ApiTest, SecretsAreMaskedAndTheirErrorsNamed) {
    const char* path = "/api/v0/secrets/";
    const auto error = [&](const char* method, const char* body) {
        return text(json(call(method, path, body)), "error");
    };
    EXPECT_EQ(call("POST", path, R"({"key":"hf_token","value":"abc.1"})").status, 200);
    EXPECT_EQ(call("GET", path).body, R"({"success":true,"secrets":{"HF_TOKEN":"*****"}})");
    EXPECT_EQ(error("POST", R"({"key":"HF_TOKEN","value":"x"})"), "existing_key");
    EXPECT_EQ(error("POST", R"({"key":"A"})"), "missing_input");
    EXPECT_EQ(error("POST", R"({"key":"A","value":""})"), "empty_input");
    EXPECT_EQ(error("POST", R"({"key":"A","value":"a b"})"), "invalid_characters");
    EXPECT_EQ(error("PUT", R"({"key":"NO","value":"x"})"), "nonexistent_key");
    EXPECT_EQ(call("PUT", path, R"({"key":"HF_TOKEN","value":"x"})").status, 200);
    EXPECT_EQ(call("DELETE", path, R"({"key":"HF_TOKEN"})").status, 200);
    EXPECT_EQ(error("DELETE", R"({"key":"HF_TOKEN"})"), "nonexistent_key");
}

}  // namespace
}  // namespace herder::vastsim
