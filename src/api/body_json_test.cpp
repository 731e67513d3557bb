#include "api/body_json.h"

#include <gtest/gtest.h>

namespace herder::api {
namespace {

namespace json = boost::json;

TEST(BodyReader, SaysWhereABodyIsNotJson) {
    for (const auto& [text, line, column] : std::vector<std::tuple<const char*, int, int>>{
             {"{\n  \"a\": nope}", 2, 9}, {"{\"a\": 1", 1, 8}, {"{} {}", 1, 4}}) {
        BodyReader body;
        EXPECT_FALSE(body.parse(text));
        ASSERT_EQ(body.problem().complaints.size(), 1U) << text;
        EXPECT_EQ(body.problem().complaints[0].line, line) << text;
        EXPECT_NEAR(body.problem().complaints[0].column, column, 1) << text;
    }
    BodyReader body;
    EXPECT_FALSE(body.parse("[1]"));
    EXPECT_EQ(body.problem().error.message, "the body is not a JSON object");
}

TEST(BodyReader, ComplainsAboutUnknownKeysAndWrongTypes) {
    BodyReader body;
    const auto object = body.parse(R"({"name":"x","limmit":"1","user":7,"sure":"yes","a/b":1})");
    ASSERT_TRUE(object);
    body.check_keys(*object, "/budgets/0", {"name", "limit", "user", "sure"});
    EXPECT_EQ(body.text(*object, "/budgets/0", "name"), "x");
    EXPECT_EQ(body.text(*object, "/budgets/0", "absent"), "");
    (void)body.text(*object, "/budgets/0", "user");
    (void)body.flag(*object, "/budgets/0", "sure");
    const std::vector<Complaint> wrong = body.problem().complaints;
    ASSERT_EQ(wrong.size(), 4U);
    EXPECT_EQ(wrong[0].pointer, "/budgets/0/limmit");
    EXPECT_EQ(wrong[0].suggestion, "limit");
    EXPECT_EQ(wrong[1].pointer, "/budgets/0/a~1b");
    EXPECT_EQ(wrong[2].pointer, "/budgets/0/user");
    EXPECT_EQ(wrong[3].message, "'sure' is not true or false");
}

TEST(BodyReader, FindsWhatWasNotUnderstood) {
    BodyReader body;
    const json::value said = json::parse(R"({"run":"x","any_of":[{"gpu":"A","disk":1}],"hm":1})");
    const json::value meant = json::parse(R"({"run":"x","any_of":[{"gpu_name":"","disk":1}]})");
    body.check_understood(said, meant, "/spec");
    const std::vector<Complaint> wrong = body.problem().complaints;
    ASSERT_EQ(wrong.size(), 2U);
    EXPECT_EQ(wrong[0].pointer, "/spec/hm");
    EXPECT_EQ(wrong[1].pointer, "/spec/any_of/0/gpu");
}

}  // namespace
}  // namespace herder::api
