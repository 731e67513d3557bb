#include "base/crc32c_combine.h"

#include <gtest/gtest.h>

#include <string>

#include "base/digest.h"

namespace herder {
namespace {

TEST(CombineCrc32c, GivesTheChecksumOfBothTogether) {
    for (const std::size_t first : {0U, 1U, 7U, 4096U, 100'003U}) {
        for (const std::size_t second : {0U, 1U, 63U, 65'536U, 131'071U}) {
            std::string text;
            for (std::size_t i = 0; i < first + second; ++i)
                text += static_cast<char>(i * 2654435761U >> 7U);
            const std::uint32_t a = crc32c(text.substr(0, first));
            const std::uint32_t b = crc32c(text.substr(first));
            EXPECT_EQ(combine_crc32c(a, b, second), crc32c(text)) << first << " + " << second;
        }
    }
}

TEST(CombineCrc32c, NoticesOrder) {
    const std::uint32_t a = crc32c("first");
    const std::uint32_t b = crc32c("after");
    EXPECT_NE(combine_crc32c(a, b, 5), combine_crc32c(b, a, 5));
}

}  // namespace
}  // namespace herder
