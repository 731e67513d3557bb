#include "protocol/join_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(JoinJson, SomeOutputsAreAskedForInOneRequest) {
    SignRequest request;
    request.outputs.assign(kOutputsAskedMax, std::string(300, 'x'));
    EXPECT_TRUE(parse_sign_request(to_json(request)));
    request.outputs.emplace_back("one more");
    EXPECT_FALSE(parse_sign_request(to_json(request)));
}

TEST(JoinJson, JoinSurvives) {
    const JoinRequest request{1, "0.1.0", {"a"}, {7}, "secret", {1234}};
    EXPECT_EQ(*parse_join_request(to_json(request)), request);
    const JoinResponse response{1, "key", {1}, {2}, "PEM"};
    EXPECT_EQ(*parse_join_response(to_json(response)), response);
    EXPECT_EQ(parse_sign_request(to_json(SignRequest{{"a", "b"}}))->outputs.size(), 2U);
    const SignRequest sized{{"a", "b"}, {1, 1LL << 40}};
    EXPECT_EQ(*parse_sign_request(to_json(sized)), sized);
    EXPECT_FALSE(parse_sign_request(to_json(SignRequest{{"a", "b"}, {1}})));
    EXPECT_EQ(parse_sign_response(to_json(SignResponse{{"/x"}}))->urls.size(), 1U);
    EXPECT_EQ(parse_log_answer(to_json(LogAnswer{77}))->next, 77U);
}

}  // namespace
}  // namespace herder::protocol
