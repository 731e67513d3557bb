#include "adapters/objects/remote/remote_store.h"

#include <gtest/gtest.h>

namespace herder::remote {
namespace {

TEST(RemoteStore, BodiesHaveALimit) {
    EXPECT_EQ(*checked_size("k", "12345", 5), "12345");
    const auto refused = checked_size("k", "12345", 4);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
    EXPECT_NE(refused.error().message.find("5 bytes"), std::string::npos);
}

}  // namespace
}  // namespace herder::remote
