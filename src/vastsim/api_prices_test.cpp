#include "vastsim/api_fixture.h"

namespace herder::vastsim {
namespace {

constexpr const char* kList = "/api/v0/instances/pending-price-increases/";
constexpr const char* kAccept = "/api/v0/instances/accept-price-increase/";
constexpr const char* kReject = "/api/v0/instances/reject-price-increase/";

TEST_F(ApiTest, AnAcceptedIncreaseCountsFromTheEndOfTheRental) {
    const ContractNumber id = rent_one();
    ASSERT_TRUE(market_.end_rental(id, hours(2)));
    ASSERT_TRUE(market_.raise_price(id, 1500));
    const Json list = json(call("GET", kList));
    ASSERT_EQ(list.find("count")->to_integer().value(), 1);
    const Json& row = list.find("pending_price_increases")->if_array()->front();
    EXPECT_EQ(row.find("contract_id")->to_integer().value(), id);
    EXPECT_GT(row.find("new_gpu_costpersec")->to_number().value(),
              row.find("old_gpu_costpersec")->to_number().value());
    const std::string number = row.find("pending_price_increase_id")->to_text();
    EXPECT_EQ(call("PUT", kAccept, R"({"id":5,"pending_price_increase_id":)" + number + "}").status,
              400);
    const UsdPerHour before = market_.contracts().at(id).gpu_rate;
    const std::string body = R"({"pending_price_increase_id":)" + number + "}";
    EXPECT_EQ(call("PUT", kAccept, body).status, 200);
    EXPECT_EQ(market_.contracts().at(id).gpu_rate, before) << "not before the end";
    EXPECT_EQ(call("PUT", kAccept, body).body,
              R"({"success":false,"error":"no_pending_price_increase"})");
    market_.advance(market_.now() + hours(3));
    EXPECT_EQ(market_.contracts().at(id).gpu_rate.micros, before.micros * 3 / 2);
    EXPECT_EQ(market_.contracts().at(id).reported.actual_status, "running");
}

TEST_F(ApiTest, ARejectedIncreaseEndsWithTheRental) {
    const ContractNumber id = rent_one();
    ASSERT_TRUE(market_.end_rental(id, hours(2)));
    ASSERT_TRUE(market_.raise_price(id, 1500));
    const std::int64_t number = market_.contracts().at(id).increase->id;
    EXPECT_EQ(
        call("PUT", kReject, R"({"pending_price_increase_id":)" + std::to_string(number) + "}")
            .status,
        200);
    market_.advance(market_.now() + hours(3));
    EXPECT_EQ(market_.contracts().at(id).reported.intended, ContractState::kStopped);
    EXPECT_EQ(call("PUT", instance_path(id), R"({"state":"running"})").status, 400);
    market_.advance(market_.now() + hours(48));
    EXPECT_EQ(market_.find_listed(id), nullptr) << "the data is deleted two days later";
}

}  // namespace
}  // namespace herder::vastsim
