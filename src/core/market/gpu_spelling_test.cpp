#include "core/market/gpu_spelling.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

TEST(GpuSpelling, DropsWhatOnlyTheMakerSays) {
    EXPECT_EQ(read_gpu_spelling("NVIDIA GeForce RTX 4090").words, "rtx 4090");
    EXPECT_EQ(read_gpu_spelling("NVIDIA RTX 6000 Ada Generation").words, "rtx 6000 ada");
    EXPECT_EQ(read_gpu_spelling("AMD Radeon RX 7900 XTX").words, "rx 7900 xtx");
    EXPECT_EQ(read_gpu_spelling("Radeon VII").words, "radeon vii");
}

TEST(GpuSpelling, WritesSuperAsTheMarketDoes) {
    EXPECT_EQ(read_gpu_spelling("RTX 4070 SUPER").words, "rtx 4070 s");
    EXPECT_EQ(read_gpu_spelling("4070super").words, "4070 s");
    EXPECT_EQ(read_gpu_spelling("RTX 4070 Ti SUPER").words, "rtx 4070 s ti");
    EXPECT_EQ(read_gpu_spelling("3060ti").words, "3060 ti");
}

TEST(GpuSpelling, TakesTheMemoryOut) {
    EXPECT_EQ(read_gpu_spelling("A100-80GB"), (GpuSpelling{.words = "a100", .ram_mb = 80'000}));
    EXPECT_EQ(read_gpu_spelling("NVIDIA A100-SXM4-40GB"),
              (GpuSpelling{.words = "a100 sxm4", .ram_mb = 40'000}));
    EXPECT_EQ(read_gpu_spelling("gb").ram_mb, 0);
    EXPECT_EQ(read_gpu_spelling("12x34gb").ram_mb, 0);
}

TEST(GpuSpelling, ReadsHowACardIsMounted) {
    EXPECT_EQ(read_gpu_spelling("NVIDIA H100 80GB HBM3").words, "h100 sxm");
    EXPECT_EQ(read_gpu_spelling("NVIDIA H100 PCIe").words, "h100 pcie");
    EXPECT_EQ(read_gpu_spelling("H100-SXM5").words, "h100 sxm");
    EXPECT_EQ(read_gpu_spelling("Tesla V100-SXM2-16GB").words, "tesla v100");
    EXPECT_EQ(read_gpu_spelling("NVIDIA GH200 480GB").words, "gh200 sxm");
}

TEST(GpuSpelling, SqueezesSignsAndCase) {
    EXPECT_EQ(squeeze_gpu_name("RTX PRO 6000 Max-Q"), "rtxpro6000maxq");
    EXPECT_EQ(squeeze_gpu_name(" _-"), "");
    EXPECT_LE(squeeze_gpu_name(std::string(10'000, 'x')).size(), 96U);
}

}  // namespace
}  // namespace herder
