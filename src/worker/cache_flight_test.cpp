#include "worker/cache_flight.h"

#include <gtest/gtest.h>

#include "worker/child_process_fixture.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

class CacheFlightTest : public ::testing::Test {
  protected:
    // Whether somebody has it, found out by somebody who does not wait.
    bool is_taken(const std::string& key) {
        http::CancelToken impatient;
        impatient.cancel();
        bool waited = false;
        const CacheFlight flight(folder_.path(), key, impatient, [&waited] { waited = true; });
        return waited;
    }
    TemporaryFolder folder_;
    http::CancelToken patient_;
};

TEST_F(CacheFlightTest, HasOneAtATime) {
    {
        const CacheFlight flight(folder_.path(), "a", patient_,
                                 [] { FAIL() << "nobody is there"; });
        EXPECT_TRUE(is_taken("a"));
        EXPECT_FALSE(is_taken("b"));
    }
    EXPECT_FALSE(is_taken("a"));
}

TEST_F(CacheFlightTest, GoesOnWhenAnotherProcessDies) {
    ChildProcess child([&](const ChildProcess::Place& place) {
        const CacheFlight flight(folder_.path(), "a", patient_, [] {});
        place.stop_here();
        return true;
    });
    child.wait_until_there();
    EXPECT_TRUE(is_taken("a"));
    int waits = 0;
    const CacheFlight flight(folder_.path(), "a", patient_, [&] {
        ++waits;
        child.kill();
    });
    EXPECT_EQ(waits, 1);
    EXPECT_TRUE(is_taken("a"));
}

TEST_F(CacheFlightTest, WithoutAFolderNobodyWaits) {
    int waits = 0;
    const CacheFlight flight("/proc/no/such/folder", "a", patient_, [&waits] { ++waits; });
    EXPECT_EQ(waits, 0);
}

}  // namespace
}  // namespace herder
