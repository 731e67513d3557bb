#include "api/tree_sweep.h"

#include "api/api_fixture.h"
#include "base/gzip_text.h"
#include "protocol/tree_json.h"

namespace herder::api {
namespace {

constexpr WallTime kNow{1'800'000'000'000'000};
constexpr WallTime kOld{kNow.us - hours(24 * 30).us};

// Objects of which it is known when they were written.
struct DatedObjects : FakeObjects {
    std::map<std::string, WallTime> written;
    Result<std::vector<ObjectInfo>> list(const std::string& prefix, std::size_t limit) override {
        auto found = FakeObjects::list(prefix, limit);
        for (ObjectInfo& info : *found) {
            const auto known = written.find(info.key);
            info.modified = known == written.end() ? kOld : known->second;
        }
        return found;
    }
};

struct TreeSweepTest : ::testing::Test {
    DatedObjects objects;
    TreeSweep sweep{objects};

    std::string chunk(const std::string& text) {
        const std::string key = protocol::chunk_key(sha256_hex(text));
        EXPECT_TRUE(objects.put(key, text, false));
        return key;
    }
    // A tree of one file of one piece.
    std::string tree(const std::string& text) {
        protocol::Tree made;
        const auto size = static_cast<std::int64_t>(text.size());
        made.entries = {{.path = "file", .size = size}};
        made.chunks = {{sha256_hex(text), size}};
        const std::string json = protocol::to_json(made);
        const std::string key = protocol::tree_key(sha256_hex(json));
        EXPECT_TRUE(objects.put(key, gzip_text(json), false));
        return key;
    }
    Result<TreeSweep::Swept> run(const std::set<std::string>& used, WallTime now) {
        sweep.begin(used, now);
        while (true) {
            const auto swept = sweep.step(now);
            if (!swept) return swept.error();
            if (*swept) return **swept;
        }
    }
    bool has(const std::string& key) { return objects.head(key).has_value(); }
};

TEST_F(TreeSweepTest, WhatNoJobNeedsGoesWithItsPieces) {
    const std::string used = tree("used");
    const std::string unused = tree("unused");
    const std::string kept = chunk("used");
    const std::string left = chunk("unused");
    ASSERT_TRUE(objects.put("workdirs/" + sha256_hex("x") + ".tar.gz", "x", false));
    const auto swept = run({used}, kNow);
    ASSERT_TRUE(swept) << swept.error().message;
    EXPECT_EQ(swept->trees, 2U);
    EXPECT_EQ(swept->chunks, 1U);
    EXPECT_TRUE(has(used) && has(kept));
    EXPECT_FALSE(has(unused) || has(left));
}

TEST_F(TreeSweepTest, WhatIsYoungOrCountedOnStays) {
    const std::string young = tree("young");
    const std::string piece = chunk("young");
    const std::string lonely = chunk("lonely");
    const std::string told = chunk("told");
    objects.written[young] = objects.written[lonely] = kNow;
    sweep.note(told, kNow);
    EXPECT_EQ(run({}, kNow)->chunks, 0U);
    EXPECT_TRUE(has(young) && has(piece) && has(lonely) && has(told));
    // A day later nobody counts on it any more.
    EXPECT_EQ(run({}, kNow + hours(25))->chunks, 1U);
    EXPECT_FALSE(has(told));
}

TEST_F(TreeSweepTest, NoPieceGoesWhileATreeCannotBeRead) {
    const std::string broken = tree("broken");
    const std::string piece = chunk("broken");
    ASSERT_TRUE(objects.put(broken, "damaged", false));
    EXPECT_FALSE(run({broken}, kNow));
    EXPECT_TRUE(has(piece));
}

TEST_F(TreeSweepTest, WhatIsLookedForBetweenTwoSlicesStays) {
    const std::string wanted = tree("wanted");
    const std::string gone = tree("gone");
    const std::string piece = chunk("gone");
    sweep.begin({}, kNow);
    ASSERT_EQ(*sweep.step(kNow), std::nullopt) << "only listed";
    sweep.note(wanted, kNow);
    ASSERT_EQ(*sweep.step(kNow), std::nullopt);
    EXPECT_TRUE(has(wanted));
    EXPECT_FALSE(has(gone));
    sweep.note(piece, kNow);
    while (!*sweep.step(kNow)) {
    }
    EXPECT_TRUE(has(piece)) << "whoever sends the tree again was told that it is there";
}

TEST_F(TreeSweepTest, IsDueOnceAnHour) {
    EXPECT_FALSE(sweep.is_due(kNow));
    EXPECT_FALSE(sweep.is_due(kNow + minutes(59)));
    EXPECT_TRUE(sweep.is_due(kNow + minutes(60)));
    EXPECT_FALSE(sweep.is_due(kNow + minutes(61)));
}

TEST(TreesInUse, AreThoseOfJobsThatMayStillStart) {
    State state;
    for (const std::uint64_t id : {1U, 2U, 3U}) {
        Job job;
        job.id = JobId{id};
        job.spec.workdir_object = "trees/" + std::to_string(id);
        job.phase = phase::Queued{};
        state.jobs[job.id] = job;
    }
    const Instant now = Instant{} + hours(24 * 100);
    state.jobs[JobId{2}].phase = phase::Succeeded{now - hours(24 * 8)};
    state.jobs[JobId{3}].phase = phase::Failed{now - hours(24), EndReason::kUserError, ""};
    EXPECT_EQ(trees_in_use(state, now), (std::set<std::string>{"trees/1", "trees/3"}));
}

}  // namespace
}  // namespace herder::api
