#include "config/plain_text.h"

#include <cstdint>
#include <cstdio>

#include "base/utf8.h"

namespace herder::config {

namespace {

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
        const std::size_t length = utf8_character_length(rest);
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
