#include "core/market/gpu_names.h"

#include <gtest/gtest.h>

#include <map>

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

TEST(GpuNames, WhatPeopleAndDriversWriteIsUnderstood) {
    const std::map<std::string, std::string> spellings = {
        {"NVIDIA GeForce RTX 4090", "RTX_4090"},
        {"GeForce GTX 1080 Ti", "GTX_1080_Ti"},
        {"rtx 4070 super", "RTX_4070S"},
        {"RTX 4070 Ti SUPER", "RTX_4070S_Ti"},
        {"NVIDIA GeForce RTX 4080 SUPER", "RTX_4080S"},
        {"1660 super", "GTX_1660_S"},
        {"2080 super", "RTX_2080S"},
        {"3060ti", "RTX_3060_Ti"},
        {"RTX 3060 Laptop GPU", "RTX_3060_laptop"},
        {"RTX 6000 Ada", "RTX_6000Ada"},
        {"NVIDIA RTX 6000 Ada Generation", "RTX_6000Ada"},
        {"NVIDIA RTX A6000", "RTX_A6000"},
        {"Quadro RTX 8000", "Q_RTX_8000"},
        {"RTX PRO 6000 Blackwell Server Edition", "RTX_PRO_6000_S"},
        {"NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX_PRO_6000_WS"},
        {"RTX PRO 6000 Blackwell Max-Q Workstation Edition", "RTX_PRO_6000_Max-Q"},
        {"NVIDIA L40S", "L40S"},
        {"a10G", "A10g"},
        {"H100 SXM5", "H100_SXM"},
        {"NVIDIA H100 PCIe", "H100_PCIE"},
        {"H200 SXM", "H200"},
        {"GH200", "GH200_SXM"},
        {"V100-SXM2", "Tesla_V100"},
        {"t4", "Tesla_T4"},
        {"mi100", "InstinctMI100"},
        {"AMD Instinct MI210", "InstinctMI210"},
        {"Radeon RX 7900 XTX", "RX_7900_XTX"},
        {"AMD Radeon PRO W7900", "PRO_W7900"},
        {"titan xp", "Titan_Xp"},
        {"nvidia-a100", "A100"},
        {"A100-PCIE", "A100_PCIE"},
    };
    for (const auto& [text, name] : spellings)
        EXPECT_EQ(parse_gpu_name(text), name) << text;
}

TEST(GpuNames, ASizeOfMemoryIsNeverDroppedInSilence) {
    EXPECT_EQ(parse_gpu("A100-80GB"), (NamedGpu{"A100", 80'000}));
    EXPECT_EQ(parse_gpu("NVIDIA A100-SXM4-40GB"), (NamedGpu{"A100_SXM4", 40'000}));
    EXPECT_EQ(parse_gpu("NVIDIA H100 80GB HBM3"), (NamedGpu{"H100_SXM", 80'000}));
    EXPECT_EQ(parse_gpu("Tesla V100-SXM2-32GB"), (NamedGpu{"Tesla_V100", 32'000}));
    EXPECT_EQ(parse_gpu("RTX 4060 Ti 16GB"), (NamedGpu{"RTX_4060_Ti", 16'000}));
    EXPECT_EQ(parse_gpu_name("A100-80GB"), std::nullopt);
}

TEST(GpuNames, AmbiguousWordsStayUnknown) {
    // A Quadro, an Ada and a Blackwell card are all called so.
    EXPECT_EQ(parse_gpu_name("RTX 6000"), std::nullopt);
    EXPECT_EQ(parse_gpu_name("5000"), std::nullopt);
}

TEST(GpuNames, FormsThatCoexistOnTheMarketAreOneCard) {
    EXPECT_EQ(from_market_gpu_name("RTX 4070S"), "RTX_4070S");
    EXPECT_EQ(from_market_gpu_name("RTX_4070_SUPER"), "RTX_4070S");
    EXPECT_EQ(from_market_gpu_name("RTX 6000 Ada"), "RTX_6000Ada");
    EXPECT_EQ(from_market_gpu_name("RTX_4090"), "RTX_4090");
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
