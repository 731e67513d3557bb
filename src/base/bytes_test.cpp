#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace herder {
namespace {

TEST(BytesText, ParsesSizesWithUnitsAndRefusesNonsense) {
    EXPECT_EQ(parse_bytes("200GB").value(), gigabytes(200));
    EXPECT_EQ(parse_bytes("64 MiB").value(), Bytes{64 << 20});
    EXPECT_EQ(parse_bytes("10", gigabytes(1)).value(), gigabytes(10));
    for (const char* bad : {"", "GB", "-1", "10XB", "9999999999999999TB"}) {
        EXPECT_FALSE(parse_bytes(bad)) << bad;
    }
    EXPECT_EQ(to_text(gigabytes(200)), "200 GB");
    EXPECT_EQ(to_text(Bytes{1536}), "1.5 kB");
}

TEST(BytesText, EncodingsRoundTrip) {
    RandomStream random(7, "bytes");
    for (std::size_t size = 0; size < 40; ++size) {
        std::string data;
        for (std::size_t i = 0; i < size; ++i)
            data += static_cast<char>(random.next());
        EXPECT_EQ(from_hex(to_hex(data)).value(), data);
        EXPECT_EQ(from_base64url(to_base64url(data)).value(), data);
    }
    EXPECT_EQ(to_base32("foobar"), "cpnmuoj1e8");  // RFC 4648 section 10, lower case, unpadded
    EXPECT_FALSE(from_hex("abc"));
    EXPECT_FALSE(from_base64url("a+b"));
}

}  // namespace
}  // namespace herder
