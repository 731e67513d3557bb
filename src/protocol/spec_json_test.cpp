#include "protocol/spec_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

JobSpec make_spec() {
    JobSpec spec;
    spec.name = "digits \"q\"";
    spec.labels = {{"a", "1"}};
    spec.env = {{"LR", "0.1"}};
    spec.any_of = {{.gpu_name = "RTX_4090",
                    .gpu_count = 1,
                    .gpu_ram_mb_min = 24'000,
                    .disk = gigabytes(20),
                    .market = Market::kSpot,
                    .price_max = usd_per_hour_micros(250'000),
                    .reliability_min_ppm = 900'000}};
    spec.run = "python3 train.py\n";
    spec.outputs = {"out/*.pt"};
    spec.limits.max_duration = hours(2);
    return spec;
}

TEST(SpecJson, SpecSurvives) {
    const auto read = parse_job_spec(to_json(make_spec()));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, make_spec());
}

}  // namespace
}  // namespace herder::protocol
