#include "core/checkpoints/checkpoint.h"

#include <gtest/gtest.h>

#include <set>

#include "base/record.h"

namespace herder {
namespace {

TEST(CheckpointName, ParsesBackAndNothingElseDoes) {
    const CheckpointName name{500, Fence{12}, CheckpointId{7}};
    EXPECT_EQ(parse_checkpoint_name(make_checkpoint_name(name.step, name.fence, name.id)), name);
    const CheckpointName long_one{1'000'000'000'000'000, Fence{1'234'567}, CheckpointId{99}};
    EXPECT_EQ(
        parse_checkpoint_name(make_checkpoint_name(long_one.step, long_one.fence, long_one.id)),
        long_one);
    for (const char* text : {"", "500-a12-k7", "000000000500-a000012-", "000000000500-a000012-j7",
                             "000000000500", "x00000000500-a000012-k7", "000000000500-a000012-k07"})
        EXPECT_EQ(parse_checkpoint_name(text), std::nullopt) << text;
}

Checkpoint committed(std::uint64_t id, std::uint64_t seq) {
    Checkpoint checkpoint;
    checkpoint.id = {id};
    checkpoint.state = CheckpointState::kCommitted;
    checkpoint.commit_seq = seq;
    return checkpoint;
}

std::vector<const Checkpoint*> pointers(const std::vector<Checkpoint>& all) {
    std::vector<const Checkpoint*> out;
    for (const Checkpoint& checkpoint : all)
        out.push_back(&checkpoint);
    return out;
}

CheckpointOffer offer_of(std::vector<std::string> paths) {
    CheckpointOffer offer;
    offer.local_seq = 1;
    for (std::string& path : paths)
        offer.files.push_back({.path = std::move(path), .size = {10}});
    return offer;
}

TEST(CheckpointName, SortsByStepThenFence) {
    EXPECT_EQ(make_checkpoint_name(1200, {3}, {17}), "000000001200-a000003-k17");
    EXPECT_LT(make_checkpoint_name(999, {9}, {1}), make_checkpoint_name(1000, {1}, {2}));
    EXPECT_EQ(make_checkpoint_name(1'234'567'890'123, {1'234'567}, {1}),
              "1234567890123-a1234567-k1");
}

TEST(Resume, TakesTheNewestCommitNotTheHighestStepOrId) {
    std::vector<Checkpoint> all = {committed(1, 1), committed(9, 2), committed(3, 3)};
    all[1].step = 500;
    all[2].step = 400;  // resumed from an older one and committed again
    EXPECT_EQ(choose_resume(pointers(all))->id, CheckpointId{3});
}

TEST(Resume, SkipsQuarantinedAndEverythingNotCommitted) {
    std::vector<Checkpoint> all = {committed(1, 1), committed(2, 2), committed(3, 3),
                                   committed(4, 4), committed(5, 5), committed(6, 6)};
    all[1].quarantined = true;
    all[2].state = CheckpointState::kDeleting;
    all[3].state = CheckpointState::kAborted;
    all[4].state = CheckpointState::kCommitting;
    all[5].state = CheckpointState::kUploading;
    EXPECT_EQ(choose_resume(pointers(all))->id, CheckpointId{1});
    all[0].quarantined = true;
    EXPECT_EQ(choose_resume(pointers(all)), nullptr);
    EXPECT_EQ(choose_resume({}), nullptr);
}

TEST(OfferFault, AcceptsOrdinaryFolders) {
    EXPECT_EQ(find_offer_fault(offer_of({"model.npz", "state/rng.json", "state/a/b", ".hidden"})),
              "");
}

TEST(OfferFault, RefusesPathsThatLeaveTheFolderOrAreNotPlain) {
    for (const std::string path : {"", "/etc/passwd", "../x", "a/../../x", "a/..", "..", ".", "./a",
                                   "a//b", "a/", "a\nb", "a\x7f"}) {
        EXPECT_NE(find_offer_fault(offer_of({path})), "") << path;
    }
    EXPECT_NE(find_offer_fault(offer_of({std::string("a\0b", 3)})), "");
    EXPECT_EQ(find_offer_fault(offer_of({std::string(512, 'p')})), "");
    EXPECT_NE(find_offer_fault(offer_of({std::string(513, 'p')})), "");
    EXPECT_EQ(find_offer_fault(offer_of({"..a", "a..", "..."})), "");
}

TEST(OfferFault, RefusesFilesThatCannotStandBesideEachOther) {
    EXPECT_EQ(find_offer_fault(offer_of({"a", "a"})), "path 'a' is there twice");
    EXPECT_EQ(find_offer_fault(offer_of({"x/y/z", "x/y"})),
              "path 'x/y' is both a file and a folder");
    EXPECT_EQ(find_offer_fault(offer_of({"x/y", "x-y"})), "");
}

TEST(OfferFault, HoldsItsLimits) {
    EXPECT_EQ(find_offer_fault(offer_of({})), "it has no files");
    CheckpointOffer many = offer_of({});
    for (int i = 0; i < 10'000; ++i)
        many.files.push_back({.path = "f" + std::to_string(i), .size = {1}});
    EXPECT_EQ(find_offer_fault(many), "");
    many.files.push_back({.path = "one more", .size = {1}});
    EXPECT_EQ(find_offer_fault(many), "it has more than 10000 files");

    CheckpointOffer large = offer_of({"a", "b"});
    large.files[0].size = gigabytes(15'999);
    large.files[1].size = gigabytes(1);
    EXPECT_EQ(find_offer_fault(large), "");
    large.files[1].size = gigabytes(1) + Bytes{1};
    EXPECT_NE(find_offer_fault(large), "");
    large.files[0].size = Bytes{INT64_MAX};
    EXPECT_NE(find_offer_fault(large), "") << "no overflow";
    large.files[0].size = Bytes{-1};
    EXPECT_NE(find_offer_fault(large), "");
}

TEST(OfferFault, RefusesOddNumbersModesAndMetrics) {
    CheckpointOffer offer = offer_of({"a"});
    offer.local_seq = 0;
    EXPECT_NE(find_offer_fault(offer), "");
    offer = offer_of({"a"});
    offer.step = -1;
    EXPECT_NE(find_offer_fault(offer), "");
    offer = offer_of({"a"});
    offer.files[0].mode = 04755;
    EXPECT_NE(find_offer_fault(offer), "") << "set-user-id";
    offer = offer_of({"a"});
    offer.metrics = {{"loss", std::string(257, '1')}};
    EXPECT_NE(find_offer_fault(offer), "");
    offer.metrics = {{"loss", "0.25"}};
    EXPECT_EQ(find_offer_fault(offer), "");
    for (int i = 0; i < 200; ++i)
        offer.metrics["m" + std::to_string(i)] = "1";
    EXPECT_NE(find_offer_fault(offer), "");
}

TEST(Checkpoint, SurvivesStorageAndEveryStateHasItsWord) {
    Checkpoint checkpoint = committed(3, 2);
    checkpoint.attempt = {{7}, {2}};
    checkpoint.files = {{.path = "a", .size = {3}, .crc32c = 0xffffffff, .mode = 0600}};
    checkpoint.metrics = {{"loss", "0.5"}};
    const auto restored = from_record<Checkpoint>(to_record(checkpoint));
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(*restored, checkpoint);
    std::set<std::string> words;
    for (int state = 1; state <= 6; ++state)
        words.insert(to_string(static_cast<CheckpointState>(state)));
    EXPECT_EQ(words.size(), 6U);
    EXPECT_FALSE(words.contains("unknown"));
}

}  // namespace
}  // namespace herder
