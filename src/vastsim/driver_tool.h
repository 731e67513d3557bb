#pragma once
// The GPUs of a container as the driver's command-line tool tells them: a stand-in for nvidia-smi,
// since the market's machines have no GPUs. It answers --query-gpu and nothing else.
#include <cstdint>
#include <string>
#include <vector>

namespace herder::vastsim {

inline constexpr char kDriverVersion[] = "570.124.04";

struct GpuCard {
    std::string name;  // as the driver says it: "NVIDIA GeForce RTX 4090"
    std::int64_t memory_mb = 0;
    bool operator==(const GpuCard&) const = default;
};

// "RTX 4090" -> "NVIDIA GeForce RTX 4090"; cards of servers and workstations lack the second word.
std::string driver_name(const std::string& market_name);

// A POSIX shell script that behaves like nvidia-smi --query-gpu=... --format=csv,noheader,nounits.
std::string driver_tool(const std::vector<GpuCard>& cards);

}  // namespace herder::vastsim
