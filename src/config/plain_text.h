#pragma once
// Whether bytes are the text that YAML allows: UTF-8 without control characters. Looked at before
// the YAML library, which never returns from some bytes that are not. Knows nothing of YAML.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace herder::config {

struct TextFlaw {
    int line = 1;            // both from 1
    int column = 1;          // in characters
    std::size_t offset = 0;  // in bytes
    std::size_t size = 1;
    std::string message;
    std::string help;
    bool operator==(const TextFlaw&) const = default;
};

// The first thing that is wrong.
std::optional<TextFlaw> find_text_flaw(std::string_view bytes);

}  // namespace herder::config
