#include "api/part_desk.h"

#include <gmock/gmock.h>
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
        const auto parts = desk.sign({object}, from_part(from), {});
        EXPECT_TRUE(parts) << parts.error().message;
        std::vector<int> out;
        for (const protocol::PartUrl& part : parts->parts)
            out.push_back(part.number);
        return out;
    }
};

TEST_F(PartDeskTest, CutsAnObjectIntoParts) {
    const auto parts = desk.sign({object}, from_part(1), {});
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
    ASSERT_TRUE(restarted.sign({object}, from_part(1), {}));
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
    const auto first = desk.sign({large}, from_part(1), {});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->parts.size(), 64U);
    EXPECT_EQ(first->next, 65);
    const auto second = desk.sign({large}, from_part(first->next), {});
    EXPECT_EQ(second->parts.size(), 36U);
    EXPECT_EQ(second->next, 0);
}

// As when the store was found to want larger parts, between two starts of the server.
TEST_F(PartDeskTest, AnUploadThatWasCutIntoMorePartsIsLeftAlone) {
    numbers();
    for (const int number : {1, 2, 3})
        store.receive("u1", number, Bytes{16 * kMiB});
    store.told.part_size_min = Bytes{32 * kMiB};
    PartDesk restarted(store);
    EXPECT_EQ(restarted.sign({object}, from_part(2), {}).error().code, ErrorCode::kConflict)
        << "its machine has to send the first part once more";
    const auto parts = restarted.sign({object}, from_part(1), {});
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->parts.size(), 2U) << "none of the new upload has come";
    EXPECT_EQ(parts->parts[0].size, Bytes{32 * kMiB});
    EXPECT_EQ(store.created, 2);
    PartDesk another(store);
    EXPECT_EQ(another.sign({object}, from_part(1), {}).error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(another.sign({object}, from_part(1), {})) << "when it is asked again";
}

TEST_F(PartDeskTest, AnAbortedUploadIsBegunAnew) {
    numbers();
    store.uploads.clear();
    EXPECT_EQ(desk.sign({object}, from_part(1), {}).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(numbers().size(), 3U);
    EXPECT_EQ(store.created, 2);
}

// A checkpoint that was sent nearly whole must not go on in an upload of its own.
TEST(PartDesk, AStoreThatDoesNotAnswerCostsNoUpload) {
    struct Away : FakeUploadStore {
        bool is_away = false;
        Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override {
            if (is_away) return unavailable("503");
            return FakeUploadStore::parts(upload);
        }
    } store;
    const PartDesk::Object object{"v1/t/j1/ckpt/c/o/0000", Bytes{40 * kMiB}};
    ASSERT_TRUE(store.create(object.key));
    PartDesk desk(store);
    store.is_away = true;
    EXPECT_EQ(desk.sign({object}, from_part(1), {}).error().code, ErrorCode::kUnavailable);
    store.is_away = false;
    EXPECT_TRUE(desk.sign({object}, from_part(1), {}));
    EXPECT_EQ(store.created, 1);
}

TEST(PartDesk, OfSeveralUploadsOfTheServerBeforeTheLastOneCounts) {
    FakeUploadStore store;
    const PartDesk::Object object{"v1/t/j1/ckpt/c/o/0000", Bytes{40 * kMiB}};
    for (int hours_after : {1, 3, 2}) {
        const std::string name = *store.create(object.key);
        store.uploads.at(name).started = WallTime{hours(hours_after).us};
    }
    store.receive("u2", 1, Bytes{16 * kMiB});
    PartDesk desk(store);
    const auto answer = desk.sign({object}, from_part(1), {});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->parts.size(), 2U);
}

TEST_F(PartDeskTest, ChecksumsGoIntoTheUrlsOfAStoreThatVerifiesThem) {
    store.told.is_checked = true;
    EXPECT_EQ(desk.sign({object}, from_part(1), {}).error().code, ErrorCode::kInvalid);
    protocol::PartsRequest wish = from_part(2);
    wish.crc32c = {22, 33};
    const auto parts = desk.sign({object}, wish, {});
    ASSERT_TRUE(parts) << parts.error().message;
    ASSERT_EQ(parts->parts.size(), 2U);
    EXPECT_EQ(parts->parts[1].headers, (std::map<std::string, std::string>{{"x-sum", "33"}}));
}

TEST_F(PartDeskTest, AsksTheStoreOnlyWhatItCannotKnow) {
    const PartDesk::Object large{"f/o", Bytes{16 * kMiB * 200}};
    for (int from = 1; from != 0;) {
        const auto parts = desk.sign({large}, from_part(from), {});
        ASSERT_TRUE(parts);
        from = parts->next;
    }
    EXPECT_EQ(store.listed, 0);
    store.receive("u1", 5, Bytes{16 * kMiB});
    // Again: the agent has started anew, or its URLs were too old.
    const auto again = desk.sign({large}, from_part(1), {});
    EXPECT_EQ(again->parts.size(), 63U);
    EXPECT_EQ(store.listed, 1);
    ASSERT_TRUE(desk.sign({large}, from_part(again->next), {}));
    EXPECT_EQ(store.listed, 1);
    // A server after this one knows nothing of the upload.
    store.receive("u1", 70, Bytes{16 * kMiB});
    PartDesk restarted(store);
    EXPECT_EQ(restarted.sign({large}, from_part(65), {})->parts.size(), 63U);
    EXPECT_EQ(store.listed, 2);
    EXPECT_EQ(store.created, 1);
}

TEST_F(PartDeskTest, AWindowGoesOnIntoTheNextFiles) {
    std::vector<PartDesk::Object> objects;
    for (int i = 0; i < 100; ++i)
        objects.push_back({"f/" + std::to_string(i), Bytes{i == 3 ? 0 : 7}});
    objects[10].size = Bytes{33 * kMiB};
    protocol::PartsRequest wish = from_part(1);
    const auto first = desk.sign(objects, wish, {});
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_EQ(first->parts.size(), 64U);
    EXPECT_EQ(first->parts[3].file, 4);  // the empty one has none
    EXPECT_EQ(first->parts[11].file, 10);
    EXPECT_EQ(first->parts[11].number, 3);
    EXPECT_EQ(first->next_file, 63);
    EXPECT_EQ(store.searched, 1);
    EXPECT_EQ(store.uploads.size(), 62U);
    wish.index = first->next_file;
    wish.from = first->next;
    const auto second = desk.sign({objects.begin() + first->next_file, objects.end()}, wish, {});
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->parts.front().file, 63);
    EXPECT_EQ(second->parts.back().file, 99);
    EXPECT_EQ(second->next, 0);
    EXPECT_EQ(second->next_file, 100);
    EXPECT_EQ(store.uploads.size(), 99U);
    EXPECT_EQ(store.searched, 1);
}

TEST_F(PartDeskTest, AWindowMayEndWithinALaterFile) {
    const PartDesk::Object large{"f/1", Bytes{16 * kMiB * 100}};
    protocol::PartsRequest wish = from_part(1);
    wish.index = 4;
    const auto parts = desk.sign({object, large}, wish, {});
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->parts.size(), 64U);
    EXPECT_EQ(parts->next_file, 5);
    EXPECT_EQ(parts->next, 62);
}

TEST_F(PartDeskTest, AnUploadThatIsNamedIsNeverTakenForAnother) {
    ASSERT_TRUE(store.create(object.key));  // u1, of somebody else and nearly whole
    store.receive("u1", 1, Bytes{16 * kMiB});
    store.receive("u1", 2, Bytes{16 * kMiB});
    PartDesk::Object named{object.key, object.size, *store.create(object.key)};
    store.receive("u2", 3, Bytes{8 * kMiB});
    const auto answer = desk.sign({named}, from_part(1), {});
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->parts.size(), 2U) << "what it holds is left out at once";
    EXPECT_EQ(answer->parts[1].number, 2);
    EXPECT_THAT(answer->parts[0].url, ::testing::HasSubstr("upload=u2"));
    named.upload = "u1";
    EXPECT_EQ(desk.sign({named}, from_part(1), {})->parts.size(), 1U);
    store.uploads.erase("u1");
    EXPECT_EQ(desk.sign({named}, from_part(1), {}).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store.created, 2) << "whoever names them creates them";
    EXPECT_EQ(store.searched, 0);
}

TEST_F(PartDeskTest, WhatIsEmptyHasNoParts) {
    const auto parts = desk.sign({{"k", Bytes{0}}}, from_part(1), {});
    ASSERT_TRUE(parts);
    EXPECT_TRUE(parts->parts.empty());
    EXPECT_EQ(parts->next, 0);
    EXPECT_EQ(store.created, 0);
}

}  // namespace
}  // namespace herder::api
