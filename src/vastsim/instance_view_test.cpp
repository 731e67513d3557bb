#include "vastsim/instance_view.h"

#include <gtest/gtest.h>

#include <cmath>

#include "vastsim/market_fixture.h"

namespace herder::vastsim {
namespace {

TEST(InstanceView, KeepsTheQuirksOfTheRealRecord) {
    Market market(calm_scenario(), 2, kStart);
    CreateRequest request = request_for(cheapest(market, true));
    request.env = {{"-p 8080:8080", "1"}};
    const CreateOutcome outcome = market.create(request);
    const Contract& contract = market.contracts().at(std::get<Created>(outcome).id);
    const Json fresh = instance_row(market, contract, contract.reported, InstanceEndpoint::kShow);
    EXPECT_TRUE(fresh.find("actual_status")->is_null());
    EXPECT_TRUE(fresh.find("ports")->is_null());
    EXPECT_EQ(fresh.find("volume_info"), nullptr);
    market.advance(kStart + minutes(1));
    const Json row = instance_row(market, contract, contract.reported, InstanceEndpoint::kList);
    const auto number = [&](const char* key) { return row.find(key)->to_number().value(); };
    EXPECT_EQ(*row.find("ssh_host"), Json("ssh" + *row.find("ssh_idx")->if_string() + ".vast.ai"));
    EXPECT_EQ(row.find("gpu_total_ram"), nullptr);
    EXPECT_NE(row.find("gpu_totalram"), nullptr);
    EXPECT_EQ(row.find("public_ipaddr")->if_string()->back(), ' ');
    EXPECT_EQ(row.find("status_msg")->if_string()->back(), '\n');
    EXPECT_NE(
        row.find("ports")->find("8080/tcp")->if_array()->front().find("HostPort")->if_string(),
        nullptr);
    EXPECT_LT(std::fabs(number("dph_total") - number("dph_base") -
                        number("storage_cost") * number("disk_space") / 720),
              1e-6);
}

}  // namespace
}  // namespace herder::vastsim
