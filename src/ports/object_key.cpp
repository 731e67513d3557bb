#include "ports/object_key.h"

#include <algorithm>
#include <array>

namespace herder {

namespace {

constexpr std::size_t kKeySizeMax = 512;
constexpr std::size_t kPartSizeMax = 255;  // NAME_MAX of Linux file systems

constexpr std::array<bool, 256> key_characters() {
    std::array<bool, 256> is{};
    for (const std::string_view range : {"az", "AZ", "09", "..", "__", "--"}) {
        for (char c = range[0]; c <= range[1]; ++c)
            is.at(static_cast<unsigned char>(c)) = true;
    }
    return is;
}
constexpr std::array<bool, 256> kIsKeyCharacter = key_characters();

bool is_part(std::string_view part) {
    return !part.empty() && part.size() <= kPartSizeMax && part != "." && part != ".." &&
           std::ranges::all_of(
               part, [](char c) { return kIsKeyCharacter[static_cast<unsigned char>(c)]; });
}

}  // namespace

Status check_object_key(std::string_view key) {
    bool is_good = key.size() <= kKeySizeMax;
    for (std::string_view rest = key; is_good;) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        is_good = is_part(rest.substr(0, slash));
        if (slash == rest.size()) break;
        rest.remove_prefix(slash + 1);
    }
    if (is_good) return ok();
    // The text may be anything, so it is not repeated here.
    return invalid(
        "the text is not an object key: at most 512 characters of A-Z a-z 0-9 . _ - in parts "
        "between slashes, no part empty, . or ..");
}

Result<std::vector<std::string>> parse_object_key(std::string_view key) {
    if (const Status is_key = check_object_key(key); !is_key) return is_key.error();
    std::vector<std::string> parts;
    for (std::string_view rest = key;;) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        parts.emplace_back(rest.substr(0, slash));
        if (slash == rest.size()) return parts;
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace herder
