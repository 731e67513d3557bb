#include "protocol/sealed_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

const std::string kKey(32, 'k');

TEST(SealedJson, OnlyTheSameTextLabelAndKeyPass) {
    const std::string sealed = seal_json(R"({"a":1})", "kind-1", kKey);
    EXPECT_TRUE(sealed.starts_with(R"({"a":1,"mac":")"));
    EXPECT_TRUE(is_sealed_json(sealed, "kind-1", kKey));
    EXPECT_FALSE(is_sealed_json(sealed, "kind-2", kKey));
    EXPECT_FALSE(is_sealed_json(sealed, "kind-1", std::string(32, 'x')));
    std::string changed = sealed;
    changed[5] = '2';
    EXPECT_FALSE(is_sealed_json(changed, "kind-1", kKey));
    EXPECT_FALSE(is_sealed_json("", "kind-1", kKey));
    EXPECT_FALSE(is_sealed_json(R"({"a":1})", "kind-1", kKey));
}

}  // namespace
}  // namespace herder::protocol
