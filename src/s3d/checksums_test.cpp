#include "s3d/checksums.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace herder::s3d {
namespace {

std::string hex(Algorithm algorithm, std::string_view data) {
    return to_hex(digest_of(algorithm, data));
}

// The check values of the catalogue of parametrised CRC algorithms, and RFC 1321 and RFC 3174.
TEST(Checksums, MatchThePublishedCheckValues) {
    EXPECT_EQ(hex(Algorithm::kCrc32, "123456789"), "cbf43926");
    EXPECT_EQ(hex(Algorithm::kCrc32c, "123456789"), "e3069283");
    EXPECT_EQ(hex(Algorithm::kCrc64Nvme, "123456789"), "ae8b14860a799888");
    EXPECT_EQ(hex(Algorithm::kMd5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex(Algorithm::kSha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Checksums, PiecesGiveTheSameAsTheWhole) {
    for (const Algorithm algorithm : wire_algorithms()) {
        Digest digest(algorithm);
        digest.update("1234");
        digest.update("");
        digest.update("56789");
        EXPECT_EQ(digest.finish(), digest_of(algorithm, "123456789")) << name_of(algorithm);
        EXPECT_EQ(algorithm_of(name_of(algorithm)), algorithm);
    }
    EXPECT_EQ(algorithm_of("md5"), std::nullopt);
}

TEST(Checksums, Base64GoesBothWays) {
    for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
        EXPECT_EQ(*from_base64(to_base64(text)), text);
    EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
    EXPECT_FALSE(from_base64("Zm9v*g=="));
}

}  // namespace
}  // namespace herder::s3d
