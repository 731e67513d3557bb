#include "vastsim/query.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace herder::vastsim {
namespace {

bool holds(const std::string& conditions, const Json& actual) {
    const auto filters = parse_filters(parse_json("{\"x\":" + conditions + "}").value());
    EXPECT_TRUE(filters.has_value());
    for (const Filter& filter : *filters) {
        if (!matches(filter, actual)) return false;
    }
    return true;
}

TEST(Query, EveryOperatorOnNumbersAndNumericStrings) {
    EXPECT_TRUE(holds(R"({"eq":"1"})", 1));
    EXPECT_TRUE(holds(R"({"neq":2})", 1));
    EXPECT_TRUE(holds(R"({"gt":0.5,"lt":"1.5"})", 1));
    EXPECT_TRUE(holds(R"({"gte":1,"lte":1})", 1.0));
    EXPECT_TRUE(holds(R"({"in":[3,1]})", 1));
    EXPECT_TRUE(holds(R"({"notin":[3,2]})", 1));
    EXPECT_FALSE(holds(R"({"gt":1})", 1));
    EXPECT_FALSE(holds(R"({"in":[]})", 1));
    EXPECT_FALSE(holds(R"({"notin":[1]})", 1));
    EXPECT_FALSE(holds(R"({"gte":1})", nullptr));
}

TEST(Query, TextsBooleansAndNull) {
    EXPECT_TRUE(holds(R"({"in":["RTX 4090","RTX 3090"]})", "RTX 4090"));
    EXPECT_FALSE(holds(R"({"eq":"RTX_4090"})", "RTX 4090"));
    EXPECT_TRUE(holds(R"({"eq":false})", nullptr));
    EXPECT_TRUE(holds(R"({"eq":true})", true));
    EXPECT_FALSE(holds(R"({"eq":true})", false));
}

TEST(Query, SearchBodySplitsControlKeysFromFilters) {
    const auto query =
        parse_search(parse_json(R"({"type":"bid","order":[["dph_total","asc"]],"limit":"500",
                       "allocated_storage":40,"gpu_ram_GB":{"gte":24}})")
                         .value());
    ASSERT_TRUE(query);
    EXPECT_TRUE(query->bid);
    EXPECT_EQ(query->limit, 500);
    EXPECT_EQ(query->allocated_milli_gb, 40'000);
    ASSERT_EQ(query->filters.size(), 4U);  // with the defaults verified, rentable and rented
    const auto ram = std::find_if(query->filters.begin(), query->filters.end(),
                                  [](const Filter& f) { return f.field == "gpu_ram"; });
    ASSERT_NE(ram, query->filters.end());
    EXPECT_EQ(ram->values[0].to_integer().value(), 24'000);
}

TEST(Query, UnknownOperatorIsRefusedInTheWordsOfTheService) {
    const auto query = parse_search(parse_json(R"({"num_gpus":{"0":1}})").value());
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().message, "invalid_request 0 is not a valid search op");
}

}  // namespace
}  // namespace herder::vastsim
