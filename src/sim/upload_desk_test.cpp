#include "sim/upload_desk.h"

#include "sim/process_fixture.h"

namespace herder::sim {

namespace {

struct Desk : ProcessPlace {
    UploadDesk desk{stage, objects};
    Checkpoint one = make();
    std::vector<LocalFile> files = find_files();

    static Checkpoint make() {
        Checkpoint made;
        made.id = CheckpointId{1};
        made.attempt = {JobId{1}, Fence{1}};
        made.name = make_checkpoint_name(10, made.attempt.fence, made.id);
        return made;
    }
    // Of two files and more than two parts.
    static std::vector<LocalFile> find_files() {
        for (std::uint64_t number = 1;; ++number) {
            auto files = make_local_files(number);
            if (files.size() == 2 && count_parts(files) > 3) return files;
        }
    }
    static std::size_t count_parts(const std::vector<LocalFile>& files) {
        return cut(files[0], 2).size() + cut(files[1], 2).size();
    }
};

TEST_F(Desk, FilesAreWhatTheirPartsMakeUp) {
    for (const LocalFile& file : files) {
        for (const int pieces : {1, 2, 3}) {
            EXPECT_EQ(file.declared.size, join_parts(cut(file, pieces)).size);
            EXPECT_EQ(file.declared.crc32c, join_parts(cut(file, pieces)).crc32c);
        }
    }
    EXPECT_EQ(declare(files).size(), 2U);
    EXPECT_NE(declare(make_local_files(1)), declare(make_local_files(2)));
}

TEST_F(Desk, OnlyWhatIsMissingIsWanted) {
    const auto all = desk.sign(one, files);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), count_parts(files));
    ASSERT_TRUE(objects.bucket().receive(all->front().upload, all->front().part));
    EXPECT_EQ(desk.sign(one, files)->size(), count_parts(files) - 1);
    EXPECT_EQ(objects.bucket().uploads().size(), 2U) << "one for each file";
}

TEST_F(Desk, AnotherProcessFindsTheUpload) {
    ASSERT_TRUE(desk.sign(one, files));
    UploadDesk next(stage, objects);
    ASSERT_TRUE(next.sign(one, files));
    EXPECT_EQ(objects.bucket().uploads().size(), 2U);
    EXPECT_GT(stage.marks.hits(Mark::kUploadFoundAgain), 0U);
}

// With parts beyond its last one no object can be made of it.
TEST_F(Desk, UploadOfAnotherCutIsLeftAlone) {
    int vain = 0;
    objects.bucket().on_part_in_vain = [&](const std::string&) { ++vain; };
    for (const Mutant mutant : {Mutant::kNone, Mutant::kCutsMixed}) {
        FakeBucket& bucket = objects.bucket();
        one.name += mutant == Mutant::kNone ? "-a" : "-b";
        const std::string key = objects.folder_of(one) + "o/0000";
        const auto earlier = bucket.create(key);
        UploadPart beyond = cut(files[0], 1).back();
        beyond.number = 9;
        ASSERT_TRUE(bucket.receive(*earlier, beyond));
        run_for(minutes(1));
        UploadDesk next(stage, objects, mutant);
        const auto wanted = next.sign(one, files);
        ASSERT_TRUE(wanted);
        const PartToSend& first = wanted->front();
        EXPECT_EQ(first.upload == *earlier, mutant == Mutant::kCutsMixed);
        ASSERT_TRUE(bucket.receive(first.upload, first.part, first.sent));
        EXPECT_EQ(vain > 0, mutant == Mutant::kCutsMixed);
    }
    EXPECT_EQ(stage.marks.hits(Mark::kCutAnew), 1U);
}

TEST_F(Desk, AbortedUploadIsBegunAnew) {
    const auto all = desk.sign(one, files);
    ASSERT_TRUE(all);
    ASSERT_TRUE(objects.bucket().abort({"", all->front().upload, {}}));
    EXPECT_FALSE(desk.sign(one, files));
    const auto again = desk.sign(one, files);
    ASSERT_TRUE(again);
    EXPECT_NE(again->front().upload, all->front().upload);
}

}  // namespace

}  // namespace herder::sim
