#include "s3d/fault.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>

namespace herder::s3d {

namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 9> kKinds{
    {{"status", FaultKind::kStatus},
     {"reset_at", FaultKind::kReset},
     {"stall_at", FaultKind::kStall},
     {"complete_error", FaultKind::kCompleteError},
     {"lose_reply", FaultKind::kLoseReply},
     {"stall_reply", FaultKind::kStallReply},
     {"flip_at", FaultKind::kFlip},
     {"short_at", FaultKind::kShort},
     {"expired", FaultKind::kExpired}}};

std::optional<FaultKind> kind_of(const std::string& word) {
    for (const auto& [name, kind] : kKinds) {
        if (name == word) return kind;
    }
    return std::nullopt;
}

Result<std::uint64_t> number_of(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        return invalid("'" + text + "' is no number");
    }
    return value;
}

Status apply_word(const std::string& word, bool is_first, FaultRule& rule) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string name = word.substr(0, equals);
    const std::string value = equals < word.size() ? word.substr(equals + 1) : "";
    if (!is_first && name == "on") {
        rule.operation = value;
        return ok();
    }
    if (!is_first && name == "key") {
        rule.keys.push_back(value);
        return ok();
    }
    const auto number = value.empty() ? Result<std::uint64_t>(0) : number_of(value);
    if (!number) return number.error();
    if (is_first) {
        const auto kind = kind_of(name);
        if (!kind) return invalid("there is no fault called '" + name + "'");
        rule.kind = *kind;
        rule.number = *number;
        return ok();
    }
    if (value.empty()) return invalid("'" + word + "' wants a number");
    if (name == "every" && *number > 0)
        rule.every = static_cast<int>(*number);
    else if (name == "after")
        rule.after = static_cast<int>(*number);
    else if (name == "times")
        rule.times = static_cast<int>(*number);
    else
        return invalid("'" + word + "' is no part of a fault rule");
    return ok();
}

}  // namespace

std::string to_string(FaultKind kind) {
    for (const auto& [name, each] : kKinds) {
        if (each == kind) return std::string(name);
    }
    return "";
}

Result<FaultRule> parse_fault(const std::string& text) {
    FaultRule rule;
    std::istringstream words(text);
    std::string word;
    bool is_first = true;
    while (words >> word) {
        if (auto done = apply_word(word, is_first, rule); !done) {
            return done.error().with_context("the fault rule '" + text + "'");
        }
        is_first = false;
    }
    if (is_first) return invalid("the fault rule is empty");
    return rule;
}

void FaultScript::set(std::vector<FaultRule> rules) {
    const std::lock_guard lock(mutex_);
    rules_.clear();
    for (FaultRule& rule : rules)
        rules_.push_back({std::move(rule)});
}

std::optional<FaultRule> FaultScript::draw(const std::string& operation, const std::string& key) {
    const std::lock_guard lock(mutex_);
    for (Counted& counted : rules_) {
        const FaultRule& rule = counted.rule;
        if (!rule.operation.empty() && rule.operation != operation) continue;
        const bool is_meant = std::all_of(
            rule.keys.begin(), rule.keys.end(),
            [&key](const std::string& part) { return key.find(part) != std::string::npos; });
        if (!is_meant) continue;
        ++counted.matched;
        if (counted.matched <= rule.after || (counted.matched - rule.after) % rule.every != 0)
            continue;
        if (rule.times >= 0 && counted.fired >= rule.times) continue;
        ++counted.fired;
        return rule;
    }
    return std::nullopt;
}

}  // namespace herder::s3d
