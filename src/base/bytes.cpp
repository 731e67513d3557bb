#include "base/bytes.h"

#include <array>
#include <cctype>
#include <cstdio>

namespace herder {

std::string to_text(Bytes size) {
    static constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(size.count);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < kUnits.size()) {
        value /= 1000;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s",
                  value, kUnits.at(unit));
    return text.data();
}

namespace {

std::int64_t unit_factor(const std::string& unit) {
    if (unit == "B") return 1;
    if (unit == "K" || unit == "KB") return 1000;
    if (unit == "M" || unit == "MB") return 1'000'000;
    if (unit == "G" || unit == "GB") return 1'000'000'000;
    if (unit == "T" || unit == "TB") return 1'000'000'000'000;
    if (unit == "KI" || unit == "KIB") return 1 << 10;
    if (unit == "MI" || unit == "MIB") return 1 << 20;
    if (unit == "GI" || unit == "GIB") return 1 << 30;
    if (unit == "TI" || unit == "TIB") return std::int64_t{1} << 40;
    return 0;
}

}  // namespace

Result<Bytes> parse_bytes(const std::string& text, Bytes default_unit) {
    const Error error = invalid("'" + text + "' is not a size; write for example 200GB or 64MiB");
    std::size_t i = 0;
    std::int64_t number = 0;
    for (; i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0; ++i) {
        number = number * 10 + (text[i] - '0');
        if (number > 1'000'000'000'000'000) return error;
    }
    if (i == 0) return error;
    while (i < text.size() && text[i] == ' ')
        ++i;
    std::string unit;
    for (; i < text.size(); ++i) {
        unit += static_cast<char>(std::toupper(static_cast<unsigned char>(text[i])));
    }
    const std::int64_t factor = unit.empty() ? default_unit.count : unit_factor(unit);
    if (factor == 0 || number > INT64_MAX / factor) return error;
    return Bytes{number * factor};
}

std::string to_hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out(bytes.size() * 2, '\0');
    char* to = out.data();
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        *to++ = kDigits[byte >> 4];
        *to++ = kDigits[byte & 15];
    }
    return out;
}

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr char kBase32[] = "0123456789abcdefghijklmnopqrstuv";

// Regroups 8-bit input into `bits`-bit digits of `alphabet`.
std::string encode_bits(std::string_view bytes, int bits, const char* alphabet) {
    std::string out;
    std::uint32_t buffer = 0;
    int held = 0;
    for (const char c : bytes) {
        buffer = buffer << 8 | static_cast<unsigned char>(c);
        held += 8;
        while (held >= bits) {
            held -= bits;
            out += alphabet[buffer >> held & ((1U << bits) - 1)];
        }
        buffer &= (1U << held) - 1;
    }
    if (held > 0) out += alphabet[buffer << (bits - held) & ((1U << bits) - 1)];
    return out;
}

}  // namespace

Result<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return invalid("hex text has an odd number of digits");
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return invalid("hex text holds a character that is no hex digit");
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string to_base64url(std::string_view bytes) {
    return encode_bits(bytes, 6, kBase64Url);
}
std::string to_base32(std::string_view bytes) {
    return encode_bits(bytes, 5, kBase32);
}

Result<std::string> from_base64url(std::string_view text) {
    std::string out;
    std::uint32_t buffer = 0;
    int held = 0;
    const std::string_view alphabet = kBase64Url;
    for (const char c : text) {
        const std::size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos)
            return invalid("base64url text holds a foreign character");
        buffer = buffer << 6 | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out += static_cast<char>(buffer >> held & 0xFF);
        }
        buffer &= (1U << held) - 1;
    }
    return out;
}

}  // namespace herder
