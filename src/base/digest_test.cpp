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

// RFC 4231, test cases 1 and 6: a key that is padded, and one that is hashed first.
TEST(Digest, AMacTakesKeysOfAnyLength) {
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                                 "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, ComparesSecrets) {
    EXPECT_TRUE(equal_secret("abc", "abc"));
    EXPECT_FALSE(equal_secret("abc", "abd"));
    EXPECT_FALSE(equal_secret("abc", "ab"));
}

}  // namespace
}  // namespace herder
