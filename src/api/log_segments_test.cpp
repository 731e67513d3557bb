#include "api/log_segments.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace herder::api {
namespace {

constexpr char kPrefix[] = "v1/default/j1/attempts/2/logs/out/";

LogSegment segment(std::int64_t begin, std::int64_t end, bool is_closed = true) {
    return {begin, end, WallTime{1'795'466'880'000'000}, std::string(64, 'a'), is_closed};
}
ObjectInfo object(const std::string& key) {
    return {key, Bytes{1}, std::nullopt, std::nullopt};
}

TEST(LogSegments, AnIndexReadsBackAsItWasWritten) {
    LogIndex index{kPrefix, 70, {segment(0, 40), {40, 60, {}, "", true}, segment(60, 90, false)}};
    EXPECT_EQ(parse_log_index(to_text(index)).value(), index);
    EXPECT_EQ(index.next_begin(), 60) << "the open one is sent again";
    EXPECT_EQ(index.find(39)->begin, 0);
    EXPECT_EQ(index.find(40)->begin, 40);
    EXPECT_EQ(index.find(90), nullptr);
    EXPECT_EQ(LogIndex{}.find(0), nullptr);
}

TEST(LogSegments, AnIndexSaysThatItsLogWasDeleted) {
    for (const bool is_done : {false, true}) {
        const LogIndex index{kPrefix, 0, {}, LogDeletion{WallTime{7}, "30d", is_done}};
        EXPECT_EQ(parse_log_index(to_text(index)).value(), index);
    }
    EXPECT_FALSE(parse_log_index("herder-log 2 0 v1/x/\ndeleted 7 done\nend\n")) << "no rule";
    EXPECT_FALSE(parse_log_index("herder-log 2 0 v1/x/\n0 40 7 - closed\nend\n"));
}

TEST(LogSegments, ADamagedIndexIsNoIndex) {
    const std::string good = to_text({kPrefix, 0, {segment(0, 40)}});
    ASSERT_TRUE(parse_log_index(good));
    for (std::size_t cut = 0; cut + 1 < good.size(); ++cut)
        EXPECT_FALSE(parse_log_index(good.substr(0, cut))) << cut;
    EXPECT_FALSE(parse_log_index(to_text({kPrefix, 0, {segment(5, 40)}}))) << "a gap";
    EXPECT_FALSE(parse_log_index("herder-log 2 0 x\nend\n"));
}

TEST(LogSegments, ANameTellsPlaceTimeAndHash) {
    const LogIndex index{kPrefix, 0, {}};
    const std::string key = key_of(index, segment(0, 4'194'304));
    EXPECT_EQ(key, std::string(kPrefix) + "000000000000-000004194304-20261123T204800Z-" +
                       std::string(32, 'a') + ".log.gz");
    const auto read = parse_segment_key(kPrefix, key);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->end, 4'194'304);
    EXPECT_EQ(read->began, segment(0, 1).began);
    EXPECT_EQ(read->sha256, std::string(32, 'a'));
    const LogIndex metrics{"v1/t/j1/attempts/2/logs/metrics/", 0, {}};
    EXPECT_TRUE(key_of(metrics, segment(0, 1)).ends_with(".jsonl.gz"));
    for (const std::string& bad :
         {std::string(kPrefix) + "notes.log.gz", key + "x", std::string("elsewhere/") + key,
          std::string(kPrefix) + "000000000005-000000000001-00000000T000000Z-" +
              std::string(32, 'a') + ".log.gz"}) {
        EXPECT_FALSE(parse_segment_key(kPrefix, bad)) << bad;
    }
}

TEST(LogSegments, AListingTakesTheLongestAndNamesGaps) {
    const LogIndex names{kPrefix, 0, {}};
    const LogIndex index = index_of(
        kPrefix, {object(key_of(names, segment(0, 10))), object(key_of(names, segment(0, 40))),
                  object(key_of(names, segment(50, 60))), object("v1/other")});
    ASSERT_EQ(index.stored.size(), 3U);
    EXPECT_EQ(index.stored[0].end, 40);
    EXPECT_EQ(index.stored[1].begin, 40);
    EXPECT_TRUE(index.stored[1].sha256.empty()) << "the gap is known to be lost";
    EXPECT_EQ(index.stored[2].begin, 50);
    EXPECT_EQ(index.local_begin, 60);
}

TEST(LogSegments, AnUnfinishedPieceOfACrashHidesNothing) {
    const LogIndex names{kPrefix, 0, {}};
    const LogIndex index = index_of(
        kPrefix, {object(key_of(names, segment(0, 40))), object(key_of(names, segment(0, 43))),
                  object(key_of(names, segment(40, 80))), object(key_of(names, segment(80, 90)))});
    ASSERT_EQ(index.stored.size(), 3U);
    EXPECT_EQ(index.stored[0].end, 40) << "43 is longer, but the next one begins at 40";
    EXPECT_EQ(index.stored[1].begin, 40);
    EXPECT_FALSE(index.stored[1].sha256.empty());
    EXPECT_EQ(index.local_begin, 90);
}

TEST(LogSegments, KnowsItsBytesByTheirHash) {
    LogSegment one{0, 5, {}, sha256_hex("hello"), true};
    EXPECT_TRUE(is_of(one, "hello"));
    EXPECT_FALSE(is_of(one, "hallo"));
    EXPECT_FALSE(is_of(one, "hello!"));
    one.sha256.resize(32);
    EXPECT_TRUE(is_of(one, "hello"));
    one.sha256.clear();
    EXPECT_FALSE(is_of(one, "hello"));
}

TEST(LogSegments, ClosesAtTheEndOfALine) {
    EXPECT_EQ(closed_size("ab\ncd"), 3U);
    EXPECT_EQ(closed_size("abcd"), 4U);
    const std::string text(kSegmentSize + 7, 'x');
    EXPECT_EQ(closed_size(text), static_cast<std::size_t>(kSegmentSize));
    EXPECT_EQ(closed_size("one\n" + text), 4U);
}

}  // namespace
}  // namespace herder::api
