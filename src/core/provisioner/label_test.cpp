#include "core/provisioner/label.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace herder {
namespace {

ClusterIdentity cluster() {
    return {.name = "a1b2", .key = std::string(32, 'k')};
}

TEST(Label, NamesItsIntentAndReadsBack) {
    const std::string label = make_label(cluster(), {42});
    EXPECT_TRUE(label.starts_with("herder1-a1b2-i42-")) << label;
    EXPECT_EQ(label.size(), std::string("herder1-a1b2-i42-").size() + 6);
    EXPECT_EQ(parse_label(cluster(), label), IntentId{42});
}

TEST(Label, StaysWithinSixtyCharactersForTheLargestId) {
    const IntentId largest{1ULL << 53};
    const std::string label = make_label(cluster(), largest);
    EXPECT_LE(label.size(), 60U);
    EXPECT_EQ(parse_label(cluster(), label), largest);
}

TEST(Label, OfAnotherClusterOrKeyIsNotOurs) {
    const std::string label = make_label(cluster(), {42});
    EXPECT_FALSE(parse_label({.name = "zzzz", .key = cluster().key}, label));
    EXPECT_FALSE(parse_label({.name = "a1b2", .key = std::string(32, 'x')}, label));
}

TEST(Label, AcceptsNoSecondSpelling) {
    const std::string label = make_label(cluster(), {42});
    const std::string mac = label.substr(label.size() - 6);
    EXPECT_FALSE(parse_label(cluster(), "herder1-a1b2-42-" + mac));
    EXPECT_FALSE(parse_label(cluster(), "herder1-a1b2-i042-" + mac));
    EXPECT_FALSE(parse_label(cluster(), " " + label));
    EXPECT_FALSE(parse_label(cluster(), label + "\n"));
    EXPECT_FALSE(parse_label(cluster(), label + std::string(1, '\0')));
    EXPECT_FALSE(parse_label(cluster(), ""));
    EXPECT_FALSE(parse_label(cluster(), "herder1-a1b2-"));
    EXPECT_FALSE(parse_label(cluster(), "my notebook"));
}

TEST(Label, EverySingleChangedCharacterIsRefused) {
    const std::string label = make_label(cluster(), {1234});
    for (std::size_t i = 0; i < label.size(); ++i) {
        for (const char c : std::string("0123456789abcdefghijklmnopqrstuvwxyz-A ")) {
            std::string changed = label;
            if (changed[i] == c) continue;
            changed[i] = c;
            EXPECT_FALSE(parse_label(cluster(), changed)) << changed;
        }
    }
}

TEST(Label, RandomTextIsNeverOurs) {
    RandomStream random(1, "label");
    for (int round = 0; round < 5000; ++round) {
        std::string text = round % 2 == 0 ? "herder1-a1b2-i" : "";
        const std::uint64_t length = random.below(70);
        for (std::uint64_t i = 0; i < length; ++i)
            text += static_cast<char>(random.below(256));
        EXPECT_FALSE(parse_label(cluster(), text));
    }
}

TEST(Label, DifferentIntentsHaveDifferentMacs) {
    std::set<std::string> macs;
    for (std::uint64_t i = 1; i <= 500; ++i) {
        const std::string label = make_label(cluster(), {i});
        macs.insert(label.substr(label.size() - 6));
    }
    EXPECT_GT(macs.size(), 498U);
}

}  // namespace
}  // namespace herder
