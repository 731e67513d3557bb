#pragma once
// Does the same with many things, several at once.
#include <cstddef>
#include <functional>

namespace herder {

// Calls `with` once for each number below `count`, on so many threads at most, this one among them.
void each_at_once(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t index)>& with);

}  // namespace herder
