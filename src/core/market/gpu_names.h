#pragma once
// The names of GPUs: one canonical spelling (RTX_4090), what people write for it, families such as
// A100, and the market's spelling with spaces. Newer cards than this list pass through unchanged.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace herder {

// All canonical names of single cards, sorted.
const std::vector<std::string>& known_gpu_names();

// "rtx 4090", "RTX-4090", "4090" -> "RTX_4090"; "a100" -> the family "A100". Ignores case, space,
// '_' and '-', makers' words such as GeForce. Nothing for a name that is not known, or that names
// a size of memory: parse_gpu reads those.
std::optional<std::string> parse_gpu_name(std::string_view text);

// The same for what else people and drivers write: "NVIDIA A100-SXM4-80GB" -> {"A100_SXM4", 80000}.
struct NamedGpu {
    std::string name;             // canonical, or a family
    std::int64_t ram_mb_min = 0;  // 0: the text names none
    bool operator==(const NamedGpu&) const = default;
};
std::optional<NamedGpu> parse_gpu(std::string_view text);

// The nearest known name for a misspelt one, for "did you mean"; empty if nothing is near.
std::string suggest_gpu_name(std::string_view text);

// The cards that `canonical` stands for: the members of a family, or itself.
std::vector<std::string> gpu_family(const std::string& canonical);

// True if a card of `offered` serves a request for `requested` (empty: any).
bool gpu_matches(const std::string& requested, const std::string& offered);

// Between the canonical name and the market's: "RTX_4090" and "RTX 4090".
std::string to_market_gpu_name(const std::string& canonical);
std::string from_market_gpu_name(const std::string& market);

}  // namespace herder
