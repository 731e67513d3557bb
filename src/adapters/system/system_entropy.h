#pragma once
// Secret randomness from the kernel.
#include <cstddef>
#include <string>

#include "ports/entropy.h"

namespace herder {

class SystemEntropy : public Entropy {
  public:
    std::uint64_t draw() override;
    // `count` raw bytes.
    std::string bytes(std::size_t count);
};

}  // namespace herder
