#pragma once
// Seeded random streams for the simulator, the market and jitter. Not for secrets (those come from
// ports/entropy). Streams with different names under one seed are independent, so that drawing
// more from one never reshuffles another.
#include <cstdint>
#include <string_view>

namespace herder {

// One step of splitmix64 (public domain, S. Vigna): mixes any 64 bits well.
constexpr std::uint64_t mix64(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

class RandomStream {
  public:
    RandomStream(std::uint64_t seed, std::string_view component);

    std::uint64_t next();
    // Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
    // Uniform in [low, high], both included.
    std::int64_t between(std::int64_t low, std::int64_t high);
    // True with probability `per_million` / 1,000,000.
    bool chance_per_million(std::uint64_t per_million);
    // Uniform in [0, 1).
    double unit();
    // Exponential with the given mean (same unit in and out).
    double exponential(double mean);
    // A child stream that does not advance this one.
    RandomStream child(std::string_view component) const;

  private:
    std::uint64_t state_;
};

}  // namespace herder
