#include "protocol/hashed_key.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

TEST(HashedKey, OnlyAWholeKeyHoldsItsHash) {
    const std::string hash(64, 'a');
    EXPECT_EQ(hash_in_key("p/" + hash + ".x", "p/", ".x"), hash);
    for (const std::string& key : {"q/" + hash + ".x", "p/" + hash, "p/" + hash + "b.x",
                                   std::string("p/.x"), std::string("p/"), std::string()})
        EXPECT_EQ(hash_in_key(key, "p/", ".x"), "") << key;
}

}  // namespace
}  // namespace herder::protocol
