#include "adapters/providers/vast/charges_json.h"

#include <gtest/gtest.h>

namespace herder::vast {
namespace {

// The example of the API reference, section 2.18; 1730419200 is day 20028.
constexpr const char* kBill = R"({"success":true,"count":1,"total":14,"next_token":"t2","results":[
 {"start":1730419200,"end":1730678400,"type":"instance","source":"instance-12345678",
  "description":"Instance 12345678 Charges - 4 days","amount":38.421,
  "metadata":{"template_id":101,"label":"my-training-job"},
  "items":[{"start":1730419200,"end":1730678400,"type":"gpu","source":"...",
    "description":"96.000 hours at $0.389/hour","amount":37.344,"metadata":{},"items":[]},
   {"type":"disk","amount":0.9},{"type":"bwd","amount":0.12},{"type":"bwu","amount":0.057}]}]})";

ChargeRow row_of(std::int64_t day, ChargeKind kind, std::int64_t micros, std::string label) {
    ChargeRow row;
    row.charge.key = {{12'345'678}, day, kind};
    row.charge.amount = {micros};
    row.label = std::move(label);
    return row;
}

bool equal(const ChargeRow& a, const ChargeRow& b) {
    return a.charge == b.charge && a.label == b.label;
}

TEST(Charges, ReadTheExampleToTheMicro) {
    const auto page = parse_charges(kBill, 1);
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->results, 1U);
    EXPECT_EQ(page->total, 14);
    EXPECT_EQ(page->next_token, "t2");
    ASSERT_EQ(page->rows.size(), 4U);
    const std::string label = "my-training-job";
    EXPECT_TRUE(equal(page->rows[0], row_of(20'028, ChargeKind::kGpu, 37'344'000, label)));
    EXPECT_TRUE(equal(page->rows[1], row_of(20'028, ChargeKind::kDisk, 900'000, label)));
    EXPECT_TRUE(equal(page->rows[2], row_of(20'028, ChargeKind::kUpload, 57'000, label)));
    EXPECT_TRUE(equal(page->rows[3], row_of(20'028, ChargeKind::kDownload, 120'000, label)));
    Usd sum;
    for (const ChargeRow& row : page->rows)
        sum += row.charge.amount;
    EXPECT_EQ(sum, usd_micros(38'421'000));
}

TEST(Charges, ItemsOfOneDayAndKindAreOneCharge) {
    const auto page = parse_charges(R"({"results":[{"start":1730419200,"source":"instance-12345678",
      "items":[{"type":"gpu","amount":0.001},{"type":"gpu","amount":"0.002"},
               {"type":"snapshot","amount":0.5},{"type":"gpu","start":1730505600,"amount":0.1}]}]})",
                                    1);
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->rows.size(), 3U);
    EXPECT_TRUE(equal(page->rows[0], row_of(20'028, ChargeKind::kGpu, 3'000, "")));
    EXPECT_TRUE(equal(page->rows[1], row_of(20'028, ChargeKind::kOther, 500'000, "")));
    EXPECT_TRUE(equal(page->rows[2], row_of(20'029, ChargeKind::kGpu, 100'000, "")));
}

TEST(Charges, ARowWithoutItemsCountsWholeAndOneWithoutAStartForTheAskedDay) {
    const auto page = parse_charges(
        R"({"results":[{"source":"instance-12345678","amount":1.5,"items":[],"metadata":null}]})",
        20'100);
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_TRUE(equal(page->rows[0], row_of(20'100, ChargeKind::kOther, 1'500'000, "")));
}

TEST(Charges, WhatCannotBeReadIsAnErrorAndNotLeftOut) {
    for (const char* body :
         {"", "{}", R"({"results":{}})", R"({"results":[7]})", R"({"results":[{"amount":1}]})",
          R"({"results":[{"source":"volume-5","amount":1}]})",
          R"({"results":[{"source":"instance-5x","amount":1}]})",
          R"({"results":[{"source":"instance-5"}]})",
          R"({"results":[{"source":"instance-5","items":[{"type":"gpu"}]}]})"})
        EXPECT_FALSE(parse_charges(body, 1).has_value()) << body;
    EXPECT_TRUE(parse_charges(R"({"results":[]})", 1)->rows.empty());
    EXPECT_TRUE(parse_charges(R"({"results":null})", 1)->rows.empty());
}

}  // namespace
}  // namespace herder::vast
