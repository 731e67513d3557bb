#include "base/digest.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace herder {
namespace {

TEST(Digest, KnownVectors) {
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(hmac_sha256("key", "The quick brown fox jumps over the lazy dog")),
              "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);  // RFC 3720, appendix B.4 check value
}

TEST(Digest, StreamsAndChainsGiveTheSameAsOneCall) {
    const std::string data(1000, 'x');
    Sha256Stream stream;
    stream.update(data.substr(0, 13));
    stream.update(data.substr(13));
    EXPECT_EQ(stream.finish_hex(), sha256_hex(data));
    EXPECT_EQ(crc32c(data.substr(13), crc32c(data.substr(0, 13))), crc32c(data));
}

TEST(Digest, ComparesSecrets) {
    EXPECT_TRUE(equal_secret("abc", "abc"));
    EXPECT_FALSE(equal_secret("abc", "abd"));
    EXPECT_FALSE(equal_secret("abc", "ab"));
}

}  // namespace
}  // namespace herder
