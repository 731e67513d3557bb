#include "config/job_resources.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

std::vector<ResourceRequest> read(const std::string& text, const Profile* profile = nullptr) {
    Diagnostics out("f", text);
    const Node root = std::get<Node>(parse_yaml(text));
    const Field field{&root, {}, "resources", "/resources", &out};
    auto requests = read_resources(&field, profile);
    EXPECT_EQ(out.to_text(), "");
    return requests;
}

TEST(JobResources, OuterKeysAreDefaultsOfEachCandidate) {
    const auto all = read(
        "{disk: 20GB, max_price: 1, any_of: [{gpu: A100}, {gpu: 'H100:2', max_price_per_gpu: 2}]}");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].disk, gigabytes(20));
    EXPECT_EQ(all[0].price_max, usd_per_hour_micros(1'000'000));
    EXPECT_EQ(all[1].gpu_count, 2);
    EXPECT_EQ(all[1].price_max, usd_per_hour_micros(4'000'000));
}

TEST(JobResources, AProfilesPricePerGpuCountsTheJobsGpus) {
    Profile profile;
    profile.gpu_name = "A100";
    profile.price_max = PriceLimit{usd_per_hour_micros(2'000'000), true};
    const auto all = read("{accelerators: 'H100:4'}", &profile);
    EXPECT_EQ(all[0].gpu_name, "H100");
    EXPECT_EQ(all[0].price_max, usd_per_hour_micros(8'000'000));
}

TEST(JobResources, WithoutAWordAnyMachineWillDo) {
    EXPECT_EQ(read_resources(nullptr, nullptr), std::vector<ResourceRequest>{ResourceRequest{}});
}

}  // namespace
}  // namespace herder::config
