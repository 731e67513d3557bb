#include "ports/object_key.h"

#include <algorithm>

namespace herder {

namespace {

constexpr std::size_t kKeySizeMax = 512;
constexpr std::size_t kPartSizeMax = 255;  // NAME_MAX of Linux file systems

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool is_part(std::string_view part) {
    return !part.empty() && part.size() <= kPartSizeMax && part != "." && part != ".." &&
           std::all_of(part.begin(), part.end(), is_key_character);
}

}  // namespace

Result<std::vector<std::string>> parse_object_key(std::string_view key) {
    std::vector<std::string> parts;
    bool is_good = key.size() <= kKeySizeMax;
    for (std::string_view rest = key; is_good;) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        is_good = is_part(rest.substr(0, slash));
        parts.emplace_back(rest.substr(0, slash));
        if (slash == rest.size()) break;
        rest.remove_prefix(slash + 1);
    }
    if (is_good) return parts;
    // The text may be anything, so it is not repeated here.
    return invalid(
        "the text is not an object key: at most 512 characters of A-Z a-z 0-9 . _ - in parts "
        "between slashes, no part empty, . or ..");
}

}  // namespace herder
