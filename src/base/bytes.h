#pragma once
// Sizes in bytes, and the text forms of binary data: hex, base64url, base32.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace herder {

struct Bytes {
    std::int64_t count = 0;
    auto operator<=>(const Bytes&) const = default;
    constexpr Bytes operator+(Bytes other) const { return {count + other.count}; }
};
constexpr Bytes gigabytes(std::int64_t n) {
    return {n * 1'000'000'000};
}
constexpr Bytes megabytes(std::int64_t n) {
    return {n * 1'000'000};
}

// "1.5 GB", "812 MB", decimal units.
std::string to_text(Bytes size);
// "200GB", "64 MiB", "10G", "512"; a bare number counts `default_unit` bytes each.
Result<Bytes> parse_bytes(const std::string& text, Bytes default_unit = Bytes{1});

std::string to_hex(std::string_view bytes);
Result<std::string> from_hex(std::string_view text);
std::string to_base64url(std::string_view bytes);  // no padding
Result<std::string> from_base64url(std::string_view text);
// Lower-case Crockford-like base32 without vowels that spell words: 0-9 a-v (RFC 4648 "hex").
std::string to_base32(std::string_view bytes);

}  // namespace herder
