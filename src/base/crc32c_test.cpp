#include <gtest/gtest.h>

#include <vector>

#include "base/digest.h"
#include "base/random.h"

namespace herder {
namespace {

// Bit by bit, as RFC 3720 defines it.
std::uint32_t plainly(std::string_view data) {
    std::uint32_t crc = ~0U;
    for (const char c : data) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78U : crc >> 1;
    }
    return ~crc;
}

std::string noise(std::size_t size) {
    RandomStream stream(7, "crc32c");
    std::string text(size, '\0');
    for (char& c : text)
        c = static_cast<char>(stream.between(0, 255));
    return text;
}

TEST(Crc32c, IsTheSameAtEveryLengthAndPlace) {
    const std::string text = noise(200'000);
    // Around one, two and three lanes, several rounds of them, and what is left over.
    const std::vector<std::size_t> sizes{0,      1,      7,      8,      8191,   8192,   24'575,
                                         24'576, 24'577, 49'152, 49'159, 73'732, 199'990};
    for (const std::size_t size : sizes) {
        for (const std::size_t from : std::vector<std::size_t>{0, 1, 3, 8}) {
            const std::string_view part = std::string_view(text).substr(from, size);
            ASSERT_EQ(crc32c(part), plainly(part)) << size << " from " << from;
        }
    }
}

TEST(Crc32c, GoesOnWhereItStopped) {
    const std::string text = noise(100'000);
    for (const std::size_t cut : std::vector<std::size_t>{0, 5, 24'576, 60'001, 100'000}) {
        const std::uint32_t first = crc32c(std::string_view(text).substr(0, cut));
        EXPECT_EQ(crc32c(std::string_view(text).substr(cut), first), crc32c(text)) << cut;
    }
}

}  // namespace
}  // namespace herder
