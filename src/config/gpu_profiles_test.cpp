#include "config/gpu_profiles.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

Profiles parse(const std::string& text, std::string* said = nullptr) {
    Diagnostics out("gpu_profiles.yaml", text);
    Profiles profiles = parse_profiles(text, out);
    if (said != nullptr) *said = out.to_text();
    return profiles;
}

TEST(GpuProfiles, KeepBothMeaningsOfThePriceApart) {
    const Profiles p = parse(
        "profiles:\n"
        "  whole: {num_gpus: 4, max_dph: 4.00}\n"
        "  each: {num_gpus: 4, max_dph_per_gpu: 4.00}\n");
    EXPECT_EQ(p.find("whole")->price_max->of_machine(4), usd_per_hour_micros(4'000'000));
    EXPECT_EQ(p.find("each")->price_max->of_machine(4), usd_per_hour_micros(16'000'000));
}

TEST(GpuProfiles, ExtendsTakesWhatIsLeftOut) {
    const Profiles p = parse(
        "profiles:\n"
        "  base: {gpu_name: RTX_4090, num_gpus: 2, max_dph: 1}\n"
        "  own: {extends: base, max_dph_per_gpu: 0.2}\n");
    EXPECT_EQ(p.find("own")->gpu_count, 2);
    EXPECT_TRUE(p.find("own")->price_max->per_gpu);
}

TEST(GpuProfiles, ANearerFileWinsByName) {
    Profiles near = parse("profiles: {a: {num_gpus: 1}}");
    near.add_missing(parse("profiles: {a: {num_gpus: 2}, b: {num_gpus: 3}}"));
    EXPECT_EQ(near.find("a")->gpu_count, 1);
    EXPECT_EQ(near.find("b")->gpu_count, 3);
}

TEST(GpuProfiles, FindsNothingByAWrongName) {
    EXPECT_EQ(parse("profiles: {a: {}}").find("b"), nullptr);
}

}  // namespace
}  // namespace herder::config
