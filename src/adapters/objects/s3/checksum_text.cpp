#include "adapters/objects/s3/checksum_text.h"

#include <algorithm>

namespace herder::s3 {

namespace {

constexpr char kAmazonHeader[] = "x-amz-checksum-crc32c";
// "x-goog-hash: crc32c=n03x6A==", beside others in the same header or in one of its own
// (docs.cloud.google.com/storage/docs/xml-api/reference-headers, November 2026).
constexpr std::string_view kGoogleHeader = "x-goog-hash";
constexpr std::string_view kGoogleWord = "crc32c=";

bool is_google_header(std::string_view name) {
    return std::equal(name.begin(), name.end(), kGoogleHeader.begin(), kGoogleHeader.end(),
                      [](char a, char b) { return (a | ' ') == (b | ' '); });
}

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

std::pair<std::string, std::string> checksum_header(Dialect dialect, std::uint32_t crc32c) {
    if (dialect == Dialect::kAmazon) return {kAmazonHeader, to_checksum_text(crc32c)};
    return {std::string(kGoogleHeader), std::string(kGoogleWord) + to_checksum_text(crc32c)};
}

std::optional<std::uint32_t> told_checksum(Dialect dialect, const http::Headers& headers) {
    if (dialect == Dialect::kAmazon) {
        // A composite one is of the parts' checksums.
        const bool is_whole =
            headers.get("x-amz-checksum-type").value_or("FULL_OBJECT") == "FULL_OBJECT";
        if (!is_whole) return std::nullopt;
        return parse_checksum_text(headers.get(kAmazonHeader).value_or(""));
    }
    for (const auto& [name, value] : headers) {
        const std::size_t at = value.find(kGoogleWord);
        if (!is_google_header(name) || at == std::string::npos) continue;
        if (const auto crc = parse_checksum_text(value.substr(at + kGoogleWord.size(), 8)))
            return crc;
    }
    return std::nullopt;
}

}  // namespace herder::s3
