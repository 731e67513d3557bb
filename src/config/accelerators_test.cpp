#include "config/accelerators.h"

#include <gtest/gtest.h>

namespace herder::config {
namespace {

std::vector<Accelerator> read(const std::string& yaml, bool* clean = nullptr) {
    const std::string text = "accelerators: " + yaml + "\n";
    Diagnostics out("f", text);
    const Node root = std::get<Node>(parse_yaml(text));
    auto all = read_accelerators({&root.entries[0].value, {}, "accelerators", "", &out});
    if (clean != nullptr) *clean = out.list().empty();
    return all;
}

TEST(Accelerators, TakeTheUsualSpellings) {
    using All = std::vector<Accelerator>;
    EXPECT_EQ(read("A100"), All{{.gpu_name = "A100"}});
    EXPECT_EQ(read("rtx 4090"), All{{.gpu_name = "RTX_4090"}});
    EXPECT_EQ(read("H100:4"), (All{{.gpu_name = "H100", .count = 4}}));
    EXPECT_EQ(read("A100:80GB:2"), (All{{.gpu_name = "A100", .count = 2, .ram_mb_min = 80'000}}));
    EXPECT_EQ(read("24GB+"), (All{{.gpu_name = "", .count = 1, .ram_mb_min = 24'000}}));
    EXPECT_EQ(read("NVIDIA:80GB:8"), (All{{.gpu_name = "", .count = 8, .ram_mb_min = 80'000}}));
    EXPECT_EQ(read("{A100: 1}"), All{{.gpu_name = "A100"}});
    EXPECT_EQ(read("{A100: 2, H100: 1}").size(), 2U);
}

TEST(Accelerators, RefuseWhatNamesNoGpu) {
    for (const char* text :
         {"\":\"", "\"A100:\"", "\"A100:x\"", "\"A100:0\"", "\"A100:1:2:3\"", "{}"}) {
        bool clean = true;
        EXPECT_TRUE(read(text, &clean).empty()) << text;
        EXPECT_FALSE(clean) << text;
    }
}

TEST(Accelerators, ANewCardPassesWithAWarning) {
    bool clean = true;
    EXPECT_EQ(read("QX 9999", &clean), (std::vector<Accelerator>{{.gpu_name = "QX_9999"}}));
    EXPECT_FALSE(clean);
}

TEST(Market, HasThreeWords) {
    EXPECT_STREQ(to_string(Market::kOnDemand), "on-demand");
    EXPECT_STREQ(to_string(Market::kSpot), "spot");
    EXPECT_STREQ(to_string(Market::kAuto), "auto");
}

}  // namespace
}  // namespace herder::config
