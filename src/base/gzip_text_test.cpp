#include "base/gzip_text.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace herder {
namespace {

std::string noise(std::size_t size) {
    std::string text;
    for (std::uint64_t i = 1; text.size() < size; ++i)
        text.push_back(static_cast<char>(mix64(i)));
    return text;
}

TEST(GzipText, ComesBackAsItWas) {
    for (const std::string& text :
         {std::string(), std::string("a"), std::string(100'000, 'x'), noise(100'000)}) {
        const std::string packed = gzip_text(text);
        EXPECT_EQ(gunzip_text(packed, 100'000).value_or("?"), text);
    }
    EXPECT_LT(gzip_text(std::string(100'000, 'x')).size(), 1000U);
    EXPECT_LT(gzip_text(noise(100'000)).size(), 100'200U);
}

TEST(GzipText, DamageCutsAndBombsAreRefused) {
    const std::string packed = gzip_text(std::string(100'000, 'x'));
    EXPECT_EQ(gunzip_text(packed, 99'999).error().code, ErrorCode::kCorrupt);
    EXPECT_FALSE(gunzip_text(packed.substr(0, packed.size() - 1), 100'000));
    EXPECT_FALSE(gunzip_text(packed + "x", 100'000));
    EXPECT_FALSE(gunzip_text("no gzip at all", 100));
    EXPECT_FALSE(gunzip_text("", 100));
    std::string changed = gzip_text(noise(1000));
    changed[500] = static_cast<char>(changed[500] ^ 1);
    EXPECT_FALSE(gunzip_text(changed, 100'000));
}

}  // namespace
}  // namespace herder
