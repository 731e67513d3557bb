#include "api/part_desk.h"

#include <gtest/gtest.h>

#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

protocol::PartsRequest from_part(int number) {
    return {CheckpointId{1}, 0, number, {}};
}

struct PartDeskTest : ::testing::Test {
    FakeUploadStore store;
    PartDesk desk{store};
    const PartDesk::Object object{"v1/t/j1/ckpt/c/o/0000", Bytes{40 * kMiB}};

    std::vector<int> numbers(int from = 1) {
        const auto parts = desk.sign(object, from_part(from), {});
        EXPECT_TRUE(parts) << parts.error().message;
        std::vector<int> out;
        for (const protocol::PartUrl& part : parts->parts)
            out.push_back(part.number);
        return out;
    }
};

TEST_F(PartDeskTest, CutsAnObjectIntoParts) {
    const auto parts = desk.sign(object, from_part(1), {});
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->parts.size(), 3U);
    EXPECT_EQ(parts->parts[2].offset, Bytes{32 * kMiB});
    EXPECT_EQ(parts->parts[2].size, Bytes{8 * kMiB});
    EXPECT_EQ(parts->next, 0);
}

TEST_F(PartDeskTest, HasOneUploadAnObjectAndFindsItAfterARestart) {
    numbers();
    numbers();
    EXPECT_EQ(store.created, 1);
    PartDesk restarted(store);
    ASSERT_TRUE(restarted.sign(object, from_part(1), {}));
    EXPECT_EQ(store.created, 1);
}

TEST_F(PartDeskTest, LeavesOutWhatIsThereInItsSize) {
    numbers();
    store.receive("u1", 1, Bytes{16 * kMiB});
    store.receive("u1", 2, Bytes{5});  // cut short
    EXPECT_EQ(numbers(), (std::vector<int>{2, 3}));
    EXPECT_EQ(numbers(3), std::vector<int>{3});
}

TEST_F(PartDeskTest, GivesOneWindowAtATime) {
    const PartDesk::Object large{"k", Bytes{16 * kMiB * 100}};
    const auto first = desk.sign(large, from_part(1), {});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->parts.size(), 64U);
    EXPECT_EQ(first->next, 65);
    const auto second = desk.sign(large, from_part(first->next), {});
    EXPECT_EQ(second->parts.size(), 36U);
    EXPECT_EQ(second->next, 0);
}

TEST_F(PartDeskTest, AnAbortedUploadIsBegunAnew) {
    numbers();
    store.uploads.clear();
    EXPECT_EQ(desk.sign(object, from_part(1), {}).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(numbers().size(), 3U);
    EXPECT_EQ(store.created, 2);
}

TEST_F(PartDeskTest, ChecksumsGoIntoTheUrlsOfAStoreThatVerifiesThem) {
    store.told.is_checked = true;
    EXPECT_EQ(desk.sign(object, from_part(1), {}).error().code, ErrorCode::kInvalid);
    protocol::PartsRequest wish = from_part(2);
    wish.crc32c = {22, 33};
    const auto parts = desk.sign(object, wish, {});
    ASSERT_TRUE(parts) << parts.error().message;
    ASSERT_EQ(parts->parts.size(), 2U);
    EXPECT_EQ(parts->parts[1].headers, (std::map<std::string, std::string>{{"x-sum", "33"}}));
}

TEST_F(PartDeskTest, RefusesWhatHasNoParts) {
    EXPECT_FALSE(desk.sign({"k", Bytes{0}}, from_part(1), {}));
}

}  // namespace
}  // namespace herder::api
