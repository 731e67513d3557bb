#include "adapters/objects/remote/base64_text.h"

#include <gtest/gtest.h>

namespace herder::remote {
namespace {

// The vectors of RFC 4648, section 10.
TEST(Base64Text, IsPadded) {
    const std::pair<const char*, const char*> known[]{{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : known) {
        EXPECT_EQ(to_base64(bytes), text);
        EXPECT_EQ(*from_base64(text), bytes);
    }
    EXPECT_EQ(to_base64("\xFB\xFF"), "+/8=");
    EXPECT_EQ(*from_base64("+/8="), "\xFB\xFF");
    EXPECT_FALSE(from_base64("-_8="));
    EXPECT_FALSE(from_base64("a b="));
}

}  // namespace
}  // namespace herder::remote
