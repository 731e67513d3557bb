#pragma once
// What people and drivers write for a GPU, brought closer to the market's words: "NVIDIA GeForce
// RTX 4070 SUPER" -> "rtx 4070 s". Only words; which names exist is gpu_names' business.
#include <cstdint>
#include <string>
#include <string_view>

namespace herder {

struct GpuSpelling {
    std::string words;        // lower case, single blanks
    std::int64_t ram_mb = 0;  // of a part such as "80GB", at 1,000 MB a GB; 0: none was named
    bool operator==(const GpuSpelling&) const = default;
};

GpuSpelling read_gpu_spelling(std::string_view text);

// Letters, digits and signs without blanks, '_' and '-', lower case: what two spellings share.
std::string squeeze_gpu_name(std::string_view text);

}  // namespace herder
