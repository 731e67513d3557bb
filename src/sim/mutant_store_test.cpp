#include "sim/mutant_store.h"

#include "sim/process_fixture.h"
#include "sim/upload_desk.h"

namespace herder::sim {

namespace {

struct Bent : ProcessPlace {
    const std::string key = "v1/j1/name/o/0000";
    LocalFile file = make_local_files(1).front();
    std::vector<UploadPart> parts = cut(file, 2);

    PendingUpload begin() {
        const auto upload = objects.bucket().create(key);
        return {key, *upload, {}};
    }
};

TEST_F(Bent, OnlySomeDefectsStandBetweenUsAndTheStore) {
    EXPECT_TRUE(MutantStore::is_for(Mutant::kChecksumsIgnored));
    EXPECT_FALSE(MutantStore::is_for(Mutant::kNone));
    EXPECT_FALSE(MutantStore::is_for(Mutant::kManifestFirst));
}

TEST_F(Bent, IgnoredChecksumsAreNotTold) {
    ASSERT_TRUE(objects.bucket().tells_checksums());
    MutantStore store(objects, Mutant::kChecksumsIgnored);
    const PendingUpload upload = begin();
    ASSERT_TRUE(objects.bucket().receive(upload.upload, parts[0]));
    ASSERT_FALSE(store.parts(upload)->empty());
    EXPECT_FALSE(store.parts(upload)->front().crc32c);
    objects.bucket().place(key, {Bytes{4}, 7, "", {}});
    EXPECT_FALSE(store.head(key)->crc32c);
}

TEST_F(Bent, WordOfTheWorkerCounts) {
    MutantStore store(objects, Mutant::kPartsFromWorker);
    const PendingUpload upload = begin();
    objects.claim(key, parts);
    EXPECT_EQ(*store.parts(upload), parts) << "none has come";
    ASSERT_TRUE(store.complete(upload, parts));
    EXPECT_EQ(objects.bucket().object(key)->size, Bytes{0});
    EXPECT_EQ(store.head(key)->size, file.declared.size);
}

TEST_F(Bent, NoAnswerIsAGoodAnswer) {
    MutantStore store(objects, Mutant::kUnansweredIsDone);
    objects.bucket().cut_after(0);
    EXPECT_TRUE(store.put("v1/a", "x", true));
    EXPECT_TRUE(objects.bucket().mend());
    EXPECT_EQ(objects.bucket().object("v1/a"), nullptr);
    EXPECT_EQ(store.remove("v1/a").error().code, ErrorCode::kNotFound) << "that was heard";
}

TEST_F(Bent, ManifestThatIsThereIsTakenForOurs) {
    MutantStore store(objects, Mutant::kForgedIsOurs);
    objects.bucket().forge("v1/a", "another");
    EXPECT_TRUE(store.put("v1/a", "x", true));
}

TEST_F(Bent, EtagsOfTheFirstSendAreTakenForThoseOfTheLast) {
    MutantStore store(objects, Mutant::kEtagsOfFirstSend);
    const PendingUpload upload = begin();
    UploadPart damaged = parts[0];
    damaged.crc32c = 7;
    ASSERT_TRUE(objects.bucket().receive(upload.upload, damaged));
    ASSERT_TRUE(objects.bucket().receive(upload.upload, parts[0]));
    const auto listed = store.parts(upload);
    EXPECT_EQ(store.complete(upload, *listed).error().code, ErrorCode::kCorrupt);
    EXPECT_TRUE(objects.bucket().complete(upload, *listed));
}

TEST_F(Bent, UploadsLookOlderThanAWeek) {
    MutantStore store(objects, Mutant::kSweepWithoutAge);
    begin();
    const WallTime truly = objects.bucket().pending("v1/", 10)->front().started;
    EXPECT_GT(truly, WallTime{days(8).us});
    EXPECT_LT(store.pending("v1/", 10)->front().started + days(7), truly);
}

}  // namespace

}  // namespace herder::sim
