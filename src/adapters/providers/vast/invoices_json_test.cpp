#include "adapters/providers/vast/invoices_json.h"

#include <gtest/gtest.h>

#include "adapters/http/url.h"

namespace herder::vast {
namespace {

TEST(Invoices, ATopUpIsNegative) {
    const auto page = parse_invoices(R"({"success":true,"count":2,"total":3,"next_token":"t",
      "results":[{"start":1730419200,"end":null,"type":"credit","source":"card",
        "description":"Top-up","amount":-5.0,"metadata":{"invoice_id":1,"service":"stripe_payments"},
        "items":[]},{"type":"mystery","amount":"0.25"}]})");
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->next_token, "t");
    EXPECT_EQ(page->invoices.at(0), (Invoice{.at = WallTime{1'730'419'200'000'000},
                                             .kind = "credit",
                                             .service = "stripe_payments",
                                             .description = "Top-up",
                                             .amount = Usd{-5'000'000}}));
    EXPECT_EQ(page->invoices.at(1).kind, "mystery");
    EXPECT_FALSE(parse_invoices(R"({"results":[{"type":"credit"}]})").has_value());
    EXPECT_FALSE(parse_invoices("[]").has_value());
}

TEST(Invoices, AreAskedForInAClosedRange) {
    const std::string target = invoices_target(20'028, 20'029, "a+b");
    EXPECT_TRUE(target.starts_with("/api/v1/invoices/?select_filters=")) << target;
    const auto query = http::Query::parse(target.substr(target.find('?') + 1));
    EXPECT_EQ(query->get("select_filters"), R"({"when":{"gte":1730419200,"lte":1730591999}})");
    EXPECT_EQ(query->get("after_token"), "a+b");
}

TEST(PriceIncreases, AreReadByTheHour) {
    const auto increases = parse_price_increases(R"({"success":true,"count":2,"truncated":true,
      "pending_price_increases":[{"pending_price_increase_id":3,"contract_id":50381086,"host_id":5,
        "new_gpu_costpersec":0.0001,"old_gpu_costpersec":0.00005,"contract_end_date":1793000000.5},
       {"pending_price_increase_id":4,"contract_id":9,"new_gpu_costpersec":null}]})");
    ASSERT_TRUE(increases.has_value());
    EXPECT_TRUE(increases->is_cut_off);
    EXPECT_EQ(increases->rows.at(0).old_gpu_price, UsdPerHour{180'000});
    EXPECT_EQ(increases->rows.at(0).new_gpu_price, UsdPerHour{360'000});
    EXPECT_TRUE(increases->rows.at(0).is_price_known);
    EXPECT_FALSE(increases->rows.at(1).is_price_known) << "an unknown price is not zero";
    EXPECT_FALSE(
        parse_price_increases(R"({"pending_price_increases":[{"contract_id":9}]})").has_value());
    EXPECT_EQ(encode_price_increase(3), R"({"pending_price_increase_id":3})");
}

}  // namespace
}  // namespace herder::vast
