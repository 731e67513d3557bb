#include "adapters/objects/s3/checksum_text.h"

namespace herder::s3 {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_checksum_text(std::uint32_t crc) {
    std::string out;
    const std::uint64_t bits = std::uint64_t{crc} << 4U;  // 36 bits: six digits
    for (int shift = 30; shift >= 0; shift -= 6)
        out += kAlphabet[bits >> static_cast<unsigned>(shift) & 0x3FU];
    return out + "==";
}

std::optional<std::uint32_t> parse_checksum_text(std::string_view text) {
    if (text.size() != 8 || !text.ends_with("==")) return std::nullopt;
    std::uint64_t bits = 0;
    for (const char c : text.substr(0, 6)) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6U | digit;
    }
    return static_cast<std::uint32_t>(bits >> 4U);
}

}  // namespace herder::s3
