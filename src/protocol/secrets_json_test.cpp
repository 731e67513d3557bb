#include "protocol/secrets_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(SecretsJson, SurvivesTheWay) {
    const SecretsResponse given{{{"HF_TOKEN", "hf_\"quoted\"\n", true}, {"KEY", "ä", false}}};
    const auto read = parse_secrets_response(to_json(given));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, given);
}

TEST(SecretsJson, WhatIsNoneSaysSoWithoutRepeatingIt) {
    const auto read = parse_secrets_response(R"({"secrets":"hf_secret"})");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message.find("hf_secret"), std::string::npos);
}

}  // namespace
}  // namespace herder::protocol
