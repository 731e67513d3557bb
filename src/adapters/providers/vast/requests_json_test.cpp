#include "adapters/providers/vast/requests_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "adapters/http/url.h"

namespace herder::vast {
namespace {

boost::json::value json_of(const std::string& text) {
    return boost::json::parse(text);
}

CreateRequest rental() {
    CreateRequest request;
    request.ask = 7;
    request.label = "herder1-a1b2-i42-0a1b2c";
    request.disk = gigabytes(40);
    request.image = "debian:12";
    request.onstart = "echo hello";
    request.env = {{"JOB_TOKEN", "s3cret"}, {"-p 8080:8080", "1"}};
    return request;
}

TEST(Search, SendsEveryFilterThatMatters) {
    OfferQuery query;
    query.gpu_name = "A100";
    query.gpu_count = 4;
    query.disk = gigabytes(40);
    query.interruptible = true;
    query.limit = 64;
    EXPECT_EQ(json_of(encode_search(query)), json_of(R"({
        "verified":{"eq":true},"external":{"eq":false},"rentable":{"eq":true},"rented":{"eq":false},
        "gpu_name":{"in":["A100 PCIE","A100 SXM4","A100 SXM"]},"num_gpus":{"eq":4},
        "disk_space":{"gte":40},"order":[["dph_total","asc"]],"type":"bid","allocated_storage":40,
        "limit":64})"));
}

TEST(Search, AnyGpuHasNoFilterAndAFloorIsSentExactly) {
    OfferQuery query;
    query.gpu_count = 0;
    const auto body =
        json_of(encode_search(query, {.floor = {355'033}, .without = {7, 9}})).as_object();
    EXPECT_FALSE(body.contains("gpu_name"));
    EXPECT_FALSE(body.contains("num_gpus"));
    EXPECT_EQ(body.at("type"), "on-demand");
    EXPECT_EQ(body.at("dph_total").at("gte").as_double(), 0.355033);
    EXPECT_EQ(body.at("ask_contract_id"), json_of(R"({"notin":[7,9]})"));
}

TEST(Search, AReservedSearchAsksForItsOwnPrices) {
    OfferQuery query;
    query.reserved = true;
    EXPECT_EQ(json_of(encode_search(query)).at("type"), "reserved");
}

TEST(Create, EveryRunTypeStartsTheScript) {
    CreateRequest request = rental();
    request.run_type = RunType::kJupyter;
    EXPECT_EQ(json_of(encode_create(request).value()).at("runtype"), "jupyter");
    request.run_type = RunType::kCommand;
    const auto body = json_of(encode_create(request).value());
    EXPECT_EQ(body.at("runtype"), "args");
    EXPECT_EQ(body.at("onstart"), "/bin/sh");
    EXPECT_EQ(body.at("args"), json_of(R"(["-c","echo hello","herder","fg"])"));
}

TEST(Create, APrivateImageCarriesItsLogin) {
    CreateRequest request = rental();
    EXPECT_FALSE(json_of(encode_create(request).value()).as_object().contains("image_login"));
    request.image_login = "-u me -p s3cret docker.io";
    EXPECT_EQ(json_of(encode_create(request).value()).at("image_login"),
              "-u me -p s3cret docker.io");
}

TEST(Create, AnInterruptibleRentalCarriesItsBid) {
    CreateRequest request = rental();
    request.bid = {171'234};
    EXPECT_EQ(json_of(encode_create(request).value()), json_of(R"({
        "client_id":"me","image":"debian:12","disk":40,"price":0.171234,"runtype":"ssh",
        "onstart":"echo hello","label":"herder1-a1b2-i42-0a1b2c","cancel_unavail":true,
        "target_state":"running","env":{"JOB_TOKEN":"s3cret","-p 8080:8080":"1"}})"));
}

TEST(Create, AnOnDemandRentalSaysSoWithANull) {
    const auto body = json_of(encode_create(rental()).value()).as_object();
    EXPECT_TRUE(body.at("price").is_null());
}

TEST(Create, DiskIsRoundedUpToWholeGigabytesAndTheMinimum) {
    EXPECT_EQ(disk_gigabytes(gigabytes(1)), 8);
    EXPECT_EQ(disk_gigabytes(gigabytes(40)), 40);
    EXPECT_EQ(disk_gigabytes(gigabytes(40) + Bytes{1}), 41);
}

TEST(Create, RefusesWhatTheMarketWouldRefuseAndShowsNoSecret) {
    const auto refused = [](auto change) {
        CreateRequest request = rental();
        change(request);
        const auto encoded = encode_create(request);
        if (encoded) return std::string("accepted");
        EXPECT_EQ(encoded.error().code, ErrorCode::kInvalid);
        EXPECT_EQ(encoded.error().message.find("s3cret"), std::string::npos);
        return encoded.error().message;
    };
    EXPECT_EQ(refused([](CreateRequest&) {}), "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.label = ""; }), "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.label = std::string(61, 'l'); }), "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.onstart = std::string(4'000, 'x'); }), "accepted");
    EXPECT_EQ(refused([](CreateRequest& r) { r.onstart = std::string(3'999, 'x'); }), "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.image = ""; }), "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.env[0].first = std::string(257, 'k'); }),
              "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.env[0].second = std::string(32'800, 'v'); }),
              "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.bid = {999}; }), "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.bid = {128'000'001}; }), "accepted");
    EXPECT_NE(refused([](CreateRequest& r) { r.ask = 0; }), "accepted");
}

TEST(Bid, IsTheWholeMachinesPrice) {
    EXPECT_EQ(json_of(encode_bid({170'000}).value()),
              json_of(R"({"client_id":"me","price":0.17})"));
    EXPECT_FALSE(encode_bid({0}).has_value());
}

TEST(Targets, CarryTheirQueryEncoded) {
    EXPECT_TRUE(list_target("").starts_with("/api/v1/instances/?limit=25&order_by="));
    EXPECT_EQ(list_target("").find("after_token"), std::string::npos);
    const std::string second = list_target("eyJ2Ijp7fX0=");
    const auto query = http::Query::parse(second.substr(second.find('?') + 1));
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(query->get("after_token"), "eyJ2Ijp7fX0=");
    EXPECT_EQ(query->get("order_by"), R"([{"col":"id","dir":"asc"}])");

    const std::string charges = charges_target(20'027, "t");
    const auto asked = http::Query::parse(charges.substr(charges.find('?') + 1));
    ASSERT_TRUE(asked.has_value());
    EXPECT_EQ(json_of(*asked->get("select_filters")),
              json_of(R"({"day":{"gte":1730332800,"lte":1730419199},"type":{"in":["instance"]}})"));
    EXPECT_EQ(asked->get("after_token"), "t");
}

}  // namespace
}  // namespace herder::vast
