#pragma once
// YAML text as a tree in which every key and value knows its line and column. Strings follow the
// 1.2 core schema: `on`, `no` and `yes` are strings. Knows nothing of jobs or profiles.
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace herder::config {

// Where a piece of text stands; both count from 1, columns in characters.
struct Place {
    int line = 1;
    int column = 1;
    int length = 1;  // within the line, for the marks below it
    bool operator==(const Place&) const = default;
};

struct Entry;

struct Node {
    enum class Kind { kScalar, kSequence, kMapping };
    Kind kind = Kind::kScalar;
    Place place;
    std::string text;            // of a scalar
    bool plain = true;           // a scalar without quotes and not a block
    std::vector<Node> items;     // of a sequence
    std::vector<Entry> entries;  // of a mapping, in the order of the file, keys unique

    bool is_scalar() const { return kind == Kind::kScalar; }
    bool is_sequence() const { return kind == Kind::kSequence; }
    bool is_mapping() const { return kind == Kind::kMapping; }
    bool is_null() const;     // plain null, ~ or nothing
    bool is_bool() const;     // plain true or false
    bool is_integer() const;  // plain -?[0-9]+
    bool is_number() const;   // plain integer or decimal
    // A quoted or block scalar, or a plain one that means nothing else.
    bool is_string() const;
    // "a list", "a number", "text": for messages.
    const char* describe() const;
};

struct Entry {
    std::string key;
    Place key_place;
    Node value;
};

// Why text is no YAML that we take.
struct YamlError {
    Place place;
    std::string message;
    std::string help;
};

// Limits that no honest file of ours comes near.
constexpr std::size_t kYamlBytesMax = 1U << 20;
constexpr int kYamlDepthMax = 32;

// An empty text is an empty mapping. Duplicate keys, anchors, tags and a second document are
// refused.
std::variant<Node, YamlError> parse_yaml(const std::string& text);

// Puts `value` (a piece of YAML such as 1.5 or [a, b]) at a path such as resources.max_price, for
// --set. Missing mappings on the way are made.
Status set_path(Node& root, const std::string& path, const std::string& value);

}  // namespace herder::config
