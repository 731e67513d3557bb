#include "adapters/system/system_entropy.h"

#include <sys/random.h>

#include "base/assert.h"

namespace herder {

std::string SystemEntropy::bytes(std::size_t count) {
    std::string out(count, '\0');
    HERDER_ASSERT(getrandom(out.data(), count, 0) == static_cast<ssize_t>(count));
    return out;
}

std::uint64_t SystemEntropy::draw() {
    std::uint64_t value = 0;
    HERDER_ASSERT(getrandom(&value, sizeof value, 0) == sizeof value);
    return value;
}

}  // namespace herder
