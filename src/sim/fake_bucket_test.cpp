// The store's own conformance suite wants threads and bytes; this bucket has neither.
#include "sim/fake_bucket.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace herder::sim {

namespace {

std::set<Fault> all_but(Fault fault) {
    std::set<Fault> off;
    for (int i = 0; i < kFaultCount; ++i) {
        if (static_cast<Fault>(i) != fault) off.insert(static_cast<Fault>(i));
    }
    return off;
}

UploadPart part(int number, const std::string& data) {
    return {number, Bytes{static_cast<std::int64_t>(data.size())}, "", crc32c(data)};
}

// A seed in which this fault is on, far enough to strike soon, and the bucket is of this kind.
std::uint64_t find_seed(Fault fault, bool tells_checksums) {
    for (std::uint64_t seed = 1;; ++seed) {
        Stage stage(seed, all_but(fault), false);
        if (fault != Fault::kCount && stage.faults.intensity(fault) < 0.7) continue;
        if (FakeBucket(stage).tells_checksums() == tells_checksums) return seed;
    }
}

struct Place {
    explicit Place(Fault fault, bool tells_checksums = true)
        : stage(find_seed(fault, tells_checksums), all_but(fault), false) {}
    void run_for(Duration length) {
        const Instant end = stage.now() + length;
        while (stage.schedule.run_next(end)) {
        }
    }
    PendingUpload begin(const std::string& key) {
        PendingUpload upload;
        upload.key = key;
        while (upload.upload.empty()) {
            const auto created = bucket.create(key);
            if (created) upload.upload = *created;
        }
        return upload;
    }

    Stage stage;
    FakeBucket bucket{stage};
};

TEST(FakeBucket, ObjectsArePutReadListedAndRemoved) {
    Place place(Fault::kCount);
    ASSERT_TRUE(place.bucket.put("v1/a", "text", true));
    ASSERT_TRUE(place.bucket.put("v1/b", "", false));
    EXPECT_EQ(*place.bucket.get("v1/a", 4), "text");
    EXPECT_EQ(place.bucket.get("v1/a", 3).error().code, ErrorCode::kInvalid);
    EXPECT_EQ(place.bucket.head("v1/a")->crc32c, crc32c("text"));
    EXPECT_EQ(place.bucket.list("v1/", 10)->size(), 2U);
    EXPECT_TRUE(place.bucket.remove("v1/a"));
    EXPECT_EQ(place.bucket.remove("v1/a").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(place.bucket.head("v1/a").error().code, ErrorCode::kNotFound);
}

TEST(FakeBucket, PartsMakeTheObjectThatTheyAre) {
    Place place(Fault::kCount);
    const PendingUpload upload = place.begin("v1/a");
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(2, "world")));
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(1, "hello ")));
    EXPECT_EQ(place.bucket.head("v1/a").error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(place.bucket.complete(upload, *place.bucket.parts(upload)));
    EXPECT_EQ(place.bucket.head("v1/a")->size, Bytes{11});
    EXPECT_EQ(place.bucket.head("v1/a")->crc32c, crc32c("hello world"));
    EXPECT_TRUE(place.bucket.pending("v1/", 10)->empty());
    EXPECT_EQ(place.bucket.receive(upload.upload, part(1, "late")).error().code,
              ErrorCode::kNotFound);
}

TEST(FakeBucket, PartThatIsNotThereCannotBeTaken) {
    Place place(Fault::kCount);
    const PendingUpload upload = place.begin("v1/a");
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(1, "hello")));
    auto parts = *place.bucket.parts(upload);
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(1, "other")));
    EXPECT_EQ(place.bucket.complete(upload, parts).error().code, ErrorCode::kCorrupt);
}

TEST(FakeBucket, TheSameBytesCutOtherwiseHaveAnotherEtag) {
    Place place(Fault::kCount);
    for (const auto& [key, pieces] :
         std::map<std::string, std::vector<std::string>>{{"v1/a", {"hello ", "world"}},
                                                         {"v1/b", {"hello", " world"}},
                                                         {"v1/c", {"hello world"}}}) {
        const PendingUpload upload = place.begin(key);
        for (std::size_t i = 0; i < pieces.size(); ++i)
            ASSERT_TRUE(
                place.bucket.receive(upload.upload, part(static_cast<int>(i) + 1, pieces[i])));
        ASSERT_TRUE(place.bucket.complete(upload, *place.bucket.parts(upload)));
    }
    const auto* a = place.bucket.object("v1/a");
    const auto* b = place.bucket.object("v1/b");
    EXPECT_EQ(a->crc32c, b->crc32c);
    EXPECT_NE(a->etag, b->etag);
    EXPECT_TRUE(place.bucket.object("v1/c")->etag.ends_with("-1"));
}

TEST(FakeBucket, AtSomeStoresEachSendingHasAnEtagOfItsOwn) {
    std::set<bool> kinds;
    for (std::uint64_t seed = 1; kinds.size() < 2; ++seed) {
        Stage stage(seed, all_but(Fault::kCount), false);
        FakeBucket bucket(stage);
        const auto upload = bucket.create("v1/a");
        ASSERT_TRUE(bucket.receive(*upload, part(1, "hello")));
        const auto first = *bucket.parts({"v1/a", *upload, {}});
        bucket.receive_late(*upload, part(1, "hello"), {}, minutes(1));
        const Status done = bucket.complete({"v1/a", *upload, {}}, first);
        EXPECT_EQ(done.has_value(), !bucket.has_etags_by_send()) << "it comes just then";
        kinds.insert(bucket.has_etags_by_send());
    }
}

TEST(FakeBucket, PartsBeyondTheLastOneAreTold) {
    Place place(Fault::kCount);
    std::string told;
    place.bucket.on_part_in_vain = [&told](const std::string& key) { told = key; };
    const PendingUpload upload = place.begin("v1/a");
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(3, "old"), {3, place.stage.now()}));
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(1, "new"), {2, place.stage.now()}));
    EXPECT_EQ(told, "") << "no listing need have told of it";
    ASSERT_TRUE(
        place.bucket.receive(upload.upload, part(1, "new"), {2, place.stage.now() + minutes(1)}));
    EXPECT_EQ(told, "v1/a");
}

TEST(FakeBucket, ReadingsAreDamagedOnTheirWayAlone) {
    Place place(Fault::kReadDamaged);
    place.bucket.place("v1/a", {Bytes{5}, 7, "", {}});
    int damaged = 0;
    for (int i = 0; i < 500; ++i) {
        const auto came = place.bucket.fetch("v1/a", 70);
        ASSERT_TRUE(came);
        if (came->crc32c != 7) ++damaged;
    }
    EXPECT_GT(damaged, 0);
    EXPECT_EQ(place.bucket.object("v1/a")->crc32c, 7U);
    EXPECT_EQ(place.bucket.fetch("v1/b", 70).error().code, ErrorCode::kNotFound);
}

TEST(FakeBucket, SomeStoresTellNoChecksums) {
    Place place(Fault::kCount, false);
    const PendingUpload upload = place.begin("v1/a");
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(1, "hello")));
    EXPECT_FALSE(place.bucket.parts(upload)->front().crc32c);
    ASSERT_TRUE(place.bucket.complete(upload, *place.bucket.parts(upload)));
    EXPECT_FALSE(place.bucket.head("v1/a")->crc32c);
    EXPECT_EQ(place.bucket.object("v1/a")->crc32c, crc32c("hello"));
}

TEST(FakeBucket, LostAnswerIsOfACallThatWasDone) {
    Place place(Fault::kStoreReplyLost);
    int lost = 0;
    for (int i = 0; i < 500; ++i) {
        const std::string key = "v1/" + std::to_string(i);
        if (!place.bucket.put(key, "x", false)) ++lost;
        EXPECT_NE(place.bucket.object(key), nullptr);
    }
    EXPECT_GT(lost, 0);
}

TEST(FakeBucket, GivenUpCallMayHappenMinutesLater) {
    Place place(Fault::kStoreLate);
    std::string late;
    for (int i = 0; i < 500 && late.empty(); ++i) {
        const std::string key = "v1/" + std::to_string(i);
        if (!place.bucket.put(key, "x", false)) late = key;
    }
    ASSERT_FALSE(late.empty());
    EXPECT_EQ(place.bucket.object(late), nullptr);
    place.run_for(minutes(3));
    EXPECT_NE(place.bucket.object(late), nullptr);
    EXPECT_GT(place.stage.marks.hits(Mark::kStoreActedLate), 0U);
}

TEST(FakeBucket, ListingsLagForAWhile) {
    Place place(Fault::kStoreListLags);
    int missed = 0;
    const PendingUpload upload = place.begin("v1/a");
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(1, "hello")));
    for (int i = 0; i < 100; ++i) {
        if (place.bucket.pending("v1/", 10)->empty()) ++missed;
        if (place.bucket.parts(upload)->empty()) ++missed;
    }
    EXPECT_GT(missed, 0);
    place.run_for(seconds(21));
    ASSERT_TRUE(place.bucket.receive(upload.upload, part(1, "hello"))) << "sent twice";
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(place.bucket.pending("v1/", 10)->size(), 1U);
        EXPECT_EQ(place.bucket.parts(upload)->size(), 1U);
    }
}

TEST(FakeBucket, DeadCallerChangesNothing) {
    Place place(Fault::kCount);
    place.bucket.cut_after(1);
    EXPECT_TRUE(place.bucket.put("v1/a", "x", false));
    EXPECT_FALSE(place.bucket.put("v1/b", "x", false));
    EXPECT_EQ(place.bucket.object("v1/b"), nullptr);
    EXPECT_TRUE(place.bucket.mend());
    EXPECT_TRUE(place.bucket.put("v1/b", "x", false));
    EXPECT_FALSE(place.bucket.mend());
}

TEST(FakeBucket, CallsTakeTime) {
    Place place(Fault::kCount);
    ASSERT_TRUE(place.bucket.put("v1/a", "x", false));
    EXPECT_GT(place.bucket.take_spent(), Duration{});
    EXPECT_EQ(place.bucket.take_spent(), Duration{});
}

}  // namespace

}  // namespace herder::sim
