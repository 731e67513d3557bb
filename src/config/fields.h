#pragma once
// Reading typed values out of a YAML tree: every reader returns the value, or reports what is wrong
// with it where it stands. The one table of keys of each section lives with that section.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/time.h"
#include "config/diagnostics.h"
#include "config/yaml.h"

namespace herder::config {

// What becomes of a key of a section.
struct KeyRule {
    enum class Use { kTaken, kAlias, kNotYet };
    std::string_view name;
    Use use = Use::kTaken;
    std::string_view more{};  // kAlias: the canonical key; kNotYet: what to do meanwhile
};

struct Section {
    std::string_view name;  // "resources"; empty: the top level
    std::span<const KeyRule> keys;
};

// A value with its path and with the place to report to. Refers to the tree and the diagnostics.
struct Field {
    const Node* node = nullptr;
    Place key_place;
    std::string key;
    std::string pointer;
    Diagnostics* out = nullptr;

    void error(std::string message, std::string help = {}) const;
    void warning(std::string message, std::string help = {}) const;
    Field item(std::size_t index) const;  // of a sequence

    std::optional<std::string> text() const;  // a non-empty string
    std::optional<bool> boolean() const;
    std::optional<std::int64_t> integer(std::int64_t lowest, std::int64_t highest) const;
    std::optional<Usd> dollars() const;            // more than 0
    std::optional<Duration> hours_number() const;  // more than 0, may be 0.5
    std::optional<int> parts_per_million() const;  // 0 to 1
    std::optional<Duration> duration() const;      // more than 0; a bare number counts seconds
    std::optional<Bytes> size() const;             // more than 0; a bare number counts GB
    std::optional<std::string> word(const std::vector<std::string>& known) const;
    std::vector<std::string> texts() const;  // a list of strings
    std::vector<Field> entries() const;      // of a mapping of the user's own names
};

// A mapping whose keys were checked against a section.
class Mapping {
  public:
    // Reports what is no mapping, unknown keys, keys not supported yet, a key beside its alias.
    // `family` are all sections of the file, for "belongs under".
    Mapping(const Field& field, const Section& section, std::span<const Section> family);

    // The value of a key or of one of its aliases, if it is given and not null.
    std::optional<Field> find(std::string_view key) const;
    const Field& field() const { return field_; }

  private:
    void check(const Entry& entry, std::span<const Section> family);
    void report_unknown(const Entry& entry, std::span<const Section> family);
    Field of(const Entry& entry) const;
    Field field_;
    Section section_;
};

// JSON pointer escaping of one step.
std::string pointer_step(const std::string& key);

// True for names that go into labels, host names and paths: a-z, 0-9 and '-' between, at most 63.
bool is_name(std::string_view text);

}  // namespace herder::config
