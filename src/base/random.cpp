#include "base/random.h"

#include <cmath>

#include "base/assert.h"

namespace herder {

namespace {

std::uint64_t hash_name(std::string_view name) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    return hash;
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view component)
    : state_(mix64(seed ^ mix64(hash_name(component)))) {}

std::uint64_t RandomStream::next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    return mix64(state_);
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
    HERDER_ASSERT(bound > 0);
    return static_cast<std::uint64_t>(static_cast<__uint128_t>(next()) * bound >> 64);
}

std::int64_t RandomStream::between(std::int64_t low, std::int64_t high) {
    HERDER_ASSERT(low <= high);
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
}

bool RandomStream::chance_per_million(std::uint64_t per_million) {
    return below(1'000'000) < per_million;
}

double RandomStream::unit() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

double RandomStream::exponential(double mean) {
    return -mean * std::log1p(-unit());
}

RandomStream RandomStream::child(std::string_view component) const {
    return RandomStream(state_, component);
}

}  // namespace herder
