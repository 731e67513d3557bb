#include "config/profiles_lint.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

constexpr const char* kText =
    "profiles:\n"
    "  training-distributed: {gpu_name: H100_SXM, num_gpus: 4, max_dph: 4.00}\n";

std::string lint(std::optional<UsdPerHour> cheapest) {
    Diagnostics out("gpu_profiles.yaml", kText);
    const Profiles profiles = parse_profiles(kText, out);
    (void)lint_profiles(profiles, {{"training-distributed", cheapest}}, out);
    EXPECT_FALSE(out.has_errors());
    return out.to_text();
}

TEST(ProfilesLint, ShowsThePriceTrap) {
    EXPECT_EQ(lint(usd_per_hour_micros(6'920'000)),
              "gpu_profiles.yaml:2:59: warning: no offer matches training-distributed\n"
              "    2 |   training-distributed: {gpu_name: H100_SXM, num_gpus: 4, max_dph: 4.00}\n"
              "      |                                                           ^^^^^^^^^^^^^ "
              "cheapest 4x H100_SXM now is $6.92/h\n"
              "      = help: for 4 per GPU write max_dph_per_gpu: 4\n");
}

TEST(ProfilesLint, IsSilentWhereAnOfferFits) {
    EXPECT_EQ(lint(usd_per_hour_micros(3'000'000)), "");
}

TEST(ProfilesLint, SaysWhenThereIsNoSuchMachine) {
    EXPECT_NE(lint(std::nullopt).find("no machine with 4x H100_SXM"), std::string::npos);
}

}  // namespace
}  // namespace herder::config
