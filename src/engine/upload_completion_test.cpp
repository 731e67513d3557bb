#include "engine/upload_completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "ports/fake_uploads_fixture.h"

namespace herder {
namespace {

CheckpointFile sized(std::int64_t size, std::uint32_t crc32c = 0) {
    return {"model.bin", Bytes{size}, crc32c, 0644};
}

struct UploadCompletion : ::testing::Test {
    FakeUploadStore store;
    std::string begin(std::vector<std::pair<int, std::int64_t>> parts) {
        const std::string name = *store.create("k");
        for (const auto& [number, size] : parts)
            store.receive(name, number, Bytes{size});
        return name;
    }
};

TEST_F(UploadCompletion, WholeUploadsBecomeObjects) {
    begin({{2, 5}, {1, 10}});
    ASSERT_TRUE(complete_object(store, "k", sized(15)));
    EXPECT_EQ(store.head("k")->size, Bytes{15});
}

TEST_F(UploadCompletion, WhatIsMissingIsNotMadeUp) {
    EXPECT_EQ(complete_object(store, "k", sized(15)).error().code, ErrorCode::kNotFound);
    begin({});
    EXPECT_EQ(complete_object(store, "k", sized(15)).error().code, ErrorCode::kNotFound);
    begin({{1, 10}});
    begin({{1, 10}, {3, 5}});
    EXPECT_EQ(complete_object(store, "k", sized(15)).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(store.head("k"));
}

TEST_F(UploadCompletion, OfSeveralUploadsTheWholeOneCounts) {
    begin({{1, 10}});
    begin({{1, 10}, {2, 5}});
    EXPECT_TRUE(complete_object(store, "k", sized(15)));
}

TEST_F(UploadCompletion, WhatCannotBeReadMayBeTheWholeOne) {
    struct Unread : FakeUploadStore {
        Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override {
            if (upload.upload == "u1") return unavailable("503");
            return FakeUploadStore::parts(upload);
        }
    } other;
    other.receive(*other.create("k"), 1, Bytes{15});
    EXPECT_TRUE(other.create("k")) << "its answer was lost, so there is one more";
    EXPECT_EQ(complete_object(other, "k", sized(15)).error().code, ErrorCode::kUnavailable);
}

// As behind a gateway whose back is away: no verdict on what was uploaded.
TEST_F(UploadCompletion, AnAnswerThatCannotBeReadSaysNothing) {
    struct Garbled : FakeUploadStore {
        ErrorCode code = ErrorCode::kCorrupt;
        Result<std::vector<PendingUpload>> pending(const std::string&, std::size_t) override {
            return Error{code, "a page in HTML"};
        }
    } garbled;
    garbled.receive(*garbled.create("k"), 1, Bytes{15});
    EXPECT_EQ(complete_object(garbled, "k", sized(15)).error().code, ErrorCode::kUnavailable);
    garbled.code = ErrorCode::kNotFound;
    EXPECT_EQ(complete_object(garbled, "k", sized(15)).error().code, ErrorCode::kUnavailable);
}

TEST_F(UploadCompletion, AWrongUploadBesideATornOneIsNoVerdict) {
    begin({{1, 10}});
    store.receive(begin({}), 1, Bytes{15}, 7);
    EXPECT_EQ(complete_object(store, "k", sized(15, 8)).error().code, ErrorCode::kNotFound);
}

TEST_F(UploadCompletion, UploadsOfLongerKeysAreOthers) {
    const std::string name = *store.create("k2");
    store.receive(name, 1, Bytes{15});
    EXPECT_EQ(complete_object(store, "k", sized(15)).error().code, ErrorCode::kNotFound);
}

TEST_F(UploadCompletion, ChecksumsThatTheStoreVerifiedMakeUpTheFiles) {
    const std::string name = *store.create("k");
    store.receive(name, 1, Bytes{6}, crc32c("check-"));
    store.receive(name, 2, Bytes{5}, crc32c("point"));
    const auto wrong = complete_object(store, "k", sized(11, crc32c("check-paint")));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::kCorrupt);
    EXPECT_FALSE(store.head("k"));
    EXPECT_TRUE(complete_object(store, "k", sized(11, crc32c("check-point"))));
}

// A store whose ETags are new with each copy of a part, as Cloudflare's are.
struct RestlessStore : FakeUploadStore {
    int copies = 0;  // that come between a list and what is made of it
    Status complete(const PendingUpload& upload, const std::vector<UploadPart>& parts) override {
        if (copies-- > 0)
            uploads.at(upload.upload).parts.at(1).etag = "copy" + std::to_string(copies);
        const auto now = FakeUploadStore::parts(upload);
        if (now && *now != parts) return Error{ErrorCode::kCorrupt, "InvalidPart"};
        return FakeUploadStore::complete(upload, parts);
    }
};

TEST_F(UploadCompletion, ASecondCopyOfAPartThatComesMeanwhileDoesNoHarm) {
    RestlessStore restless;
    restless.receive(*restless.create("k"), 1, Bytes{15});
    restless.copies = 2;
    EXPECT_TRUE(complete_object(restless, "k", sized(15)));
    EXPECT_EQ(restless.head("k")->size, Bytes{15});
}

TEST_F(UploadCompletion, AStoreThatNeverComesToRestIsNotAskedWithoutEnd) {
    RestlessStore restless;
    restless.receive(*restless.create("k"), 1, Bytes{15});
    restless.copies = 1000;
    EXPECT_EQ(complete_object(restless, "k", sized(15)).error().code, ErrorCode::kUnavailable);
    EXPECT_GT(restless.copies, 990);
}

// Another attempt of the same job had sent a file of the same name and size.
TEST_F(UploadCompletion, OneUploadIsNotTakenForAnotherOfItsKey) {
    const std::string others = begin({{1, 10}, {2, 5}});
    const std::string own = begin({{1, 10}});
    EXPECT_EQ(complete_upload(store, {"k", own, {}}, sized(15)).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(store.head("k"));
    store.receive(own, 2, Bytes{5});
    EXPECT_TRUE(complete_upload(store, {"k", own, {}}, sized(15)));
    EXPECT_TRUE(store.uploads.contains(others));
    EXPECT_EQ(complete_upload(store, {"k", own, {}}, sized(15)).error().code, ErrorCode::kNotFound)
        << "it is done, or was aborted";
}

// As Amazon does it where a Complete was done and its answer lost.
TEST_F(UploadCompletion, AnUploadThatIsGoneWasCompletedWhereItsObjectIsThere) {
    struct Losing : FakeUploadStore {
        bool is_done = true;
        Status complete(const PendingUpload& upload,
                        const std::vector<UploadPart>& parts) override {
            if (is_done) (void)FakeUploadStore::complete(upload, parts);
            return not_found("NoSuchUpload");
        }
    } losing;
    losing.receive(*losing.create("k"), 1, Bytes{15});
    EXPECT_TRUE(complete_object(losing, "k", sized(15)));
    // Given up between the list and the Complete.
    losing.is_done = false;
    losing.objects.clear();
    const std::string other = *losing.create("k");
    losing.receive(other, 1, Bytes{15});
    EXPECT_EQ(complete_object(losing, "k", sized(15)).error().code, ErrorCode::kNotFound);
    losing.objects["k"] = "short";
    EXPECT_EQ(complete_object(losing, "k", sized(15)).error().code, ErrorCode::kNotFound);
    // Attempts of a job write to one key, so that an object proves nothing there.
    losing.objects["k"] = std::string(15, 'o');
    EXPECT_EQ(complete_upload(losing, {"k", other, {}}, sized(15)).error().code,
              ErrorCode::kNotFound);
}

// The list of parts may lag behind what has come, just when a second copy came as well.
TEST_F(UploadCompletion, AListThatLagsAfterASecondCopyIsNoVerdict) {
    struct Lagging : RestlessStore {
        int lists = 0;
        Result<std::vector<UploadPart>> parts(const PendingUpload& upload) override {
            auto held = FakeUploadStore::parts(upload);
            if (held && lists++ > 0) held->pop_back();
            return held;
        }
    } lagging;
    const std::string name = *lagging.create("k");
    lagging.receive(name, 1, Bytes{10});
    lagging.receive(name, 2, Bytes{5});
    lagging.copies = 1;
    EXPECT_EQ(complete_object(lagging, "k", sized(15)).error().code, ErrorCode::kUnavailable);
    lagging.lists = 0;
    EXPECT_TRUE(complete_object(lagging, "k", sized(15)));
}

TEST_F(UploadCompletion, ASecondCopyOfOtherBytesIsToldByItsChecksum) {
    struct Damaging : FakeUploadStore {
        Status complete(const PendingUpload& upload, const std::vector<UploadPart>&) override {
            receive(upload.upload, 1, Bytes{11}, 7);
            uploads.at(upload.upload).parts.at(1).etag = "other";
            return Error{ErrorCode::kCorrupt, "InvalidPart"};
        }
    } damaging;
    damaging.receive(*damaging.create("k"), 1, Bytes{11}, crc32c("check-point"));
    const auto done = complete_object(damaging, "k", sized(11, crc32c("check-point")));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(done.error().message, ::testing::HasSubstr("another checksum"));
}

TEST_F(UploadCompletion, EmptyObjectsArePut) {
    ASSERT_TRUE(complete_object(store, "k", sized(0)));
    EXPECT_TRUE(complete_object(store, "k", sized(0)));
    EXPECT_EQ(store.head("k")->size, Bytes{0});
}

}  // namespace
}  // namespace herder
