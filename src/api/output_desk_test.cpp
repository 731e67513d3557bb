#include "api/output_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/fake_uploads_fixture.h"

namespace herder::api {
namespace {

constexpr std::int64_t kMiB = 1 << 20;
using protocol::SentOutput;

struct OutputDeskTest : ::testing::Test {
    FakeUploadStore store;
    std::unique_ptr<OutputDesk> desk = std::make_unique<OutputDesk>(store);
    const OutputDesk::Owner first{"t", {JobId{1}, Fence{1}}};
    const OutputDesk::Owner second{"t", {JobId{1}, Fence{2}}};
    const SentOutput model{"model.bin", Bytes{40 * kMiB}, 7};
    const std::string key = "v1/t/j1/outputs/model.bin";
    const std::string record = "v1/t/j1/attempts/1/output-uploads.json";
    int changes = 0;

    void restart() { desk = std::make_unique<OutputDesk>(store); }
    std::vector<int> missing(const OutputDesk::Owner& owner, const SentOutput& output,
                             int from = 1) {
        const auto answer = desk->sign(owner, {output, from}, {});
        EXPECT_TRUE(answer) << answer.error().message;
        std::vector<int> numbers;
        for (const auto& part : answer.value_or(protocol::PartsResponse{}).parts)
            numbers.push_back(part.number);
        return numbers;
    }
    void send(const std::string& upload, std::vector<int> numbers) {
        for (const int number : numbers)
            store.receive(upload, number, Bytes{(number == 3 ? 8 : 16) * kMiB});
    }
    static Status complete_at(OutputDesk& desk, const OutputDesk::Owner& owner,
                              const SentOutput& output, const std::function<Status()>& may_change) {
        const auto making = desk.prepare(owner, output);
        if (!making) return making.error();
        return *making ? desk.finish(**making, desk.make(**making, may_change)) : ok();
    }
    Status complete(const OutputDesk::Owner& owner, const SentOutput& output) {
        return complete_at(*desk, owner, output, [this] {
            ++changes;
            return ok();
        });
    }
    // Sends a file in one part, so that it can be made.
    OutputDesk::Making prepare(const OutputDesk::Owner& owner, const SentOutput& output) {
        EXPECT_FALSE(missing(owner, output).empty());
        for (auto& [name, upload] : store.uploads) {
            if (upload.key.ends_with(output.path) && upload.parts.empty())
                store.receive(name, 1, output.size);
        }
        const auto making = desk->prepare(owner, output);
        EXPECT_TRUE(making && *making);
        return making && *making ? **making : OutputDesk::Making{};
    }
    void store_old(std::int64_t size, WallTime when) {
        store.objects[key] = std::string(static_cast<std::size_t>(size), 'o');
        store.modified[key] = when;
    }
};

TEST_F(OutputDeskTest, LargeFilesGoInPartsWhereTheStoreTakesThem) {
    EXPECT_FALSE(desk->takes_parts(Bytes{64 * kMiB}));
    EXPECT_TRUE(desk->takes_parts(Bytes{64 * kMiB + 1}));
    store.told.part_size_min = Bytes{100 * kMiB};
    EXPECT_FALSE(desk->takes_parts(Bytes{100 * kMiB}));
    EXPECT_TRUE(desk->takes_parts(Bytes{100 * kMiB + 1}));
    struct Folder : FakeUploadStore {
        MultipartUploads* multipart() override { return nullptr; }
    } folder;
    OutputDesk other(folder);
    EXPECT_FALSE(other.takes_parts(Bytes{1LL << 40}));
    EXPECT_TRUE(other.begin(first, {"a"}));
    EXPECT_EQ(other.sign(first, {model, 1}, {}).error().code, ErrorCode::kInvalid);
}

TEST_F(OutputDeskTest, PartsBecomeTheFileUnderItsOwnName) {
    EXPECT_EQ(missing(first, model), (std::vector{1, 2, 3}));
    send("u1", {1, 3});
    EXPECT_EQ(complete(first, model).error().code, ErrorCode::kNotFound) << "one is missing";
    EXPECT_FALSE(store.objects.contains(key));
    EXPECT_EQ(missing(first, model), std::vector{2});
    send("u1", {2});
    EXPECT_TRUE(complete(first, model));
    EXPECT_EQ(store.head(key)->size, model.size);
    EXPECT_TRUE(store.uploads.empty());
    EXPECT_EQ(store.created, 1);
}

TEST_F(OutputDeskTest, TheServerAfterItGoesOn) {
    missing(first, model);
    send("u1", {1, 2});
    restart();
    EXPECT_EQ(missing(first, model), std::vector{3});
    send("u1", {3});
    restart();
    EXPECT_TRUE(complete(first, model));
    EXPECT_EQ(store.created, 1);
}

// Two attempts write files of one name and size, and perhaps of other bytes.
TEST_F(OutputDeskTest, WhatAnEarlierAttemptSentIsNeverTakenForALaterOnes) {
    missing(first, model);
    send("u1", {1, 2});
    EXPECT_EQ(missing(second, model), (std::vector{1, 2, 3}));
    EXPECT_FALSE(store.uploads.contains("u1")) << "nobody will finish it";
    send("u2", {1, 2, 3});
    restart();
    EXPECT_TRUE(complete(second, model));
    EXPECT_EQ(store.created, 2);
}

TEST_F(OutputDeskTest, AnEarlierAttemptThatComesLateGivesNothingUp) {
    missing(second, model);
    send("u1", {1, 2, 3});
    EXPECT_EQ(desk->sign(first, {model, 1}, {}).error().code, ErrorCode::kConflict);
    EXPECT_EQ(desk->begin(first, {"small.txt"}).error().code, ErrorCode::kConflict);
    EXPECT_EQ(complete(first, model).error().code, ErrorCode::kConflict);
    EXPECT_TRUE(complete(second, model));
}

TEST_F(OutputDeskTest, WhatEarlierAttemptsLeftGoesWithTheFirstOutputOfAnyKind) {
    missing(first, model);
    ASSERT_TRUE(store.create("v1/t/j1/ckpt/c/o/0000"));
    ASSERT_TRUE(store.create("v1/t/j12/outputs/model.bin"));
    ASSERT_TRUE(desk->begin(second, {"small.txt"}));
    EXPECT_EQ(store.uploads.size(), 2U);
    EXPECT_FALSE(store.uploads.contains("u1"));
}

TEST_F(OutputDeskTest, AnAttemptDoesNotGiveUpWhatIsItsOwn) {
    missing(first, model);
    send("u1", {1});
    restart();
    ASSERT_TRUE(desk->begin(first, {"small.txt"}));
    ASSERT_TRUE(desk->begin(first, {"small.txt"}));
    EXPECT_EQ(missing(first, model), (std::vector{2, 3}));
}

TEST_F(OutputDeskTest, AFileThatWasChangedIsBegunAnew) {
    missing(first, model);
    send("u1", {1, 2, 3});
    SentOutput changed = model;
    changed.crc32c = 8;
    EXPECT_EQ(complete(first, changed).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(missing(first, changed), (std::vector{1, 2, 3}));
    EXPECT_FALSE(store.uploads.contains("u1"));
    EXPECT_EQ(complete(first, model).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(store.objects.contains(key));
    // It may have become a small one, too.
    ASSERT_TRUE(desk->begin(first, {"model.bin"}));
    EXPECT_TRUE(store.uploads.empty());
    EXPECT_EQ(complete(first, changed).error().code, ErrorCode::kNotFound);
}

TEST_F(OutputDeskTest, PartsOfAnotherFileBecomeNothing) {
    missing(first, model);
    for (int number : {1, 2, 3})
        store.receive("u1", number, Bytes{(number == 3 ? 8 : 16) * kMiB}, 99);
    EXPECT_EQ(complete(first, model).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(store.objects.contains(key));
    EXPECT_TRUE(store.uploads.empty()) << "all of it has to be sent again";
    EXPECT_EQ(missing(first, model), (std::vector{1, 2, 3}));
    EXPECT_EQ(store.created, 2);
}

TEST_F(OutputDeskTest, ACompletionMayBeAskedForAgain) {
    missing(first, model);
    send("u1", {1, 2, 3});
    ASSERT_TRUE(complete(first, model));
    EXPECT_TRUE(complete(first, model));
    EXPECT_EQ(missing(first, model), std::vector<int>{});
    restart();
    EXPECT_EQ(missing(first, model), std::vector<int>{});
    EXPECT_TRUE(complete(first, model));
    EXPECT_EQ(changes, 1) << "its hash must not be forgotten again";
    EXPECT_EQ(store.created, 1);
}

// As Amazon does it where only the answer was lost; and the server could note nothing more.
TEST_F(OutputDeskTest, ACompletionWhoseAnswerWasLostIsFoundOut) {
    struct Losing : FakeUploadStore {
        Status complete(const PendingUpload& upload,
                        const std::vector<UploadPart>& parts) override {
            (void)FakeUploadStore::complete(upload, parts);
            return unavailable("the connection broke");
        }
    } losing;
    for (const bool with_restart : {false, true}) {
        losing.objects.clear();
        losing.uploads.clear();
        auto other = std::make_unique<OutputDesk>(losing);
        ASSERT_TRUE(other->sign(first, {model, 1}, {}));
        const std::string upload = losing.uploads.begin()->first;
        for (int number : {1, 2, 3})
            losing.receive(upload, number, Bytes{(number == 3 ? 8 : 16) * kMiB});
        const auto allow = [] { return ok(); };
        EXPECT_EQ(complete_at(*other, first, model, allow).error().code, ErrorCode::kUnavailable);
        if (with_restart) other = std::make_unique<OutputDesk>(losing);
        const auto answer = other->sign(first, {model, 1}, {});
        ASSERT_TRUE(answer);
        EXPECT_TRUE(answer->parts.empty());
        EXPECT_TRUE(complete_at(*other, first, model, allow));
        EXPECT_EQ(losing.head(key)->size, model.size);
    }
}

TEST_F(OutputDeskTest, AnUploadThatSomebodyGaveUpIsNotTakenForACompletedOne) {
    store_old(40 * kMiB, WallTime{5});  // of the attempt before, of the same size
    missing(second, model);
    send("u1", {1, 2, 3});
    store.uploads.clear();
    EXPECT_EQ(complete(second, model).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(missing(second, model), (std::vector{1, 2, 3}));
    send("u2", {1, 2, 3});
    EXPECT_TRUE(complete(second, model));
}

// One that was begun before, and ended at the store after this one's upload was given up.
TEST_F(OutputDeskTest, AnObjectOfItsSizeThatCameMeanwhileIsNotTakenForIts) {
    missing(second, model);
    store.uploads.clear();
    store_old(40 * kMiB, WallTime{5});
    for (const char* made_by : {"", "1-41943040-7", "2-41943040-8", "u9"}) {
        store.made_by[key] = made_by;
        EXPECT_EQ(complete(second, model).error().code, ErrorCode::kNotFound) << made_by;
    }
    store.made_by[key] = "2-41943040-7";
    EXPECT_EQ(missing(second, model), std::vector<int>{});
    EXPECT_TRUE(complete(second, model));
}

// As Azure tells it.
TEST_F(OutputDeskTest, TheNameOfTheUploadProvesItAsWell) {
    missing(second, model);
    store.uploads.clear();
    store_old(40 * kMiB, WallTime{5});
    store.made_by[key] = "u1";
    restart();
    EXPECT_TRUE(complete(second, model));
}

TEST_F(OutputDeskTest, WhereTheStoreKnowsItsChecksumThatProvesIt) {
    struct Summing : FakeUploadStore {
        std::optional<std::uint32_t> sum;
        Result<ObjectInfo> head(const std::string& name) override {
            auto info = FakeUploadStore::head(name);
            if (info) info->crc32c = sum;
            return info;
        }
    } summing;
    summing.keeps_marks = false;
    for (const std::uint32_t sum : {8U, 7U}) {
        OutputDesk other(summing);
        ASSERT_FALSE(other.sign(first, {model, 1}, {})->parts.empty());
        summing.uploads.clear();
        summing.objects[key] = std::string(40 * kMiB, 'o');
        summing.sum = sum;
        EXPECT_EQ(other.sign(first, {model, 1}, {})->parts.empty(), sum == model.crc32c);
    }
}

TEST_F(OutputDeskTest, AnObjectOfAnotherSizeIsNoProofEither) {
    missing(first, model);
    store.uploads.clear();
    store.objects[key] = "short";
    EXPECT_EQ(complete(first, model).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(missing(first, model), (std::vector{1, 2, 3}));
    EXPECT_EQ(store.created, 2);
}

TEST_F(OutputDeskTest, WhoMayNotChangeItChangesNothing) {
    missing(first, model);
    send("u1", {1, 2, 3});
    const auto fenced = [] {
        return Status(Error{ErrorCode::kConflict, "a later attempt has begun"});
    };
    EXPECT_EQ(complete_at(*desk, first, model, fenced).error().code, ErrorCode::kConflict);
    EXPECT_FALSE(store.objects.contains(key));
    EXPECT_TRUE(store.uploads.contains("u1"));
}

TEST_F(OutputDeskTest, AStoreThatMakesNoObjectOverAnotherIsMadeRoomIn) {
    store.never_replaces = true;
    store_old(5, WallTime{5});
    missing(second, model);
    send("u1", {1, 2, 3});
    EXPECT_TRUE(complete(second, model));
    EXPECT_EQ(store.head(key)->size, model.size);
}

// A machine that was given up may still have sent it in one piece.
TEST_F(OutputDeskTest, SoIsItForAnObjectThatCameAfterItWasBegun) {
    store.never_replaces = true;
    missing(second, model);
    send("u1", {1, 2, 3});
    store_old(5, WallTime{5});
    EXPECT_TRUE(complete(second, model));
    EXPECT_EQ(store.head(key)->size, model.size);
}

TEST_F(OutputDeskTest, AnObjectOfALaterAttemptMakesNoRoom) {
    store.never_replaces = true;
    missing(first, model);
    send("u1", {1, 2, 3});
    store_old(5, WallTime{5});
    int asked = 0;
    const auto fenced_meanwhile = [&] {
        return ++asked == 1 ? ok() : Status(Error{ErrorCode::kConflict, "a later one has begun"});
    };
    EXPECT_EQ(complete_at(*desk, first, model, fenced_meanwhile).error().code,
              ErrorCode::kConflict);
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(store.head(key)->size, Bytes{5});
}

TEST_F(OutputDeskTest, WhileAnObjectIsMadeAllElseGoesOn) {
    const SentOutput small{"b.bin", Bytes{kMiB}, 1};
    const OutputDesk::Owner other{"t", {JobId{2}, Fence{1}}};
    const SentOutput others{"c.bin", Bytes{kMiB}, 1};
    const OutputDesk::Making making = prepare(first, model);
    EXPECT_EQ(missing(first, small), std::vector{1});
    EXPECT_TRUE(desk->begin(first, {"small.txt"}));
    const OutputDesk::Making beside = prepare(other, others);
    EXPECT_TRUE(desk->finish(beside, desk->make(beside, [] { return ok(); })));
    EXPECT_TRUE(store.objects.contains("v1/t/j2/outputs/c.bin"));
    // But of the same job it is one at a time.
    EXPECT_EQ(desk->prepare(first, model).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(desk->prepare(first, small).error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(desk->finish(making, desk->make(making, [] { return ok(); })));
    EXPECT_TRUE(complete(first, model)) << "it is there";
    EXPECT_EQ(changes, 0);
    EXPECT_EQ(desk->prepare(first, small)->value().upload.output, small);
}

TEST_F(OutputDeskTest, WhatIsBeingMadeIsNotPulledAway) {
    const OutputDesk::Making making = prepare(first, model);
    SentOutput changed = model;
    changed.crc32c = 8;
    for (const SentOutput& output : {model, changed})
        EXPECT_EQ(desk->sign(first, {output, 1}, {}).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(desk->begin(first, {"model.bin"}).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(desk->sign(second, {model, 1}, {}).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(desk->begin(second, {}).error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(store.uploads.contains("u1"));
    const Status failed = desk->finish(making, unavailable("503 Slow Down"));
    EXPECT_EQ(failed.error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(store.uploads.contains("u1"));
    EXPECT_TRUE(complete(first, model));
    EXPECT_EQ(missing(second, model), (std::vector{1, 2, 3}));
}

// The server before cut the file into smaller parts.
TEST_F(OutputDeskTest, AnUploadThatIsOfNoUseIsGivenUp) {
    missing(first, model);
    send("u1", {1, 2, 3});
    store_old(40 * kMiB, WallTime{5});  // of an earlier attempt that came late
    store.told.part_size_min = Bytes{32 * kMiB};
    restart();
    EXPECT_EQ(missing(first, model), (std::vector{1, 2}));
    EXPECT_FALSE(store.uploads.contains("u1"));
    EXPECT_TRUE(store.uploads.contains("u2"));
}

TEST_F(OutputDeskTest, AnUploadGivenUpWhileItWasCompletedIsNotDone) {
    struct Aborted : FakeUploadStore {
        Status complete(const PendingUpload& upload, const std::vector<UploadPart>&) override {
            uploads.erase(upload.upload);
            return not_found("NoSuchUpload");
        }
    } aborted;
    aborted.objects[key] = std::string(40 * kMiB, 'o');  // of the attempt before
    aborted.modified[key] = WallTime{5};
    OutputDesk other(aborted);
    ASSERT_TRUE(other.sign(second, {model, 1}, {}));
    aborted.receive("u1", 1, model.size);
    const auto allow = [] { return ok(); };
    EXPECT_EQ(complete_at(other, second, model, allow).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(other.sign(second, {model, 1}, {})->parts.empty());
}

// A worker that is told of a conflict gives all of its outputs up.
TEST_F(OutputDeskTest, NoConflictOfTheStoreLooksLikeALaterAttempt) {
    missing(first, model);
    send("u1", {1, 2, 3});
    store.refusal = Error{ErrorCode::kConflict, "409 OperationAborted"};
    EXPECT_EQ(complete(first, model).error().code, ErrorCode::kUnavailable);
    store.refusal.reset();
    EXPECT_TRUE(complete(first, model));
}

TEST_F(OutputDeskTest, WhatCannotBeWrittenDownIsNotBegun) {
    struct ReadOnly : FakeUploadStore {
        Status put(const std::string&, const std::string&, bool) override {
            return unavailable("503 Slow Down");
        }
    } full;
    OutputDesk other(full);
    EXPECT_EQ(other.sign(first, {model, 1}, {}).error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(full.uploads.empty());
}

TEST_F(OutputDeskTest, ADamagedRecordCostsOnlyWhatWasSent) {
    missing(first, model);
    send("u1", {1, 2});
    store.objects[record] = "damaged";
    restart();
    EXPECT_EQ(missing(first, model), (std::vector{1, 2, 3}));
    EXPECT_FALSE(store.uploads.contains("u1"));
}

TEST_F(OutputDeskTest, AWindowOfALargeFileAtATime) {
    const SentOutput large{"large.bin", Bytes{16 * kMiB * 100}, 1};
    const auto window = desk->sign(first, {large, 1}, {});
    ASSERT_TRUE(window);
    EXPECT_EQ(window->parts.size(), 64U);
    EXPECT_EQ(window->next, 65);
    EXPECT_EQ(window->next_file, 0);
    const auto rest = desk->sign(first, {large, 65}, {});
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->parts.size(), 36U);
    EXPECT_EQ(rest->next, 0);
    EXPECT_EQ(rest->next_file, 1);
}

}  // namespace
}  // namespace herder::api
