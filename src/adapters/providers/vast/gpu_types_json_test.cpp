#include "adapters/providers/vast/gpu_types_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

TEST(GpuTypes, AreCanonicalAndNewOnesPass) {
    EXPECT_EQ(parse_gpu_types(R"({"gpu_types":[{"canonical_name":"RTX 4090","gpu_ram_mb":24564},
                {"canonical_name":"RTX 6090"},{"gpu_ram_mb":1}]})")
                  .value(),
              (std::vector<std::string>{"RTX_4090", "RTX_6090"}));
    EXPECT_FALSE(parse_gpu_types("{}").has_value());
}

}  // namespace
}  // namespace herder::vast
