#include "base/sealed_text.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace herder {
namespace {

const std::string kKey(kSealKeySize, 'k');
const std::string kNonce(kSealNonceSize, 'n');

// Test case 14 of "The Galois/Counter Mode of Operation", McGrew and Viega, 2005.
TEST(SealedText, IsAes256Gcm) {
    const std::string zeros(16, '\0');
    const auto sealed =
        seal_text(std::string(32, '\0'), std::string(12, '\0'), zeros, std::string());
    ASSERT_TRUE(sealed);
    EXPECT_EQ(to_hex(sealed->substr(kSealNonceSize)),
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(SealedText, OpensToWhatWasSealed) {
    for (const std::string text : {"", "hf_secret", "two\nlines\n"}) {
        const auto sealed = seal_text(kKey, kNonce, text, "HF_TOKEN");
        ASSERT_TRUE(sealed);
        EXPECT_EQ(open_text(kKey, *sealed, "HF_TOKEN").value_or("?"), text);
        if (!text.empty()) EXPECT_EQ(sealed->find(text), std::string::npos);
    }
}

TEST(SealedText, AnyChangeIsNoticed) {
    const std::string sealed = seal_text(kKey, kNonce, "hf_secret", "HF_TOKEN").value_or("");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(open_text(kKey, changed, "HF_TOKEN").error().code, ErrorCode::kCorrupt) << i;
    }
    EXPECT_FALSE(open_text(kKey, sealed, "OTHER"));
    EXPECT_FALSE(open_text(std::string(kSealKeySize, 'x'), sealed, "HF_TOKEN"));
    EXPECT_FALSE(open_text(kKey, sealed.substr(0, 20), "HF_TOKEN"));
    EXPECT_FALSE(seal_text("short", kNonce, "x", ""));
}

TEST(SealedText, WipingLeavesNothing) {
    std::string text = "hf_secret";
    wipe(text);
    EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace herder
