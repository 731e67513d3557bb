#include "adapters/providers/vast/templates_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

TEST(Templates, AreListed) {
    const auto all = parse_templates(R"({"success":true,"templates_found":1,"templates":[
      {"id":101,"hash_id":"abc","name":"herder","image":"debian","env":"-e A=b","private":true}]})");
    EXPECT_EQ(
        all.value(),
        (std::vector<Template>{{.id = 101, .hash = "abc", .name = "herder", .image = "debian"}}));
    EXPECT_FALSE(parse_templates("[]").has_value());
}

TEST(Templates, VariablesBecomeDockerFlags) {
    const TemplateDraft draft{
        .name = "n", .image = "i", .onstart = "", .env = {{"A", "b c"}, {"-p 8080:8080", "1"}}};
    EXPECT_EQ(encode_template(draft).value(),
              R"({"name":"n","image":"i","onstart":"","env":"-e A='b c' -p 8080:8080"})");
    TemplateDraft quoted = draft;
    quoted.env = {{"A", "it's"}};
    EXPECT_EQ(encode_template(quoted).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(encode_template({}).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(encode_template_id(7), R"({"template_id":7})");
}

}  // namespace
}  // namespace herder::vast
