#include "sim/fake_network.h"

#include <gtest/gtest.h>

namespace herder::sim {

TEST(FakeNetwork, DeliversOnceWithoutFaults) {
    std::set<Fault> off{Fault::kNetDelay, Fault::kNetLoss, Fault::kNetDuplicate,
                        Fault::kNetPartition};
    Stage stage(1, off, false);
    FakeNetwork network(stage);
    int arrived = 0;
    for (int i = 0; i < 100; ++i)
        network.send(ContractId{1}, Way::kToServer, [&] { ++arrived; });
    while (stage.schedule.run_next(Instant{} + seconds(1))) {
    }
    EXPECT_EQ(arrived, 100);
    network.disturb(ContractId{1});
    EXPECT_FALSE(network.is_cut(ContractId{1}, Way::kToAgent));
}

}  // namespace herder::sim
