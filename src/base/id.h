#pragma once
// Typed numeric ids. They come from a sequence of the store, are never reused, and print short and
// typeable: a letter for the kind and the number, such as j42.
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace herder {

template <typename Tag>
struct Id {
    std::uint64_t value = 0;  // 0 means "none"

    auto operator<=>(const Id&) const = default;
    explicit operator bool() const { return value != 0; }
};

struct JobTag {
    static constexpr char kLetter = 'j';
};
struct IntentTag {
    static constexpr char kLetter = 'i';
};
struct CheckpointTag {
    static constexpr char kLetter = 'k';
};
struct BudgetTag {
    static constexpr char kLetter = 'b';
};

using JobId = Id<JobTag>;
using IntentId = Id<IntentTag>;
using CheckpointId = Id<CheckpointTag>;
using BudgetId = Id<BudgetTag>;

template <typename Tag>
std::string to_text(Id<Tag> id) {
    return Tag::kLetter + std::to_string(id.value);
}

// Parses "j42" or "42".
template <typename Tag>
Result<Id<Tag>> parse_id(const std::string& text) {
    std::size_t i = !text.empty() && text[0] == Tag::kLetter ? 1 : 0;
    std::uint64_t value = 0;
    const std::size_t first = i;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        value = value * 10 + static_cast<std::uint64_t>(text[i] - '0');
        if (value > (1ULL << 53)) break;
    }
    if (i == first || i != text.size() || value == 0) {
        return invalid("'" + text + "' is not an id like " + std::string(1, Tag::kLetter) + "42");
    }
    return Id<Tag>{value};
}

// Monotone counter of attempts of one job. A message with an older fence is refused everywhere.
struct Fence {
    std::uint64_t value = 0;
    auto operator<=>(const Fence&) const = default;
    Fence next() const { return {value + 1}; }
};

// Monotone counter of leaders of one store.
struct Term {
    std::uint64_t value = 0;
    auto operator<=>(const Term&) const = default;
};

// The provider's number for a rented machine ("contract" on Vast.ai). 0 means "not known".
struct ContractId {
    std::int64_t value = 0;
    auto operator<=>(const ContractId&) const = default;
    explicit operator bool() const { return value != 0; }
};

}  // namespace herder

template <typename Tag>
struct std::hash<herder::Id<Tag>> {
    std::size_t operator()(herder::Id<Tag> id) const noexcept {
        return std::hash<std::uint64_t>{}(id.value);
    }
};
