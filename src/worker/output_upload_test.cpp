#include "worker/output_upload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "worker/fake_server_fixture.h"
#include "worker/persist.h"

namespace herder {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OutputUploadTest : public ::testing::Test {
  protected:
    void SetUp() override {
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link_.join(request));
        server_.take_large_outputs(9);
    }
    OutputFile file(const std::string& name, const std::string& content) {
        const std::string path = folder_.path() + "/" + name;
        std::ofstream(path) << content;
        return {name, path};
    }
    OutputUpload::Parts parts(OutputPatience::Limits patience = {hours(1), hours(1)}) {
        return {link_,    [this] { return gifts_; },
                stop_,    [this](const std::string& line) { said_.push_back(line); },
                patience, memory_};
    }
    OutputUpload::Sent run(const std::vector<OutputFile>& files) {
        return OutputUpload(parts()).run(files);
    }
    // By a clock that moves with each word that an output was sent.
    OutputUpload::Sent run_by_joins(const std::vector<OutputFile>& files, Duration each,
                                    OutputPatience::Limits patience) {
        OutputUpload::Parts by_joins = parts(patience);
        by_joins.now = [this, each] {
            std::int64_t count = 0;
            server_.wait([&] {
                count = calls(kJoin);
                return true;
            });
            return Instant{} + each * count;
        };
        return OutputUpload(by_joins).run(files);
    }
    int calls(const std::string& call) {
        const auto& all = server_.calls();
        return static_cast<int>(std::count(all.begin(), all.end(), call));
    }
    std::string stored(const std::string& name) { return server_.get("/artifacts/out/" + name); }

    const std::string kJoin = std::string("POST ") + protocol::kAgentOutputSent;
    FakeServer server_;
    TemporaryFolder folder_;
    ServerLink link_{{server_.url()}, ""};
    OutputUpload::Memory memory_;
    protocol::SyncResponse gifts_;
    http::CancelToken stop_;
    std::vector<std::string> said_;
};

TEST_F(OutputUploadTest, SmallFilesGoWholeAndLargeOnesInParts) {
    const auto sent = run({file("a", "12345678"), file("b", "123456789"), file("c", "")});
    EXPECT_TRUE(sent.status);
    EXPECT_THAT(sent.missing, IsEmpty());
    EXPECT_EQ(sent.why, "");
    EXPECT_EQ(stored("a"), "12345678");
    EXPECT_EQ(stored("b"), "123456789");
    EXPECT_EQ(calls("PUT /artifacts/out/a"), 1);
    EXPECT_EQ(calls("PUT /artifacts/out/b"), 0);
    EXPECT_EQ(server_.get("/artifacts/out-parts/b/3"), "9");
    EXPECT_EQ(calls("PUT /artifacts/out/c"), 1);
    EXPECT_THAT(said_, IsEmpty());
}

TEST_F(OutputUploadTest, AServerThatKnowsNoPartsGetsAllWhole) {
    server_.take_large_outputs(0);
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    EXPECT_EQ(stored("b"), "123456789");
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentOutputParts), 0);
}

TEST_F(OutputUploadTest, WhatIsThereIsNotSentAgain) {
    server_.put("/artifacts/out-parts/b/2", "5678");
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    EXPECT_EQ(stored("b"), "123456789");
    EXPECT_EQ(calls("PUT /artifacts/out-parts/b/1"), 1);
    EXPECT_EQ(calls("PUT /artifacts/out-parts/b/2"), 0);
}

TEST_F(OutputUploadTest, GoesOnWhereTheServerIsAwayForAWhile) {
    const OutputFile b = file("b", "123456789");
    server_.answer_next(protocol::kAgentSign, 1, 503, "{}");
    EXPECT_TRUE(run({b}).status);
    server_.answer_next(protocol::kAgentOutputSent, 2, 503, "{}");
    EXPECT_TRUE(run({b}).status);
    EXPECT_EQ(calls("PUT /artifacts/out-parts/b/1"), 1) << "the parts had arrived";
}

TEST_F(OutputUploadTest, PartsThatWereSentAgainAreTold) {
    server_.answer_next("/out-parts/", 2, 500, "");
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_THAT(said_[0], HasSubstr("the output b: 2 parts were sent again: the server answered"));
}

TEST_F(OutputUploadTest, UrlsThatAreTooOldAreAskedForAgain) {
    server_.answer_next("/artifacts/out/a", 1, 403, "Request has expired");
    EXPECT_TRUE(run({file("a", "1")}).status);
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentSign), 2);
    EXPECT_EQ(stored("a"), "1");
    server_.answer_next("/artifacts/out-parts/", 1, 403, "Request has expired");
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    EXPECT_EQ(stored("b"), "123456789");
    server_.answer_next("/artifacts/out-parts/", 1, 400,
                        "<Error><Code>ExpiredToken</Code></Error>");
    EXPECT_TRUE(run({file("d", "123456789")}).status);
    EXPECT_EQ(stored("d"), "123456789");
}

// As at a store without parts, for a file that is too large for one request.
TEST_F(OutputUploadTest, WhatTheStoreRefusesIsToldAndHoldsUpNoOther) {
    server_.answer_next("/artifacts/out/a", 1, 400,
                        "<Error><Code>EntityTooLarge</Code><Message>Your proposed upload exceeds "
                        "the maximum allowed size</Message></Error>");
    const auto sent = run({file("a", "1"), file("b", "123456789"), file("c", "3")});
    EXPECT_TRUE(sent.status) << "another try would do no better";
    EXPECT_THAT(sent.missing, ElementsAre("a"));
    EXPECT_THAT(sent.why, HasSubstr("the output a was not stored: "));
    EXPECT_THAT(sent.why, HasSubstr("EntityTooLarge Your proposed upload exceeds the maximum"));
    EXPECT_THAT(said_, ElementsAre(sent.why));
    EXPECT_EQ(calls("PUT /artifacts/out/a"), 1);
    EXPECT_EQ(stored("b"), "123456789");
    EXPECT_EQ(stored("c"), "3");
}

TEST_F(OutputUploadTest, APartThatTheStoreRefusesIsNotSentAgain) {
    server_.answer_next(
        "/artifacts/out-parts/", 1000, 400,
        "<Error><Code>InvalidArgument</Code><Message>no such part</Message></Error>");
    const auto sent = run({file("b", "1234567890"), file("c", "3")});
    EXPECT_TRUE(sent.status);
    EXPECT_THAT(sent.missing, ElementsAre("b"));
    EXPECT_THAT(sent.why, HasSubstr("400 InvalidArgument no such part"));
    EXPECT_EQ(calls("PUT /artifacts/out-parts/b/1"), 1);
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentOutputParts), 1);
    EXPECT_EQ(stored("c"), "3");
}

// As by a policy of the bucket, or by keys that have ended.
TEST_F(OutputUploadTest, ARefusalThatNoFreshUrlHealsIsTold) {
    const std::string denied = "<Error><Code>AccessDenied</Code></Error>";
    const OutputPatience::Limits patience{milliseconds(500), seconds(5)};
    server_.answer_next("/artifacts/out-parts/", 1000, 403, denied);
    auto sent = OutputUpload(parts(patience)).run({file("d", "123456789")});
    EXPECT_THAT(sent.missing, ElementsAre("d"));
    EXPECT_THAT(sent.why, HasSubstr("403 AccessDenied"));
    server_.answer_next("/artifacts/out/a", 1000, 403, denied);
    sent = OutputUpload(parts(patience)).run({file("a", "1")});
    EXPECT_THAT(sent.missing, ElementsAre("a"));
    EXPECT_THAT(sent.why, HasSubstr("403 AccessDenied"));
}

TEST_F(OutputUploadTest, ARefusalThatEndsLosesNothing) {
    const std::string denied = "<Error><Code>AccessDenied</Code></Error>";
    server_.answer_next("/artifacts/out-parts/", 4, 403, denied);
    EXPECT_TRUE(run({file("d", "123456789")}).missing.empty());
    server_.answer_next("/artifacts/out/a", 4, 403, denied);
    EXPECT_TRUE(run({file("a", "1")}).missing.empty());
    EXPECT_EQ(stored("d"), "123456789");
    EXPECT_EQ(server_.get("/artifacts/out/a"), "1");
}

TEST_F(OutputUploadTest, APartThatCameDamagedIsSentAgain) {
    server_.answer_next("/artifacts/out-parts/b/2", 2, 400,
                        "<Error><Code>BadDigest</Code></Error>");
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    EXPECT_EQ(stored("b"), "123456789");
    EXPECT_EQ(calls("PUT /artifacts/out-parts/b/2"), 3);
}

TEST_F(OutputUploadTest, OfManyThatAreMissingAFewAreNamed) {
    std::vector<OutputFile> files;
    for (const char* name : {"a", "b", "c", "d", "e"})
        files.push_back(file(name, "1"));
    server_.answer_next("/artifacts/out/", 5, 400, "no");
    const auto sent = run(files);
    EXPECT_EQ(sent.missing.size(), 5U);
    EXPECT_THAT(sent.why, HasSubstr("output c was not"));
    EXPECT_THAT(sent.why, Not(HasSubstr("output d was not")));
    EXPECT_TRUE(sent.why.ends_with("; and so it is with 2 more")) << sent.why;
    EXPECT_EQ(said_.size(), 4U);
}

// Each request for URLs is bounded, and small files do not wait for each other.
TEST_F(OutputUploadTest, ManyFilesGoSeveralAtOnceAndHaveTheirUrlsInBatches) {
    std::vector<OutputFile> files;
    files.reserve(1001);
    for (int i = 0; i < 1001; ++i)
        files.push_back(file("f" + std::to_string(i), std::to_string(i)));
    server_.answer_next("/artifacts/out/f900", 1, 400, "no");
    const auto sent = run(files);
    EXPECT_TRUE(sent.status);
    EXPECT_THAT(sent.missing, ElementsAre("f900"));
    for (const OutputFile& one : files) {
        const std::string number = one.name.substr(1);
        EXPECT_EQ(stored(one.name), number == "900" ? "" : number);
    }
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentSign), 3);
    EXPECT_THAT(run(files).missing, IsEmpty());
    EXPECT_EQ(stored("f900"), "900");
    EXPECT_EQ(calls("PUT /artifacts/out/f900"), 2);
    EXPECT_EQ(calls("PUT /artifacts/out/f899"), 1);
}

TEST_F(OutputUploadTest, OfManyFilesTheRestIsLeftOnceNothingArrives) {
    std::vector<OutputFile> files;
    files.reserve(1000);
    for (int i = 0; i < 1000; ++i)
        files.push_back(file("f" + std::to_string(i), "1"));
    server_.answer_next("/artifacts/out/", 5000, 503, "");
    link_.turns().stop();
    auto sent = OutputUpload(parts({hours(1), milliseconds(1)})).run(files);
    ASSERT_FALSE(sent.status);
    EXPECT_TRUE(may_pass(sent.status.error().code)) << "the agent tries all again";
    EXPECT_EQ(sent.missing.size(), 1000U);
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentSign), 1);
    server_.answer_next(protocol::kAgentSign, 1, 409, R"({"detail":"a later attempt has begun"})");
    sent = run(files);
    ASSERT_FALSE(sent.status);
    EXPECT_EQ(sent.status.error().code, ErrorCode::kConflict);
    EXPECT_EQ(stored("f999"), "");
}

TEST_F(OutputUploadTest, WithoutAnyProgressItIsGivenUp) {
    server_.answer_next("/artifacts/out/a", 1000, 503, "");
    link_.turns().stop();
    OutputUpload upload(parts({hours(1), milliseconds(1)}));
    const auto sent = upload.run({file("a", "1"), file("b", "123456789"), file("c", "3")});
    ASSERT_FALSE(sent.status);
    EXPECT_TRUE(may_pass(sent.status.error().code)) << "the agent tries all again";
    EXPECT_THAT(sent.missing, ElementsAre("a", "b", "c"));
    EXPECT_EQ(stored("b"), "") << "how the job ended waits behind it";
    EXPECT_EQ(calls("PUT /artifacts/out/c"), 0);
}

// A store that takes the bytes and refuses them each time: the parts are not tried to their end.
TEST_F(OutputUploadTest, InAStopPartsAreNotSentInVain) {
    server_.answer_next("/artifacts/out-parts/", 1000, 503, "");
    link_.turns().stop();
    OutputUpload upload(parts({hours(1), milliseconds(1)}));
    const auto sent = upload.run({file("b", "1234567890")});
    ASSERT_FALSE(sent.status);
    EXPECT_TRUE(may_pass(sent.status.error().code));
    EXPECT_LE(calls("PUT /artifacts/out-parts/b/1"), 1);
}

// Would last for days.
TEST_F(OutputUploadTest, AStopThatBeginsMeanwhileShortensThePatience) {
    const OutputFile slow = file("slow", std::string(600'000, 'x'));
    const OutputFile last = file("last", "1");
    for (const bool in_parts : {true, false}) {
        server_.take_large_outputs(in_parts ? 9 : 0);
        ServerLink link({server_.url()}, "");
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link.join(request));
        link.limit_uploads(Bytes{1});
        OutputUpload upload({link,
                             [this] { return gifts_; },
                             stop_,
                             [](const std::string&) {},
                             {hours(1), milliseconds(1)},
                             memory_});
        OutputUpload::Sent sent;
        std::thread thread([&] { sent = upload.run({slow, last}); });
        while (!link.turns().wait(TransferClass::kLogs, [](Duration) { return false; }))
            std::this_thread::yield();
        link.turns().stop();
        thread.join();
        ASSERT_FALSE(sent.status);
        EXPECT_TRUE(may_pass(sent.status.error().code)) << sent.status.error().message;
        EXPECT_THAT(sent.missing, ElementsAre("last", "slow"));
    }
}

TEST_F(OutputUploadTest, TheServerIsAskedAgainForAsLongAsItPutsTheObjectTogether) {
    server_.answer_next(protocol::kAgentOutputSent, 2, 503, "{}");
    EXPECT_TRUE(
        run_by_joins({file("b", "123456789")}, minutes(4), {minutes(3), seconds(10)}).status);
    EXPECT_EQ(calls(kJoin), 3);
    EXPECT_EQ(stored("b"), "123456789");
}

TEST_F(OutputUploadTest, ButNotForever) {
    server_.answer_next(protocol::kAgentOutputSent, 1000, 503, "{}");
    const auto sent = run_by_joins({file("b", "123456789")}, minutes(6), {minutes(3), seconds(10)});
    ASSERT_FALSE(sent.status);
    EXPECT_TRUE(may_pass(sent.status.error().code));
    EXPECT_EQ(calls(kJoin), 3);
}

TEST_F(OutputUploadTest, InAStopTheObjectHasNoTimeOfItsOwn) {
    link_.turns().stop();
    server_.answer_next(protocol::kAgentOutputSent, 1000, 503, "{}");
    const auto sent = run_by_joins({file("b", "123456789")}, minutes(4), {minutes(3), seconds(10)});
    ASSERT_FALSE(sent.status);
    EXPECT_TRUE(may_pass(sent.status.error().code));
    EXPECT_EQ(calls(kJoin), 1);
}

// As at Azure where nothing may be written over.
TEST_F(OutputUploadTest, AConflictOfTheStoreIsNoLaterAttempt) {
    server_.answer_next("/artifacts/out/a", 1, 409,
                        "<Error><Code>BlobImmutableDueToPolicy</Code></Error>");
    const auto whole = run({file("a", "1"), file("b", "123456789")});
    EXPECT_TRUE(whole.status);
    EXPECT_THAT(whole.missing, ElementsAre("a"));
    EXPECT_THAT(whole.why, HasSubstr("BlobImmutableDueToPolicy"));
    EXPECT_EQ(stored("b"), "123456789");
    server_.answer_next("/artifacts/out-parts/d/", 1000, 412, "");
    const auto parts = run({file("d", "123456789"), file("e", "2")});
    EXPECT_TRUE(parts.status);
    EXPECT_THAT(parts.missing, ElementsAre("d"));
    EXPECT_EQ(stored("e"), "2");
}

TEST_F(OutputUploadTest, ALaterRunSendsWhatIsMissingOrChanged) {
    const OutputFile a = file("a", "1");
    const OutputFile b = file("b", "2");
    const OutputFile c = file("c", "3");
    server_.answer_next("/artifacts/out/b", 1, 400, "no");
    EXPECT_THAT(run({a, b, c}).missing, ElementsAre("b"));
    file("c", "longer");
    EXPECT_THAT(run({a, b, c}).missing, IsEmpty());
    EXPECT_EQ(calls("PUT /artifacts/out/a"), 1);
    EXPECT_EQ(calls("PUT /artifacts/out/b"), 2);
    EXPECT_EQ(stored("c"), "longer");
    ASSERT_EQ(said_.size(), 2U);
    EXPECT_EQ(said_[1], "the output b is stored now");
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentSign), 2);
    run({a, b, c});
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentSign), 2) << "nothing is left to send";
}

TEST_F(OutputUploadTest, AnUploadThatIsGoneIsBegunAnew) {
    server_.answer_next("/out-parts/b/", 1, 404, "<Error><Code>NoSuchUpload</Code></Error>");
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    EXPECT_EQ(stored("b"), "123456789");
}

TEST_F(OutputUploadTest, APartThatIsRefusedForWhatWasWrittenMeanwhileIsNotTheLastWord) {
    const OutputFile b = file("b", "123456789");
    server_.on_output_parts([&, is_first = true](const protocol::OutputPartsRequest&) mutable {
        if (std::exchange(is_first, false)) std::ofstream(b.path, std::ios::app) << "more";
    });
    server_.answer_next("/artifacts/out-parts/b/1", 1, 400, "another checksum");
    EXPECT_TRUE(run({b}).status);
    EXPECT_EQ(stored("b"), "123456789more");
}

// The server says that the parts are those of another file.
TEST_F(OutputUploadTest, AFileThatIsWrittenIntoMeanwhileIsSentAsItIsThen) {
    const OutputFile b = file("b", "123456789");
    bool is_first = true;
    server_.on_put([&] {
        if (!std::exchange(is_first, false)) return;
        std::ofstream(b.path, std::ios::app) << "more";
    });
    server_.put("/artifacts/out-parts/b/2", "5678");
    EXPECT_TRUE(run({b}).status);
    EXPECT_EQ(stored("b"), "123456789more");
}

TEST_F(OutputUploadTest, NothingMoreIsSentForALaterAttemptsSake) {
    server_.answer_next(protocol::kAgentOutputParts, 1, 409,
                        R"({"detail":"a later attempt of this job has begun"})");
    const auto sent = run({file("b", "123456789"), file("c", "3")});
    ASSERT_FALSE(sent.status);
    EXPECT_EQ(sent.status.error().code, ErrorCode::kConflict);
    EXPECT_EQ(stored("c"), "");
    EXPECT_EQ(calls(std::string("POST ") + protocol::kAgentOutputParts), 1);
}

TEST_F(OutputUploadTest, WaitsForItsTurnBeforeEachPart) {
    int held = 0;
    server_.on_put([&] {
        const bool waits = link_.turns().wait(TransferClass::kLogs, [](Duration) { return false; });
        held += waits ? 1 : 0;
    });
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    EXPECT_EQ(held, 3) << "logs wait for outputs";
    server_.on_put({});
    std::thread thread;
    OutputUpload::Sent sent;
    {
        const LinkTurns::Turn turn(link_.turns(), TransferClass::kCheckpoint);
        thread = std::thread([&] { sent = run({file("d", "123456789")}); });
        ASSERT_TRUE(server_.wait([&] {
            return std::count(server_.calls().begin(), server_.calls().end(),
                              std::string("POST ") + protocol::kAgentOutputParts) == 2;
        }));
        EXPECT_EQ(stored("d"), "");
        EXPECT_EQ(server_.get("/artifacts/out-parts/d/1"), "");
    }
    thread.join();
    EXPECT_TRUE(sent.status);
    EXPECT_EQ(stored("d"), "123456789");
}

TEST_F(OutputUploadTest, WhatIsGivenUpEnds) {
    link_.limit_uploads(Bytes{1});
    const OutputFile slow = file("slow", std::string(600'000, 'x'));
    for (const bool in_parts : {true, false}) {
        server_.take_large_outputs(in_parts ? 9 : 0);
        OutputUpload upload(parts());
        OutputUpload::Sent sent;
        std::thread thread([&] { sent = upload.run({slow}); });
        while (!link_.turns().wait(TransferClass::kLogs, [](Duration) { return false; }))
            std::this_thread::yield();
        if (!in_parts) stop_.cancel();
        upload.give_up();
        thread.join();
        ASSERT_FALSE(sent.status);
        EXPECT_EQ(sent.status.error().code, ErrorCode::kCancelled);
    }
}

// By a clock that stands still but for the thread that sends: it moves with each piece.
TEST_F(OutputUploadTest, PiecesThatGoKeepAFileAlive) {
    server_.take_large_outputs(0);
    const auto sender = std::this_thread::get_id();
    const auto looks_at = [&](std::size_t size) {
        std::atomic<std::int64_t> looks = 0;
        OutputUpload::Parts slow = parts({minutes(10), minutes(10)});
        slow.now = [&] {
            if (std::this_thread::get_id() == sender) ++looks;
            return Instant{} + minutes(4) * looks;
        };
        const std::string name = "f" + std::to_string(size);
        EXPECT_TRUE(OutputUpload(slow).run({file(name, std::string(size, 'x'))}).status);
        return looks.load();
    };
    EXPECT_EQ(looks_at(1'000'000) - looks_at(1), 7) << "of eight pieces and of one";
}

// Before its first byte, while pieces go, between the last of them and its end, and behind that.
TEST_F(OutputUploadTest, WheneverItIsGivenUpItEnds) {
    const OutputFile whole = file("whole", std::string(1'000'000, 'x'));
    const OutputFile in_parts = file("parts", "123456789");
    for (const OutputFile& one : {whole, in_parts}) {
        server_.take_large_outputs(one.name == "parts" ? 9 : 0);
        for (int at = 1; at <= 16; ++at) {
            std::atomic<int> looks = 0;
            std::atomic<bool> has_ended = false;
            OutputUpload::Parts counted = parts();
            counted.now = [&looks] {
                ++looks;
                return Instant{};
            };
            memory_ = {};
            OutputUpload upload(counted);
            std::thread other([&] {
                while (looks < at && !has_ended)
                    std::this_thread::yield();
                upload.give_up();
            });
            const auto sent = upload.run({one});
            has_ended = true;
            other.join();
            if (!sent.status) EXPECT_EQ(sent.status.error().code, ErrorCode::kCancelled);
            EXPECT_EQ(sent.missing.empty(), sent.status.has_value()) << sent.why;
            if (sent.status) EXPECT_FALSE(stored(one.name).empty());
        }
    }
}

TEST_F(OutputUploadTest, ChecksumsAreToldWhereTheStoreVerifiesThem) {
    gifts_.upload_parts = protocol::PartRules{Bytes{1}, 10'000, true};
    std::optional<protocol::OutputPartsRequest> asked;
    server_.on_output_parts([&](const protocol::OutputPartsRequest& wish) { asked = wish; });
    EXPECT_TRUE(run({file("b", "123456789")}).status);
    ASSERT_TRUE(asked);
    EXPECT_THAT(asked->crc32c, ElementsAre(crc32c("123456789")));
    EXPECT_EQ(asked->output.crc32c, crc32c("123456789"));
}

}  // namespace
}  // namespace herder
