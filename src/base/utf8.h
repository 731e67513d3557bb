#pragma once
// Whether bytes are UTF-8, and text of those that may not be: what programs print, how files are
// named, and what was cut at a number of bytes.
#include <cstddef>
#include <string>
#include <string_view>

namespace herder {

// How many bytes the well-formed character at the front takes; 0 if there is none (Unicode 15,
// table 3-7: no overlong forms, no surrogates, nothing above 10FFFF). Not of an empty text.
std::size_t utf8_character_length(std::string_view bytes);

bool is_utf8(std::string_view bytes);

// Each byte that belongs to no well-formed character becomes U+FFFD.
std::string to_utf8(std::string_view bytes);

}  // namespace herder
