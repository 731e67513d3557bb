#include <gtest/gtest.h>

#include "adapters/providers/vast/script_test.h"
#include "adapters/providers/vast/vast_provider.h"

namespace herder::vast {
namespace {

using input::CallOutcome;

class VastMachinesTest : public testing::Test {
  protected:
    VirtualClock clock_;
    Traffic traffic_{clock_, [this](auto&, auto&, Duration d) { clock_.advance(d); }};
    Script script_{clock_};
    VastProvider provider_{script_.transport(), "k3y", clock_, traffic_};
};

TEST_F(VastMachinesTest, MachinesAreManagedOnTheirRoutes) {
    const auto last = [this] {
        const http::Request& request = script_.asked().back().request;
        return request.method + " " + request.target + " " + request.body;
    };
    for (int i = 0; i < 5; ++i)
        script_.answer(200, R"({"success":true})");
    EXPECT_EQ(provider_.stop({5}).outcome, CallOutcome::kDone);
    EXPECT_EQ(last(), R"(PUT /api/v0/instances/5/ {"state":"stopped"})");
    EXPECT_EQ(provider_.start({5}).outcome, CallOutcome::kDone);
    EXPECT_EQ(last(), R"(PUT /api/v0/instances/5/ {"state":"running"})");
    EXPECT_EQ(provider_.set_label({5}, "x").outcome, CallOutcome::kDone);
    EXPECT_EQ(last(), R"(PUT /api/v0/instances/5/ {"label":"x"})");
    EXPECT_EQ(provider_.reboot({5}).outcome, CallOutcome::kDone);
    EXPECT_EQ(last(), "PUT /api/v0/instances/reboot/5/ {}");
    EXPECT_EQ(provider_.recycle({5}).outcome, CallOutcome::kDone);
    EXPECT_EQ(last(), "PUT /api/v0/instances/recycle/5/ {}");
}

TEST_F(VastMachinesTest, ManyGoInFewCallsAndOneDoubtIsTheWholesDoubt) {
    std::vector<ContractId> many;
    for (std::int64_t id = 1; id <= 150; ++id)
        many.push_back({id});
    script_.answer(200, R"({"success":true})");
    script_.answer(502, "");
    EXPECT_EQ(provider_.destroy_many(many).outcome, CallOutcome::kUnknown);
    ASSERT_EQ(script_.asked().size(), 2U);
    const http::Request& request = script_.asked()[1].request;
    EXPECT_EQ(request.method + " " + request.target, "DELETE /api/v0/instances/");
    EXPECT_TRUE(request.body.starts_with(R"({"instance_ids":[101,)")) << request.body;
    script_.answer(200, R"({"success":true})");
    EXPECT_EQ(provider_.stop_many({{5}, {6}}).outcome, CallOutcome::kDone);
    EXPECT_EQ(script_.asked()[2].request.body, R"({"state":"stopped","ids":[5,6]})");
    EXPECT_EQ(provider_.stop_many({}).outcome, CallOutcome::kDone);
    EXPECT_EQ(script_.asked().size(), 3U);
}

TEST_F(VastMachinesTest, ALogIsFetchedWithoutTheKeyOnceItIsThere) {
    int polls = 0;
    VastProvider provider(script_.transport(), "k3y", clock_, traffic_,
                          [&](const std::string& url, const http::CallOptions&) {
                              EXPECT_EQ(url, "https://s3.example.org/5.log");
                              http::Response response;
                              response.status = ++polls < 3 ? 403 : 200;
                              response.body = "step 1\n";
                              return http::CallResult(response);
                          });
    LogQuery ten;
    ten.lines = 10;
    script_.answer(200, R"({"success":true,"result_url":"https://s3.example.org/5.log"})");
    EXPECT_EQ(provider.logs({5}, ten).value(), "step 1\n");
    EXPECT_EQ(script_.asked()[0].request.target, "/api/v0/instances/request_logs/5/");
    EXPECT_EQ(script_.asked()[0].request.body, R"({"tail":"10"})");
    script_.answer(404, R"({"success":false,"error":"invalid_id","msg":"Invalid instance id."})");
    EXPECT_EQ(provider.logs({6}, {}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(provider_.logs({5}, {}).error().code, ErrorCode::kInvalid) << "nothing to fetch with";
}

TEST_F(VastMachinesTest, OnlyCommandsThatWorkAreSent) {
    VastProvider provider(script_.transport(), "k3y", clock_, traffic_,
                          [](const std::string&, const http::CallOptions&) {
                              http::Response response;
                              response.body = "total 0";
                              return http::CallResult(response);
                          });
    EXPECT_EQ(provider.execute({5}, "cat x").error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(script_.asked().empty());
    script_.answer(200, R"({"success":true,"result_url":"https://s3.example.org/5.log"})");
    EXPECT_EQ(provider.execute({5}, "ls -l").value(), "total 0");
    EXPECT_EQ(script_.asked()[0].request.target, "/api/v0/instances/command/5/");
}

TEST_F(VastMachinesTest, PriceIncreasesAreReadAndAnswered) {
    script_.answer(200, R"({"success":true,"count":1,"truncated":false,"pending_price_increases":[
        {"pending_price_increase_id":7,"contract_id":5,"host_id":1,
         "new_gpu_costpersec":0.0001,"old_gpu_costpersec":0.00005}]})");
    const auto read = provider_.increases();
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(read->front().id, 7);
    EXPECT_EQ(read->front().contract, ContractId{5});
    EXPECT_EQ(read->front().gpu_price, UsdPerHour{360'000});
    script_.answer(200, R"({"success":true,"pending_price_increase_id":7,"contract_id":5})");
    EXPECT_EQ(provider_.answer_increase(7, false).outcome, CallOutcome::kDone);
    EXPECT_EQ(script_.asked().back().request.target, "/api/v0/instances/reject-price-increase/");
}

TEST_F(VastMachinesTest, MaintenancesAreReadForAHundredMachinesACall) {
    EXPECT_TRUE(provider_.maintenances({})->empty());
    EXPECT_TRUE(script_.asked().empty()) << "of no machine there is nothing to ask";
    std::vector<std::int64_t> machines(101, 9);
    const std::string starts = std::to_string(clock_.wall().us / 1'000'000 + 3'600);
    script_.answer(200, R"([{"machine_id":9,"start_time":)" + starts + R"(,"duration_hours":2}])");
    script_.answer(200, "[]");
    const auto read = provider_.maintenances(machines);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(script_.asked().size(), 2U);
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(read->front().machine, 9);
    EXPECT_EQ(read->front().lasts, hours(2));
    script_.answer(200, "[]");
    script_.answer(404, R"({"success":false,"error":"not_found"})");
    EXPECT_FALSE(provider_.maintenances(machines).has_value()) << "half an answer is none";
}

}  // namespace
}  // namespace herder::vast
