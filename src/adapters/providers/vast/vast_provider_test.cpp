#include "adapters/providers/vast/vast_provider.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/http/http_date.h"
#include "adapters/providers/vast/script_test.h"

namespace herder::vast {
namespace {

using input::CallOutcome;

std::string row(std::int64_t id, const std::string& label = "") {
    return R"({"id":)" + std::to_string(id) + R"(,"label":")" + label +
           R"(","actual_status":"running","intended_status":"running"})";
}
std::string page(const std::vector<std::int64_t>& ids, std::int64_t total,
                 const std::string& token = "") {
    std::string rows;
    for (const std::int64_t id : ids)
        rows += (rows.empty() ? "" : ",") + row(id);
    return R"({"success":true,"instances_found":)" + std::to_string(ids.size()) +
           R"(,"total_instances":)" + std::to_string(total) + R"(,"next_token":)" +
           (token.empty() ? "null" : "\"" + token + "\"") + R"(,"instances":[)" + rows + "]}";
}
std::string offers(std::int64_t first, std::size_t count,
                   std::int64_t first_price_micros = 100'000) {
    std::string rows;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t id = first + static_cast<std::int64_t>(i);
        const std::string price = std::to_string(first_price_micros + id - first);
        rows += std::string(rows.empty() ? "" : ",") + R"({"id":)" + std::to_string(id) +
                R"(,"machine_id":9,"gpu_name":"RTX 4090","num_gpus":1,"gpu_ram":24564,)" +
                R"("disk_space":100,"storage_cost":0.1,"verification":"verified","dph_base":0.)" +
                price + R"(,"dph_total":0.)" + price + "}";
    }
    return R"({"offers":[)" + rows + "]}";
}

class VastProviderTest : public testing::Test {
  protected:
    CreateRequest rental() {
        CreateRequest request;
        request.ask = 7;
        request.label = "herder1-a1b2-i42-0a1b2c";
        request.image = "debian:12";
        request.bid = {171'200};
        return request;
    }
    OfferQuery query() {
        OfferQuery query;
        query.gpu_name = "RTX_4090";
        return query;
    }

    VirtualClock clock_;
    Traffic traffic_{clock_, [this](auto&, auto&, Duration d) { clock_.advance(d); }};
    Script script_{clock_};
    VastProvider provider_{script_.transport(), "k3y", clock_, traffic_};
};

TEST_F(VastProviderTest, CreateIsOneCallWithTheLabelInIt) {
    script_.answer(200, R"({"success":true,"new_contract":50381086,"instance_api_key":"d15a"})");
    const CreateAnswer answer = provider_.create(rental());
    EXPECT_EQ(answer.outcome, CallOutcome::kDone);
    EXPECT_EQ(answer.contract, ContractId{50'381'086});
    ASSERT_EQ(script_.asked().size(), 1U);
    const http::Request& request = script_.asked()[0].request;
    EXPECT_EQ(request.method + " " + request.target, "PUT /api/v0/asks/7/");
    EXPECT_NE(request.body.find("herder1-a1b2-i42-0a1b2c"), std::string::npos);
    EXPECT_EQ(script_.asked()[0].options.timeout, seconds(60));
}

TEST_F(VastProviderTest, ACreateIsNeverRepeatedAndItsDoubtIsUnknown) {
    for (const int status : {429, 500, 502, 503, 504})
        script_.answer(status, "");
    script_.fail(true);
    const CallOutcome expected[] = {CallOutcome::kRefused, CallOutcome::kUnknown,
                                    CallOutcome::kUnknown, CallOutcome::kUnknown,
                                    CallOutcome::kUnknown, CallOutcome::kUnknown};
    std::size_t calls = 0;
    for (const CallOutcome outcome : expected) {
        EXPECT_EQ(provider_.create(rental()).outcome, outcome);
        EXPECT_EQ(script_.asked().size(), ++calls);
    }
}

TEST_F(VastProviderTest, ARentalRefusedForHasteIsNotHeldAgainstItsOffer) {
    script_.answer(429, R"({"detail":"API requests too frequent endpoint threshold=4.5"})");
    const CreateAnswer answer = provider_.create(rental());
    EXPECT_EQ(answer.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(answer.not_sent);
    EXPECT_FALSE(answer.offer_gone);
    EXPECT_EQ(answer.retry_in, milliseconds(4'500));
    EXPECT_EQ(script_.asked().size(), 1U) << "a create is one call, also after a 429";
}

TEST_F(VastProviderTest, AnImpossibleRentalIsNotSent) {
    CreateRequest request = rental();
    request.label.clear();
    const CreateAnswer answer = provider_.create(request);
    EXPECT_EQ(answer.outcome, CallOutcome::kRefused);
    EXPECT_TRUE(answer.not_sent);
    EXPECT_TRUE(script_.asked().empty());
}

TEST_F(VastProviderTest, ACreateThatThePaceMadeTooLateIsNotSent) {
    const Instant send_before = clock_.monotonic() + seconds(2);
    CreateRequest request = rental();
    request.may_send = [this, send_before] { return clock_.monotonic() < send_before; };
    script_.answer(410, R"({"success":false,"error":"no_such_ask"})");
    EXPECT_FALSE(provider_.create(request).not_sent);
    const CreateAnswer second = provider_.create(request);  // its turn comes 4.5 s later
    EXPECT_TRUE(second.not_sent);
    EXPECT_EQ(second.outcome, CallOutcome::kRefused);
    EXPECT_EQ(script_.asked().size(), 1U);
}

TEST_F(VastProviderTest, DestroyWaitsOutA429) {
    script_.answer(
        429,
        R"({"success":false,"error":"rate_limit_exceeded","msg":"API requests too frequent endpoint threshold=3.0"})");
    script_.answer(200, R"({"success":true,"msg":"Instance destroyed successfully"})");
    EXPECT_EQ(provider_.destroy({5}).outcome, CallOutcome::kDone);
    const http::Request& request = script_.asked()[1].request;
    EXPECT_EQ(request.method + " " + request.target, "DELETE /api/v0/instances/5/");
    EXPECT_GE(script_.asked()[1].at - script_.asked()[0].at, seconds(3));
}

TEST_F(VastProviderTest, ListReadsEveryPage) {
    script_.answer(200, page({1, 2}, 3, "next"));
    script_.answer(200, page({5}, 3));
    const auto machines = provider_.list();
    ASSERT_TRUE(machines.has_value());
    EXPECT_EQ(machines->size(), 3U);
    EXPECT_NE(script_.asked()[1].request.target.find("after_token=next"), std::string::npos);
    EXPECT_GE(script_.asked()[1].at - script_.asked()[0].at, seconds(1));
}

TEST_F(VastProviderTest, AnEmptyAccountIsAnEmptyList) {
    script_.answer(
        200,
        R"({"success":true,"instances_found":0,"total_instances":0,"instances":null,"next_token":null})");
    const auto machines = provider_.list();
    ASSERT_TRUE(machines.has_value());
    EXPECT_TRUE(machines->empty());
}

TEST_F(VastProviderTest, AListThatContradictsItselfIsWalkedOnceMore) {
    script_.answer(200, page({1, 2}, 3, "next"));
    script_.answer(200, page({5, 6}, 4));  // one was rented in between
    script_.answer(200, page({1, 2}, 4, "next"));
    script_.answer(200, page({5, 6}, 4));
    EXPECT_EQ(provider_.list()->size(), 4U);
}

TEST_F(VastProviderTest, AListIsCompleteOrAnError) {
    const std::vector<std::string> torn = {
        page({1}, 2),                                            // a row is missing
        page({1, 1}, 2),                                         // one is there twice
        R"({"success":true,"instances":[],"next_token":null})",  // no total
        page({}, 2, "next"),                                     // no progress
        R"({"total_instances":1,"instances_found":2,"instances":[{"id":1}]})",
    };
    for (const std::string& body : torn) {
        script_.answer(200, body);
        script_.answer(200, body);
        script_.answer(200, body);
        const auto machines = provider_.list();
        ASSERT_FALSE(machines.has_value()) << body;
        EXPECT_EQ(machines.error().code, ErrorCode::kUnavailable) << body;
    }
    EXPECT_TRUE(script_.is_used_up());
}

TEST_F(VastProviderTest, WhereTheNewListIsGoneTheOldOneIsRead) {
    script_.answer(404, R"({"success":false,"error":"not_found","msg":"no such route"})");
    script_.answer(200, R"({"instances_found":2,"instances":[{"id":1},{"id":2}]})");
    EXPECT_EQ(provider_.list()->size(), 2U);
    EXPECT_EQ(script_.asked()[1].request.target, "/api/v0/instances/");
    script_.answer(404, "");
    script_.answer(200, "");
    EXPECT_EQ(provider_.list().error().code, ErrorCode::kCorrupt) << "no body is no empty list";
    script_.answer(404, "");
    script_.answer(200, R"({"instances":[]})");
    EXPECT_EQ(provider_.list().error().code, ErrorCode::kUnavailable);
}

TEST_F(VastProviderTest, AFailedPageFailsTheListAtOnce) {
    script_.answer(200, page({1}, 2, "next"));
    script_.answer(502, "<html>");
    EXPECT_EQ(provider_.list().error().code, ErrorCode::kUnavailable);
    script_.answer(200, "<html>maintenance</html>");
    EXPECT_EQ(provider_.list().error().code, ErrorCode::kCorrupt);
    script_.answer(404, R"({"success":false,"error":"auth_error","msg":"Invalid user key"})");
    EXPECT_EQ(provider_.list().error().code, ErrorCode::kUnauthenticated);
    script_.fail(true, ErrorCode::kTimedOut);
    EXPECT_EQ(provider_.list().error().code, ErrorCode::kTimedOut);
    EXPECT_TRUE(script_.is_used_up());
}

TEST_F(VastProviderTest, ASearchThatIsNotCutOffIsOneCall) {
    script_.answer(200, offers(1, 20));
    const auto found = provider_.search(query());
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->size(), 20U);
    EXPECT_EQ(script_.asked()[0].request.method + " " + script_.asked()[0].request.target,
              "POST /api/v0/bundles/");
}

TEST_F(VastProviderTest, ACutOffSearchGoesOnFromTheLastPriceWithoutDoubles) {
    script_.answer(200, offers(1, 64));
    script_.answer(200, offers(64, 64, 100'063));  // its first row is the last of the page before
    script_.answer(200, offers(127, 3, 100'126));
    const auto found = provider_.search(query());
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->size(), 129U);
    EXPECT_NE(script_.asked()[1].request.body.find("1.00062E-1"), std::string::npos)
        << script_.asked()[1].request.body;
    EXPECT_EQ(script_.asked().size(), 3U);
}

TEST_F(VastProviderTest, ASearchEndsWhereThePriceDoesNotRise) {
    std::string same = offers(1, 64);
    for (std::size_t at = 0; (at = same.find("\"dph_total\":0.", at)) != std::string::npos; ++at)
        same.replace(at + 14, 6, "100000");
    for (int i = 0; i < 4; ++i)
        script_.answer(200, same);
    EXPECT_EQ(provider_.search(query())->size(), 64U);
    EXPECT_TRUE(script_.is_used_up()) << "without their ids, above their price, then enough";
}

TEST_F(VastProviderTest, ASearchReturnsAtMostTheLimit) {
    OfferQuery small = query();
    small.limit = 5;
    script_.answer(200, offers(1, 5));
    EXPECT_EQ(provider_.search(small)->size(), 5U);
    EXPECT_EQ(script_.asked().size(), 1U);
}

TEST_F(VastProviderTest, ABidIsChangedOnItsOwnRoute) {
    script_.answer(200, R"({"success":true})");
    EXPECT_EQ(provider_.change_bid({5}, {170'000}).outcome, CallOutcome::kDone);
    EXPECT_EQ(script_.asked()[0].request.target, "/api/v0/instances/bid_price/5/");
    EXPECT_EQ(provider_.change_bid({5}, {0}).outcome, CallOutcome::kRefused);
    EXPECT_EQ(script_.asked().size(), 1U);
}

TEST_F(VastProviderTest, ChargesAreReadDayByDayAndPageByPage) {
    const auto bill = [](std::int64_t contract, const char* amount, const std::string& token) {
        return R"({"success":true,"total":2,"next_token":)" + token +
               R"(,"results":[{"source":"instance-)" + std::to_string(contract) +
               R"(","start":1730419200,"metadata":{"label":"l"},"items":[{"type":"gpu","amount":)" +
               amount + "}]}]}";
    };
    script_.answer(200, bill(5, "0.5", "\"t\""));
    script_.answer(200, bill(6, "0.25", "null"));
    script_.answer(200, R"({"success":true,"total":0,"results":[]})");
    const auto rows = provider_.charges(20'028, 20'029);
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_EQ(rows->at(0).charge.amount, usd_micros(500'000));
    EXPECT_EQ(rows->at(1).charge.key.contract, ContractId{6});
    EXPECT_EQ(rows->at(1).label, "l");
    EXPECT_EQ(script_.asked().size(), 3U);
}

TEST_F(VastProviderTest, ARowThatComesWithTwoDaysCountsOnce) {
    const std::string bill =
        R"({"total":1,"results":[{"source":"instance-5","start":1730419200,"items":[{"type":"gpu","amount":0.5}]}]})";
    script_.answer(200, bill);
    script_.answer(200, bill);
    const auto rows = provider_.charges(20'028, 20'029);
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->at(0).charge.amount, usd_micros(500'000));
}

TEST_F(VastProviderTest, AnIncompleteBillIsAnError) {
    script_.answer(200, R"({"total":2,"results":[{"source":"instance-5","amount":1}]})");
    EXPECT_EQ(provider_.charges(1, 1).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(provider_.charges(2, 1).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(provider_.charges(1, 1'000).error().code, ErrorCode::kInvalid);
}

TEST_F(VastProviderTest, ShowAndAccountAreReads) {
    script_.answer(200, R"({"instances":null})");
    EXPECT_EQ(provider_.show({5}).value(), std::nullopt);
    script_.answer(404, R"({"success":false,"error":"no_such_instance"})");
    EXPECT_EQ(provider_.show({5}).value(), std::nullopt) << "seen by some clients";
    script_.answer(200, R"({"id":1,"username":"acme","credit":41.237512})");
    EXPECT_EQ(provider_.account()->credit, usd_micros(41'237'512));
}

TEST_F(VastProviderTest, TellsHowFarTheMarketsClockIsAhead) {
    constexpr char kUser[] = R"({"id":1,"username":"acme","credit":1})";
    http::Headers headers;
    headers.set("Date", http::to_http_date(clock_.wall() + minutes(3)));
    script_.answer(200, kUser, headers);
    const Duration ahead = provider_.account()->clock_ahead.value();
    EXPECT_GE(ahead, minutes(3) - seconds(1));
    EXPECT_LE(ahead, minutes(3) + seconds(1));
    script_.answer(200, kUser);
    EXPECT_FALSE(provider_.account()->clock_ahead) << "it does not say";
    headers.set("Date", "yesterday");
    script_.answer(200, kUser, headers);
    EXPECT_FALSE(provider_.account()->clock_ahead);
}

TEST_F(VastProviderTest, NoErrorShowsTheKey) {
    script_.answer(401, "");
    const auto machines = provider_.list();
    EXPECT_EQ(machines.error().message.find("k3y"), std::string::npos);
    script_.answer(401, "");
    EXPECT_TRUE(provider_.create(rental()).stop_all);
}

}  // namespace
}  // namespace herder::vast
