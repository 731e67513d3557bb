#include "adapters/system/system_entropy.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(SystemEntropy, DrawsDifferentValues) {
    SystemEntropy entropy;
    EXPECT_NE(entropy.draw(), entropy.draw());
    EXPECT_EQ(entropy.bytes(32).size(), 32U);
    EXPECT_NE(entropy.bytes(32), entropy.bytes(32));
}

}  // namespace
}  // namespace herder
