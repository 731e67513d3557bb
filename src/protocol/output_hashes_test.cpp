#include "protocol/output_hashes.h"

#include <gtest/gtest.h>

#include "protocol/join_json.h"

namespace herder::protocol {
namespace {

const std::string kHash(64, 'a');

TEST(OutputHashes, AreWrittenAsSha256sumReadsThem) {
    const OutputHashes hashes{{"a/model.bin", kHash}, {"result.json", std::string(64, '0')}};
    EXPECT_EQ(to_text(hashes),
              kHash + "  outputs/a/model.bin\n" + std::string(64, '0') + "  outputs/result.json\n");
    EXPECT_EQ(parse_output_hashes(to_text(hashes)).value(), hashes);
    EXPECT_TRUE(parse_output_hashes("").value().empty());
}

TEST(OutputHashes, OfOneAttemptFitHoweverLongItsNamesAre) {
    OutputHashes hashes;
    for (std::size_t i = 0; i < kOutputsMax; ++i)
        hashes[std::string(295, 'x') + std::to_string(10'000 + i)] = kHash;
    EXPECT_EQ(hashes.size(), kOutputsMax);
    EXPECT_LT(to_text(hashes).size() * 2, kOutputHashesSizeMax);
    EXPECT_EQ(parse_output_hashes(to_text(hashes))->size(), kOutputsMax);
}

TEST(OutputHashes, RefuseWhatIsNone) {
    for (const std::string& line :
         {std::string("x"), kHash, kHash + "  model.bin", kHash + " outputs/model.bin",
          kHash + "  outputs/", kHash + "  outputs/../x", std::string(64, 'g') + "  outputs/x"}) {
        EXPECT_FALSE(parse_output_hashes(line + "\n")) << line;
    }
}

}  // namespace
}  // namespace herder::protocol
