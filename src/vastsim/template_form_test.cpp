#include "vastsim/template_form.h"

#include <gtest/gtest.h>

namespace herder::vastsim {
namespace {

TEST(TemplateForm, DockerFlagsAsText) {
    const auto env = parse_env_flags("-e A=b -e Q=\"x\" -p 8080:8080 -h box");
    ASSERT_EQ(env.size(), 4U);
    EXPECT_EQ(env[0], (std::pair<std::string, std::string>{"A", "b"}));
    EXPECT_EQ(env[1].second, "x");
    EXPECT_EQ(env[2], (std::pair<std::string, std::string>{"-p 8080:8080", "1"}));
    EXPECT_EQ(env[3].first, "-h box");
}

TEST(TemplateForm, TheRequestWinsAndEnvIsMergedByKey) {
    Account account("k", {});
    account.templates.push_back(
        {.id = 7,
         .hash = "h7",
         .fields =
             *parse_json(R"({"name":"base","image":"pytorch","tag":"2.4","env":"-e A=1 -e B=2",
                                   "onstart":"from template"})"),
         .created = {}});
    const auto body = *parse_json(R"({"template_hash_id":"h7","env":{"B":"3"},"onstart":"mine"})");
    const auto merged = merge_template(account, body);
    ASSERT_TRUE(merged);
    EXPECT_EQ(*merged->find("image"), Json("pytorch:2.4"));
    EXPECT_EQ(*merged->find("onstart"), Json("mine"));
    EXPECT_EQ(merged->find("env")->to_text(), R"({"A":"1","B":"3"})");
    CreateRequest request;
    note_template(account, body, request);
    EXPECT_EQ(request.template_id, 7);
    EXPECT_EQ(request.template_name, "base");
    EXPECT_FALSE(merge_template(account, *parse_json(R"({"template_hash_id":"no"})")));
    EXPECT_TRUE(merge_template(account, *parse_json(R"({"image":"x"})")));
}

}  // namespace
}  // namespace herder::vastsim
