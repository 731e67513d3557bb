#include "cli/offer_view.h"

#include <gtest/gtest.h>

namespace herder::cli {
namespace {

const Look kLook{.utf8 = true, .now = {}};

TEST(OfferView, ThePlanGivesReasonsForAndAgainst) {
    const Json plan = *protocol::parse_json(
        R"({"offers_seen":212,"matching":14,"candidates":[
             {"provider":"vast","ask":7,"machine":9912,"gpu_name":"RTX_4090","gpu_count":1,
              "market":"spot","price_per_hour":"0.2","reliability":"0.9940","upload_mbps":1800,
              "download_mbps":95,"expected_cost":"0.0512","why":"lowest expected cost"}],
            "rejected":{"too dear":131,"wrong GPU":19},"worst_case_cost":"1",
            "budget_objection":null})",
        1 << 20);
    EXPECT_EQ(
        plan_page(plan, kLook),
        "#  PROVIDER  MACHINE  GPU          MARKET   $/H   REL.  NET DOWN/UP  EST. COST  WHY\n"
        "1  vast      m9912    1x RTX_4090  spot    0.20  99.4%     95M/1.8G    $0.0512  "
        "lowest expected cost\n"
        "   14 of 212 offers match; not taken: 131 too dear, 19 wrong GPU\n"
        "Reserves   at most $1.00, the worst case within its limits\n");
}

// What a budget says is the error that follows the plan: it is not said twice.
TEST(OfferView, SaysWhenNothingFitsAndLeavesTheBudgetToTheError) {
    const Json plan = *protocol::parse_json(
        R"({"offers_seen":3,"candidates":[],"rejected":{},"worst_case_cost":"0",
            "budget_objection":"team-nlp has $0.10 left"})",
        1 << 20);
    EXPECT_EQ(plan_page(plan, kLook),
              "   0 of 3 offers match\n   nothing fits now; the job would wait in the queue\n");
}

TEST(OfferView, ReliabilityIsNeverRoundedUp) {
    Json offer{Json::Object{}};
    const auto shown = [&](const char* text) {
        offer = Json(Json::Object{});
        offer.set("reliability", text);
        return to_table({offer}, offers_list(false), Format::kTable, kLook).rows[0][12];
    };
    EXPECT_EQ(shown("0.9999"), "99.9%");
    EXPECT_EQ(shown("0.05"), "5.0%");
    EXPECT_EQ(shown("1.0000"), "100.0%");
}

}  // namespace
}  // namespace herder::cli
