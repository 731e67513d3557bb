#include "adapters/providers/vast/offers_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace herder::vast {
namespace {

constexpr WallTime kNow{1'795'435'200LL * 1'000'000};

// The coherent example row of the API reference, section 3.1.
constexpr const char* kRow = R"({
  "id":36538118,"ask_contract_id":36538118,"bundle_id":987654321,"bundled_results":null,
  "machine_id":49612,"host_id":55555,"hosting_type":1,"hostname":null,"gpu_name":"RTX 4090",
  "num_gpus":1,"gpu_ids":[1111],"gpu_frac":0.125,"gpu_ram":24564,"gpu_total_ram":24564,
  "cpu_cores":48,"cpu_ram":258048,"disk_space":812.4,"disk_bw":3120.5,"inet_up":736.2,
  "inet_down":865.0,"inet_up_cost":0.00456,"inet_down_cost":0.00123,"storage_cost":0.15,
  "storage_total_cost":0.008333,"dph_base":0.3467,"dph_total":0.355033,"min_bid":0.1712,
  "reliability":0.9942,"reliability2":0.9942,"verification":"verified","vericode":1,
  "rentable":true,"rented":false,"is_bid":false,"external":null,"geolocation":"California, US",
  "duration":1234567.89,"end_date":1893456000,"score":321.7,"driver_version":"570.124.04",
  "cuda_max_good":12.8,"pcie_bw":23.1,"cpu_ghz":2.65,"cpu_cores_effective":6.0,"dlperf":101.3})";

OfferQuery query_of(bool interruptible = false) {
    OfferQuery query;
    query.gpu_name = "RTX_4090";
    query.disk = gigabytes(40);
    query.interruptible = interruptible;
    return query;
}

// The example row with some fields replaced (a JSON object; null stays null, "-" removes).
std::string body_with(const std::string& changes) {
    boost::json::object row = boost::json::parse(kRow).as_object();
    const boost::json::value changed = boost::json::parse(changes);
    for (const auto& [name, value] : changed.as_object()) {
        if (value.is_string() && value.as_string() == "-") {
            row.erase(name);
        } else {
            row[name] = value;
        }
    }
    boost::json::array rows;
    rows.emplace_back(row);
    return boost::json::serialize(boost::json::object{{"offers", rows}});
}

OfferPage page_of(const std::string& changes, const OfferQuery& query = query_of()) {
    return parse_offers(body_with(changes), query, kNow).value();
}

TEST(Offers, ReadTheExampleRow) {
    const OfferPage page = page_of("{}");
    ASSERT_EQ(page.offers.size(), 1U);
    Offer expected;
    expected.provider = "vast";
    expected.ask = 36'538'118;
    expected.machine = 49'612;
    expected.host = 55'555;
    expected.gpu_name = "RTX_4090";
    expected.gpu_ram_mb = 24'564;
    expected.gpu_price = {346'700};
    expected.disk_price_per_gb = {209};  // 0.15 / 720 h rounded up
    expected.upload_price_per_gb_micros = 4'560;
    expected.download_price_per_gb_micros = 1'230;
    expected.reliability_ppm = 994'200;
    expected.upload_mbps = 736;
    expected.download_mbps = 865;
    expected.disk_free = Bytes{812'400'000'000};
    expected.remaining = Duration{1'234'567'890'000};
    expected.verified = true;
    expected.location = "US";
    expected.driver = "570.124.04";
    expected.disk_mb_per_second = 3'121;  // 3120.5
    expected.sheet = {.cuda_hundredths = 1280,
                      .pcie_mb_per_second = 23'100,
                      .cpu_mhz = 2650,
                      .cpu_threads_tenths = 60,
                      .ram_mb = 258'048,
                      .dl_performance_tenths = 1013,
                      .status = "verified"};
    EXPECT_EQ(page.offers[0], expected);
    EXPECT_EQ(page.rows, 1U);
    EXPECT_EQ(page.dearest, UsdPerHour{355'032});
}

TEST(Offers, InABidSearchTheFloorIsThePrice) {
    const OfferPage page =
        page_of(R"({"is_bid":true,"dph_base":0.1712,"dph_total":0.179533})", query_of(true));
    ASSERT_EQ(page.offers.size(), 1U);
    EXPECT_TRUE(page.offers[0].interruptible);
    EXPECT_EQ(page.offers[0].gpu_price, UsdPerHour{171'200});
}

TEST(Offers, AnUnknownPriceIsNotZero) {
    const Offer no_gpu = page_of(R"({"dph_base":null})").offers.at(0);
    EXPECT_EQ(no_gpu.gpu_price, UsdPerHour{0}) << "which the ranking refuses as unknown";
    const Offer no_disk =
        page_of(R"({"storage_cost":null,"storage_total_cost":null})").offers.at(0);
    EXPECT_EQ(no_disk.disk_price_per_gb, UsdPerHour{-1});
    const Offer derived = page_of(R"({"storage_cost":null})").offers.at(0);
    EXPECT_EQ(derived.disk_price_per_gb, UsdPerHour{209}) << "0.008333 / 40 GB";
}

TEST(Offers, NumbersMayBeStringsAndFieldsNull) {
    const Offer offer = page_of(R"({"id":"36538118","num_gpus":"1","dph_base":"0.3467",
        "geolocation":null,"cpu_cores":null,"score":null,"inet_up_cost":null,"duration":null,
        "end_date":"1795438800"})")
                            .offers.at(0);
    EXPECT_EQ(offer.ask, 36'538'118);
    EXPECT_EQ(offer.gpu_price, UsdPerHour{346'700});
    EXPECT_EQ(offer.location, "");
    EXPECT_EQ(offer.remaining, hours(1));
    EXPECT_EQ(page_of(R"({"duration":"-","end_date":null})").offers.at(0).remaining, kForever);
    EXPECT_EQ(page_of(R"({"geolocation":", US"})").offers.at(0).location, "US");
    EXPECT_EQ(page_of("{}").offers.at(0).driver, "570.124.04");
    EXPECT_EQ(page_of("{}").offers.at(0).disk_mb_per_second, 3121) << "3120.5";
    EXPECT_EQ(page_of(R"({"id":"-"})").offers.at(0).ask, 36'538'118) << "its filterable twin";
}

TEST(Offers, WhatTheHostDoesNotSayOfItselfStaysEmpty) {
    const Offer offer = page_of(R"({"cuda_max_good":null,"pcie_bw":"-","cpu_ghz":null,"dlperf":-3,
        "cpu_cores_effective":null,"cpu_ram":null,"verification":"-"})")
                            .offers.at(0);
    EXPECT_EQ(offer.sheet, OfferSheet{});
}

TEST(Offers, EveryFilterIsCheckedAgain) {
    for (const char* changes :
         {R"({"gpu_name":"RTX 3090"})", R"({"num_gpus":2})", R"({"disk_space":39.9})",
          R"({"rentable":false})", R"({"rented":true})", R"({"external":true})",
          R"({"verification":"unverified","vericode":0})", R"({"is_bid":true})"}) {
        const OfferPage page = page_of(changes);
        EXPECT_TRUE(page.offers.empty()) << changes;
        EXPECT_EQ(page.rows, 1U) << changes;
    }
}

TEST(Offers, RowsWithoutAnIdOrMachineAreDropped) {
    EXPECT_TRUE(page_of(R"({"machine_id":null})").offers.empty());
    EXPECT_TRUE(page_of(R"({"id":null,"ask_contract_id":null})").offers.empty());
    EXPECT_TRUE(parse_offers(R"({"offers":[7,null,"x",[]]})", query_of(), kNow)->offers.empty());
}

TEST(Offers, AFamilyAndAnyGpuTakeWhatTheyShould) {
    OfferQuery query = query_of();
    query.gpu_name = "A100";
    EXPECT_EQ(page_of(R"({"gpu_name":"A100 SXM4"})", query).offers.at(0).gpu_name, "A100_SXM4");
    query.gpu_name = "";
    query.gpu_count = 0;
    EXPECT_EQ(page_of(R"({"gpu_name":"RTX 6090 Ultra","num_gpus":8})", query).offers.at(0).gpu_name,
              "RTX_6090_Ultra");
}

TEST(Offers, AnAnswerWithoutAListIsAnErrorAndNotAnEmptyMarket) {
    for (const char* body :
         {"", "[]", "{}", R"({"offers":{}})", R"({"offers":null})", "{\"offers\":["})
        EXPECT_FALSE(parse_offers(body, query_of(), kNow).has_value()) << body;
    EXPECT_EQ(parse_offers(R"({"offers":[]})", query_of(), kNow), OfferPage{});
}

TEST(Offers, HugeAndOddNumbersDoNotBreak) {
    const OfferPage page = page_of(
        R"({"dph_base":1e300,"num_gpus":1,"reliability2":7,"inet_up":-5,"disk_space":1e9,"duration":1e18})");
    ASSERT_EQ(page.offers.size(), 0U) << "a disk that does not fit is no disk";
    EXPECT_EQ(page_of(R"({"reliability2":7,"inet_up":-5})").offers.at(0).reliability_ppm,
              1'000'000);
    EXPECT_EQ(page_of(R"({"reliability2":7,"inet_up":-5})").offers.at(0).upload_mbps, 0);
}

}  // namespace
}  // namespace herder::vast
