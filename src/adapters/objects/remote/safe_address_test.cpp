#include "adapters/objects/remote/safe_address.h"

#include <gtest/gtest.h>

namespace herder::remote {
namespace {

bool is_safe(const std::string& url) {
    return keeps_secrets(*http::parse_url(url));
}

TEST(SafeAddress, IsEncryptedOrOnThisMachine) {
    for (const char* url : {"https://example.org", "http://127.0.0.1:80", "http://127.1.2.3",
                            "http://[::1]:8080", "http://localhost:1", "http://LOCALHOST"})
        EXPECT_TRUE(is_safe(url)) << url;
}

TEST(SafeAddress, NoNameThatOnlyLooksLikeThisMachine) {
    for (const char* url :
         {"http://127.evil.example", "http://127.0.0.1.evil.example", "http://127.0.0.1.",
          "http://127.0.0.256", "http://128.0.0.1", "http://localhost.evil.example",
          "http://evil.localhost", "http://[::2]", "http://example.org"})
        EXPECT_FALSE(is_safe(url)) << url;
}

TEST(SafeAddress, ANumberIsNoName) {
    EXPECT_TRUE(is_loopback_number("127.0.0.1"));
    EXPECT_TRUE(is_loopback_number("::1"));
    EXPECT_FALSE(is_loopback_number("localhost"));
    EXPECT_FALSE(is_loopback_number(""));
}

}  // namespace
}  // namespace herder::remote
