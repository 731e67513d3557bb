#include "core/market/gpu_names.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(GpuNames, IgnoreCaseSpaceUnderscoreAndHyphen) {
    for (const char* text : {"RTX_4090", "RTX 4090", "rtx4090", "rtx-4090", "Rtx_4090", "4090"})
        EXPECT_EQ(parse_gpu_name(text), "RTX_4090") << text;
    EXPECT_EQ(parse_gpu_name("h100 sxm"), "H100_SXM");
    EXPECT_EQ(parse_gpu_name("RTX 4070 S"), "RTX_4070S");
    EXPECT_EQ(parse_gpu_name("rtx pro 6000 max q"), "RTX_PRO_6000_Max-Q");
    EXPECT_EQ(parse_gpu_name("v100"), "Tesla_V100");
    EXPECT_EQ(parse_gpu_name("a6000"), "RTX_A6000");
    EXPECT_EQ(parse_gpu_name("banana"), std::nullopt);
    EXPECT_EQ(parse_gpu_name(""), std::nullopt);
}

TEST(GpuNames, EveryKnownNameReadsBackAndNoTwoCollide) {
    for (const std::string& name : known_gpu_names()) {
        EXPECT_EQ(parse_gpu_name(name), name);
        EXPECT_EQ(parse_gpu_name(to_market_gpu_name(name)), name);
        EXPECT_EQ(from_market_gpu_name(to_market_gpu_name(name)), name);
    }
    EXPECT_GT(known_gpu_names().size(), 100U);
}

TEST(GpuNames, FamiliesServeWithAllTheirCards) {
    EXPECT_EQ(parse_gpu_name("A100"), "A100");
    EXPECT_EQ(gpu_family("A100"), (std::vector<std::string>{"A100_PCIE", "A100_SXM4", "A100_SXM"}));
    EXPECT_EQ(gpu_family("RTX_4090"), std::vector<std::string>{"RTX_4090"});
    EXPECT_TRUE(gpu_matches("A100", "A100_PCIE"));
    EXPECT_TRUE(gpu_matches("A100", "A100_SXM4"));
    EXPECT_FALSE(gpu_matches("A100", "A100X"));
    EXPECT_TRUE(gpu_matches("A100_SXM", "A100_SXM4")) << "two spellings of one card";
    EXPECT_FALSE(gpu_matches("A100_PCIE", "A100_SXM4"));
    EXPECT_TRUE(gpu_matches("", "anything"));
    EXPECT_FALSE(gpu_matches("RTX_4090", "RTX_4090D"));
}

TEST(GpuNames, SuggestsTheNearestAndNothingForNonsense) {
    EXPECT_EQ(suggest_gpu_name("RTX_4O90"), "RTX_4090");
    EXPECT_EQ(suggest_gpu_name("H100_SMX"), "H100_SXM");
    EXPECT_EQ(suggest_gpu_name("RTX 409"), "RTX_4090");
    EXPECT_EQ(suggest_gpu_name("something else entirely"), "");
    EXPECT_EQ(suggest_gpu_name(""), "");
}

TEST(GpuNames, UnknownCardsOfTheMarketPassThrough) {
    EXPECT_EQ(from_market_gpu_name("RTX 6090"), "RTX_6090");
    EXPECT_TRUE(gpu_matches("RTX_6090", "RTX_6090"));
}

}  // namespace
}  // namespace herder
