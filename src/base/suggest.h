#pragma once
// "Did you mean": the nearest of the known words for a misspelt one.
#include <string>
#include <string_view>
#include <vector>

namespace herder {

// Damerau-Levenshtein (optimal string alignment): insert, delete, replace, swap neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate at most max(2, length/3) edits away, but less than the whole word; empty if none.
std::string nearest(std::string_view text, const std::vector<std::string>& candidates);

// "did you mean 'x'?", or empty.
std::string did_you_mean(std::string_view text, const std::vector<std::string>& candidates);

}  // namespace herder
