#include "base/chunk_cutter.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/random.h"

namespace herder {
namespace {

constexpr ChunkSizes kSizes{.min = 1 << 10, .average = 4 << 10, .max = 16 << 10};

std::string noise(std::size_t size, std::uint64_t seed) {
    std::string text;
    for (std::uint64_t i = 1; text.size() < size; ++i)
        text.push_back(static_cast<char>(mix64(seed * 1'000'003 + i)));
    return text;
}

std::vector<std::string> pieces_of(std::string_view data) {
    std::vector<std::string> pieces;
    while (!data.empty()) {
        const std::size_t size = first_chunk(data, kSizes);
        pieces.emplace_back(data.substr(0, size));
        data.remove_prefix(size);
    }
    return pieces;
}

TEST(ChunkCutter, PiecesKeepTheLimitsAndAboutTheAverage) {
    const auto pieces = pieces_of(noise(2'000'000, 1));
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
        ASSERT_GE(pieces[i].size(), kSizes.min);
        ASSERT_LE(pieces[i].size(), kSizes.max);
    }
    const std::size_t average = 2'000'000 / pieces.size();
    EXPECT_GT(average, 3'000U);
    EXPECT_LT(average, 6'500U);
}

TEST(ChunkCutter, AnInsertedByteChangesFewPieces) {
    std::string text = noise(1'000'000, 2);
    const auto before = pieces_of(text);
    text.insert(500'000, "x");
    const auto after = pieces_of(text);
    const std::set<std::string> known(before.begin(), before.end());
    std::size_t fresh = 0;
    for (const std::string& piece : after)
        fresh += known.contains(piece) ? 0 : 1;
    EXPECT_GE(fresh, 1U);
    EXPECT_LE(fresh, 3U) << "of " << after.size();
}

TEST(ChunkCutter, ShortAndMonotonousStreamsAreCutToo) {
    EXPECT_EQ(first_chunk("", kSizes), 0U);
    EXPECT_EQ(first_chunk("abc", kSizes), 3U);
    for (const std::string& piece : pieces_of(std::string(100'000, '\0')))
        EXPECT_LE(piece.size(), kSizes.max);
}

// Another table or another rule would send everything again to every store.
TEST(ChunkCutter, TheCutsStayWhereTheyAlwaysWere) {
    const auto pieces = pieces_of(noise(60'000, 3));
    std::vector<std::size_t> sizes;
    for (const std::string& piece : pieces)
        sizes.push_back(piece.size());
    // Computed by a second reading of the rule (Python).
    const std::vector<std::size_t> wanted = {3548, 4193, 5195, 4824, 4945, 5445,
                                             4156, 6717, 6156, 4560, 5648, 4613};
    EXPECT_EQ(sizes, wanted);
}

}  // namespace
}  // namespace herder
