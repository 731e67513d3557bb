#include "base/utf8.h"

#include <cstdint>

namespace herder {

namespace {

// Of the front.
std::size_t well_formed_length(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t length = utf8_character_length(bytes.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

}  // namespace

std::size_t utf8_character_length(std::string_view bytes) {
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

bool is_utf8(std::string_view bytes) {
    return well_formed_length(bytes) == bytes.size();
}

std::string to_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (true) {
        const std::size_t good = well_formed_length(bytes);
        text += bytes.substr(0, good);
        if (good == bytes.size()) return text;
        text += "\xEF\xBF\xBD";
        bytes.remove_prefix(good + 1);
    }
}

}  // namespace herder
