#include "base/record.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace herder {
namespace {

struct Idle {
    static constexpr int kTag = 1;
    bool operator==(const Idle&) const = default;
    template <class Self, class V>
    static void describe(Self&, V&) {}
};
struct Busy {
    static constexpr int kTag = 7;
    Instant since;
    std::string why;
    bool operator==(const Busy&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.since);
        v(2, s.why);
    }
};
struct Row {
    JobId id;
    Usd cost;
    std::optional<std::string> note;
    std::optional<Duration> limit;
    std::vector<std::int64_t> numbers;
    std::map<std::string, std::string> labels;
    std::vector<Busy> history;
    std::variant<Idle, Busy> phase;
    bool flag = true;
    bool operator==(const Row&) const = default;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.id);
        v(2, s.cost);
        v(3, s.note);
        v(4, s.limit);
        v(5, s.numbers);
        v(6, s.labels);
        v(7, s.history);
        v(8, s.phase);
        v(9, s.flag);
    }
};
struct OldRow {
    JobId id;
    Usd cost;
    template <class Self, class V>
    static void describe(Self& s, V& v) {
        v(1, s.id);
        v(2, s.cost);
    }
};

Row sample() {
    return {.id = JobId{42},
            .cost = usd_cents(-150),
            .note = "a\0b",
            .limit = std::nullopt,
            .numbers = {0, -1, INT64_MAX, INT64_MIN},
            .labels = {{"k", "v"}, {"", ""}},
            .history = {{Instant{5}, "x"}},
            .phase = Busy{Instant{9}, "why"},
            .flag = false};
}

TEST(Record, RoundTripsEveryKindOfField) {
    const auto read = from_record<Row>(to_record(sample()));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, sample());
}

TEST(Record, AnOlderProgramSkipsUnknownFieldsAndANewerOneKeepsItsDefaults) {
    const auto old = from_record<OldRow>(to_record(sample()));
    ASSERT_TRUE(old);
    EXPECT_EQ(old->cost, usd_cents(-150));
    const auto grown = from_record<Row>(to_record(*old));
    ASSERT_TRUE(grown);
    EXPECT_TRUE(grown->flag);
    EXPECT_EQ(grown->phase, (std::variant<Idle, Busy>{Idle{}}));
}

TEST(Record, NeverCrashesOnDamagedBytesAndAlwaysSaysSo) {
    const std::string good = to_record(sample());
    EXPECT_FALSE(from_record<Row>(good.substr(0, good.size() - 1)));
    RandomStream random(1, "record");
    for (int i = 0; i < 20'000; ++i) {
        std::string bad = good;
        bad[random.below(bad.size())] = static_cast<char>(random.next());
        (void)from_record<Row>(bad).has_value();
    }
}

}  // namespace
}  // namespace herder
