#pragma once
// The open points of the real service (vast-api 9), each with its switch and the settings between
// which tests choose. Only names and words; the keys themselves belong to the scenario.
#include <span>
#include <string_view>

namespace herder::vastsim {

struct Switch {
    std::string_view point;  // what nobody has settled
    std::string_view key;    // of the scenario, and of --switch KEY=VALUE
    std::string_view first;  // the default
    std::string_view second;
};

std::span<const Switch> switches();

}  // namespace herder::vastsim
