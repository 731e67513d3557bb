#include "config/plain_text.h"

#include <cstdint>
#include <cstdio>

namespace herder::config {

namespace {

// How many bytes the well-formed character at the front takes; 0 if there is none (Unicode 15,
// table 3-7: no overlong forms, no surrogates, nothing above 10FFFF).
std::size_t character_length(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::uint8_t first = at(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || bytes.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0U) != 0x80U) return 0;
    }
    const bool overlong = (first == 0xE0 && at(1) < 0xA0) || (first == 0xF0 && at(1) < 0x90);
    const bool surrogate = first == 0xED && at(1) > 0x9F;
    const bool too_high = first == 0xF4 && at(1) > 0x8F;
    return overlong || surrogate || too_high ? 0 : length;
}

bool is_control(std::string_view character) {
    const auto first = static_cast<std::uint8_t>(character[0]);
    if (character.size() == 2) {  // U+0080 to U+009F, of which YAML takes only U+0085
        const auto second = static_cast<std::uint8_t>(character[1]);
        return first == 0xC2 && second < 0xA0 && second != 0x85;
    }
    if (character.size() > 1) return false;
    return first == 0x7F || (first < 0x20 && first != '\t' && first != '\n' && first != '\r');
}

std::string hex_byte(char byte) {
    char text[8];
    std::snprintf(text, sizeof text, "0x%02X",
                  static_cast<unsigned>(static_cast<unsigned char>(byte)));
    return text;
}

}  // namespace

std::optional<TextFlaw> find_text_flaw(std::string_view bytes) {
    TextFlaw at;
    while (at.offset < bytes.size()) {
        const std::string_view rest = bytes.substr(at.offset);
        const std::size_t length = character_length(rest);
        if (length == 0) {
            at.message = "the byte " + hex_byte(rest[0]) + " here is not UTF-8";
            at.help = "save the file as UTF-8 text";
            return at;
        }
        if (is_control(rest.substr(0, length))) {
            at.size = length;
            at.message = "the control character " + hex_byte(rest[length - 1]) + " stands here";
            at.help = "remove it; in a \"quoted\" text write it as an escape";
            return at;
        }
        at.column += 1;
        if (rest[0] == '\n') {
            at.line += 1;
            at.column = 1;
        }
        at.offset += length;
    }
    return std::nullopt;
}

}  // namespace herder::config
