#pragma once
// Secret randomness: tokens, keys, the draws of the engine.
#include <cstdint>

namespace herder {

class Entropy {
  public:
    virtual ~Entropy() = default;
    virtual std::uint64_t draw() = 0;
};

}  // namespace herder
