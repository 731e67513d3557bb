#pragma once
// The market's machine records: one page of the list, and one machine by itself.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/provisioner/intent.h"

namespace herder::vast {

struct MachinePage {
    std::vector<ListedMachine> machines;
    std::optional<std::int64_t> found;  // rows that the market says are on this page
    std::optional<std::int64_t> total;  // of the whole list
    std::string next_token;             // empty: the last page
};

// A row without an id makes the whole page an error: nobody could tell what it hides.
Result<MachinePage> parse_machine_page(std::string_view body);

// The answer to a question for one machine; nothing if the market does not know it.
Result<std::optional<ListedMachine>> parse_machine(std::string_view body);

}  // namespace herder::vast
