#include "config/fields.h"

#include <algorithm>

#include "base/suggest.h"

namespace herder::config {

namespace {

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

// Errors of base/ say "'x' is not a size; write for example 200GB": split into message and help.
void report(const Field& field, const Error& error) {
    const std::size_t semicolon = error.message.find("; ");
    if (semicolon == std::string::npos) return field.error(error.message);
    field.error(quoted(field.key) + ": " + error.message.substr(0, semicolon),
                error.message.substr(semicolon + 2));
}

const KeyRule* rule_of(const Section& section, std::string_view key) {
    const auto found = std::find_if(section.keys.begin(), section.keys.end(),
                                    [&](const KeyRule& rule) { return rule.name == key; });
    return found == section.keys.end() ? nullptr : &*found;
}

std::string title(const Section& section) {
    return section.name.empty() ? "" : " in " + std::string(section.name);
}

std::vector<std::string> names_of(const Section& section) {
    std::vector<std::string> names;
    for (const KeyRule& rule : section.keys) {
        if (rule.use != KeyRule::Use::kNotYet) names.emplace_back(rule.name);
    }
    return names;
}

}  // namespace

void Field::error(std::string message, std::string help) const {
    out->error(node->place, pointer, std::move(message), std::move(help));
}

void Field::warning(std::string message, std::string help) const {
    out->warning(node->place, pointer, std::move(message), std::move(help));
}

Field Field::item(std::size_t index) const {
    const Node& one = node->items[index];
    return {&one, one.place, key, pointer + "/" + std::to_string(index), out};
}

std::optional<std::string> Field::text() const {
    if (node->is_string() && !node->text.empty()) return node->text;
    if (node->is_string()) {
        error(quoted(key) + " is empty");
    } else if (node->is_scalar() && !node->is_null()) {
        error(quoted(key) + " must be text, not " + node->describe(),
              "write it in quotes: \"" + node->text + "\"");
    } else {
        error(quoted(key) + " must be text, not " + node->describe());
    }
    return std::nullopt;
}

std::optional<bool> Field::boolean() const {
    if (node->is_bool())
        return node->text == "true" || node->text == "True" || node->text == "TRUE";
    error(quoted(key) + " must be true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Field::integer(std::int64_t lowest, std::int64_t highest) const {
    constexpr std::size_t kDigitsMax = 15;
    if (!node->is_integer() || node->text.size() > kDigitsMax) {
        error(quoted(key) + " must be a whole number, not " + node->describe());
        return std::nullopt;
    }
    const std::int64_t value = std::stoll(node->text);
    if (value >= lowest && value <= highest) return value;
    error(quoted(key) + " is " + node->text + ", it must be " +
          (highest == INT64_MAX
               ? "at least " + std::to_string(lowest)
               : "from " + std::to_string(lowest) + " to " + std::to_string(highest)));
    return std::nullopt;
}

namespace {

// A positive number with at most six digits after the point, in millionths. `unit` is "dollars".
std::optional<std::int64_t> read_millionths(const Field& field, const std::string& unit,
                                            const std::string& example) {
    const Node& node = *field.node;
    if (!node.is_number()) {
        const std::string bare = node.text.starts_with('$') ? node.text.substr(1) : node.text;
        const bool only_dressed = node.is_scalar() && parse_usd(bare).has_value();
        field.error(quoted(field.key) + " must be a number of " + unit + ", not " + node.describe(),
                    only_dressed ? "write the number alone: " + bare
                                 : "write the number alone, such as " + example);
        return std::nullopt;
    }
    const Result<Usd> amount = parse_usd(node.text);
    if (amount && amount->micros > 0) return amount->micros;
    if (amount || node.text.starts_with('-')) {
        field.error(quoted(field.key) + " must be more than 0",
                    "leave it out where there is no limit");
    } else {
        field.error(quoted(field.key) + " is no number of " + unit + " that we can count",
                    "write at most six digits after the point, such as " + example);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Usd> Field::dollars() const {
    const auto micros = read_millionths(*this, "dollars", "12 or 0.25");
    return micros ? std::optional<Usd>(Usd{*micros}) : std::nullopt;
}

std::optional<Duration> Field::hours_number() const {
    const auto millionths = read_millionths(*this, "hours", "24 or 0.5");
    return millionths ? std::optional<Duration>(Duration{*millionths * 3600}) : std::nullopt;
}

std::optional<int> Field::parts_per_million() const {
    const Result<Usd> millionths = node->is_number() ? parse_usd(node->text) : Result<Usd>(Error{});
    if (millionths && millionths->micros <= 1'000'000) {
        return static_cast<int>(millionths->micros);
    }
    const bool percent = node->is_scalar() && (node->text.ends_with('%') || millionths);
    error(quoted(key) + " must be a number from 0 to 1",
          percent ? "98 percent is written 0.98" : "");
    return std::nullopt;
}

std::optional<Duration> Field::duration() const {
    const bool readable = node->is_integer() || node->is_string();
    const Result<Duration> value =
        readable ? parse_duration(node->text)
                 : invalid("it must be a duration, not " + std::string(node->describe()) +
                           "; write for example 30s, 10m, 1h30m or 2d");
    if (!value) {
        report(*this, value.error());
        return std::nullopt;
    }
    if (value->us > 0) return *value;
    error(quoted(key) + " must be more than 0", "leave it out where there is no limit");
    return std::nullopt;
}

std::optional<Bytes> Field::size() const {
    const bool readable = node->is_integer() || node->is_string();
    const Result<Bytes> value =
        readable ? parse_bytes(node->text, gigabytes(1))
                 : invalid("it must be a size, not " + std::string(node->describe()) +
                           "; write for example 200GB or 64MiB");
    if (!value) {
        report(*this, value.error());
        return std::nullopt;
    }
    if (value->count > 0) return *value;
    error(quoted(key) + " must be more than 0");
    return std::nullopt;
}

std::optional<std::string> Field::word(const std::vector<std::string>& known) const {
    const std::optional<std::string> said = text();
    if (!said) return std::nullopt;
    if (std::find(known.begin(), known.end(), *said) != known.end()) return said;
    std::string choice;
    for (const std::string& word : known)
        choice += (choice.empty() ? "" : ", ") + word;
    const std::string near = did_you_mean(*said, known);
    error(quoted(key) + " cannot be " + quoted(*said),
          near.empty() ? "it is one of: " + choice : near);
    return std::nullopt;
}

std::vector<std::string> Field::texts() const {
    std::vector<std::string> all;
    if (!node->is_sequence()) {
        error(quoted(key) + " must be a list, not " + node->describe(),
              node->is_string() ? "write it in brackets: [" + node->text + "]" : "");
        return all;
    }
    for (std::size_t i = 0; i < node->items.size(); ++i) {
        if (const auto one = item(i).text()) all.push_back(*one);
    }
    return all;
}

std::vector<Field> Field::entries() const {
    std::vector<Field> all;
    if (!node->is_mapping()) {
        if (!node->is_null()) {
            error(quoted(key) + " must be a mapping of names to values, not " + node->describe(),
                  "write " + key + ": {NAME: value}");
        }
        return all;
    }
    for (const Entry& entry : node->entries) {
        all.push_back({&entry.value, entry.key_place, entry.key,
                       pointer + "/" + pointer_step(entry.key), out});
    }
    return all;
}

Mapping::Mapping(const Field& field, const Section& section, std::span<const Section> family)
    : field_(field), section_(section) {
    if (field.node->is_mapping()) {
        for (const Entry& entry : field.node->entries)
            check(entry, family);
    } else if (!field.node->is_null()) {
        field.error((section.name.empty() ? "the file" : quoted(section.name)) +
                        " must be a mapping of keys to values, not " + field.node->describe(),
                    section.name.empty() || section.keys.empty()
                        ? ""
                        : "write " + std::string(section.name) + ": {" +
                              std::string(section.keys.front().name) + ": ...}");
    }
}

Field Mapping::of(const Entry& entry) const {
    return {&entry.value, entry.key_place, entry.key,
            field_.pointer + "/" + pointer_step(entry.key), field_.out};
}

void Mapping::check(const Entry& entry, std::span<const Section> family) {
    const KeyRule* rule = rule_of(section_, entry.key);
    if (rule == nullptr) return report_unknown(entry, family);
    const std::string pointer = of(entry).pointer;
    if (rule->use == KeyRule::Use::kNotYet) {
        field_.out->error(entry.key_place, pointer,
                          quoted(entry.key) + title(section_) + " is not supported yet",
                          rule->more.empty() ? "take it out for now" : std::string(rule->more));
    }
    if (rule->use != KeyRule::Use::kAlias) return;
    for (const Entry& other : field_.node->entries) {
        const KeyRule* same = rule_of(section_, other.key);
        if (&other == &entry || same == nullptr) continue;
        if (same->name != rule->more && same->more != rule->more) continue;
        if (same->use == KeyRule::Use::kAlias && &other > &entry) continue;  // reported once
        field_.out->error(entry.key_place, pointer,
                          quoted(entry.key) + " means the same as " + quoted(other.key) +
                              " in line " + std::to_string(other.key_place.line),
                          "keep one of the two");
    }
}

void Mapping::report_unknown(const Entry& entry, std::span<const Section> family) {
    std::string help;
    for (const Section& other : family) {
        if (other.name == section_.name || rule_of(other, entry.key) == nullptr) continue;
        if (!help.empty()) continue;
        help = "this key belongs " +
               (other.name.empty() ? "at the top level" : "under " + quoted(other.name));
    }
    if (help.empty()) help = did_you_mean(entry.key, names_of(section_));
    field_.out->error(entry.key_place, of(entry).pointer,
                      "unknown key " + quoted(entry.key) + title(section_), help);
}

std::optional<Field> Mapping::find(std::string_view key) const {
    if (!field_.node->is_mapping()) return std::nullopt;
    for (const Entry& entry : field_.node->entries) {
        const KeyRule* rule = rule_of(section_, entry.key);
        if (rule == nullptr || rule->use == KeyRule::Use::kNotYet) continue;
        const bool matches =
            rule->use == KeyRule::Use::kTaken ? rule->name == key : rule->more == key;
        if (matches && !entry.value.is_null()) return of(entry);
    }
    return std::nullopt;
}

std::string pointer_step(const std::string& key) {
    std::string step;
    for (const char c : key) {
        if (c == '~') {
            step += "~0";
        } else if (c == '/') {
            step += "~1";
        } else {
            step += c;
        }
    }
    return step;
}

bool is_name(std::string_view text) {
    constexpr std::size_t kLengthMax = 63;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && text.size() <= kLengthMax && is_letter(text.front()) &&
           is_letter(text.back()) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || c == '-'; });
}

}  // namespace herder::config
