#include "worker/transfers.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <thread>

#include "base/digest.h"
#include "worker/checkpoint_upload.h"
#include "worker/fake_server_fixture.h"

namespace herder {
namespace {

using worker_input::RestoreResult;

class TransfersTest : public ::testing::Test {
  protected:
    void SetUp() override {
        protocol::JoinRequest request;
        request.token = "a-one-time-token";
        ASSERT_TRUE(link_.join(request));
        transfers_.connect({[this] { return gifts_; },
                            [this](WorkerInput input) { box_.post(std::move(input)); },
                            [](const protocol::SecretsResponse&) { return ok(); },
                            [this](const std::string& line) {
                                said_ += line + "\n";
                                others_waited_ = must_wait(TransferClass::kLogs);
                            }});
        std::filesystem::create_directories(folders_.outputs);
        std::filesystem::create_directories(folders_.work);
    }
    void offer_checkpoint(const std::string& content) {
        server_.put("/artifacts/o0", content);
        assignment_.resume_from = CheckpointId{4};
        assignment_.resume_name = "000000000050-a000001-k4";
        gifts_.restore = protocol::RestorePlan{
            {4}, {{{"sub/w.bin", Bytes{5}, crc32c("alpha"), 0640}, "/artifacts/o0"}}};
    }
    bool must_wait(TransferClass what) {
        return link_.turns().wait(what, [](Duration) { return false; });
    }
    worker_input::RestoreEnded restore() {
        transfers_.restore(assignment_, gifts_);
        return box_.wait_for<worker_input::RestoreEnded>();
    }

    FakeServer server_;
    TemporaryFolder folder_;
    JobFolders folders_{folder_.path()};
    StillClock turns_clock_;
    ServerLink link_{{server_.url()}, "", turns_clock_.now()};
    LogSpool spool_{folders_.spool};
    LogShipper logs_{spool_, link_};
    CheckpointStaging staging_{folders_.staging};
    InputBox box_;
    protocol::SyncResponse gifts_;
    std::string said_;
    bool others_waited_ = false;  // while the last line was said
    Assignment assignment_;
    Transfers transfers_{
        link_,
        logs_,
        staging_,
        {.folders = folders_, .home = folder_.path(), .outputs_in_stop = milliseconds(1)}};
};

TEST_F(TransfersTest, RestoresACheckpointThatVerifies) {
    offer_checkpoint("alpha");
    server_.fail_objects(1);  // tried again
    EXPECT_EQ(restore().result, RestoreResult::kOk);
    const std::string path = transfers_.resume_path();
    EXPECT_EQ(sum_blocks(path + "/sub/w.bin")->whole(), crc32c("alpha"));
}

TEST_F(TransfersTest, TellsABrokenCheckpointFromABrokenMachine) {
    offer_checkpoint("alphX");
    EXPECT_EQ(restore().result, RestoreResult::kCorrupt);
    EXPECT_EQ(transfers_.resume_path(), "");
    EXPECT_NE(said_.find("sub/w.bin does not verify, read twice; the one before it is asked for"),
              std::string::npos)
        << said_;
    EXPECT_TRUE(others_waited_) << "logs wait for a restore";
}

TEST_F(TransfersTest, TheJobSaysHowFastItsUploadsMayBe) {
    assignment_.spec.env["HERDER_UPLOAD_RATE_MAX"] = "fast";
    EXPECT_EQ(restore().result, RestoreResult::kOk);
    EXPECT_NE(said_.find("'fast', which is no size"), std::string::npos) << said_;
}

TEST_F(TransfersTest, TheCacheIsWhereTheJobOrItsMachineSays) {
    server_.put("/artifacts/public", "words");
    assignment_.spec.inputs = {{.target = "w.txt",
                                .source = "http://x/words",
                                .url = server_.url() + "/artifacts/public",
                                .sha256 = sha256_hex("words")}};
    assignment_.spec.any_of.emplace_back().disk = megabytes(1);
    assignment_.spec.env["HERDER_CACHE_DIR"] = folder_.path() + "/cache";
    ASSERT_EQ(restore().result, RestoreResult::kOk);
    EXPECT_TRUE(std::filesystem::exists(folder_.path() + "/cache/contents/" +
                                        sha256_hex("words").substr(0, 2)));
    const TemporaryFolder elsewhere;
    const JobFolders folders(elsewhere.path());
    Transfers other(link_, logs_, staging_,
                    {.folders = folders,
                     .home = elsewhere.path(),
                     .variables = {{"HERDER_CACHE_DIR", folder_.path() + "/cache"}}});
    InputBox box;
    std::string said;
    other.connect({[this] { return gifts_; },
                   [&box](WorkerInput input) { box.post(std::move(input)); },
                   [](const protocol::SecretsResponse&) { return ok(); },
                   [&said](const std::string& line) { said += line; }});
    assignment_.spec.env.clear();
    other.restore(assignment_, gifts_);
    EXPECT_EQ(box.wait_for<worker_input::RestoreEnded>().result, RestoreResult::kOk);
    EXPECT_EQ(said, "w.txt from http://x/words: from the host's cache");
    EXPECT_EQ(sum_blocks(folders.work + "/w.txt")->whole(), crc32c("words"));
}

TEST_F(TransfersTest, UploadsAreHeldBackAsTheJobSays) {
    assignment_.spec.env["HERDER_UPLOAD_RATE_MAX"] = "1B";
    ASSERT_EQ(restore().result, RestoreResult::kOk);
    std::ofstream(folder_.path() + "/large") << std::string(600'000, 'x');
    http::CancelToken cancel;
    // Would be over long before, if nothing held it back.
    std::thread breaker([&] {
        for (int i = 0; i < 300; ++i)
            EXPECT_TRUE(link_.upload_text("/artifacts/small", "x"));
        cancel.cancel();
    });
    EXPECT_EQ(
        link_.upload_file("/artifacts/large", folder_.path() + "/large", {&cancel}).error().code,
        ErrorCode::kCancelled);
    breaker.join();
}

TEST_F(TransfersTest, AMissingObjectIsABrokenCheckpoint) {
    offer_checkpoint("alpha");
    gifts_.restore->files[0].url = "/artifacts/none";
    EXPECT_EQ(restore().result, RestoreResult::kCorrupt);
}

TEST_F(TransfersTest, RefusesAPathThatLeavesTheFolder) {
    offer_checkpoint("alpha");
    gifts_.restore->files[0].file.path = "../../evil";
    EXPECT_EQ(restore().result, RestoreResult::kCorrupt);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/evil"));
}

TEST_F(TransfersTest, AWorkFolderWithAnotherHashIsNotUnpacked) {
    server_.put("/artifacts/work", "something else");
    assignment_.spec.workdir_object = "workdirs/" + std::string(64, 'a') + ".tar.gz";
    gifts_.workdir_url = "/artifacts/work";
    const auto ended = restore();
    EXPECT_EQ(ended.result, RestoreResult::kFailed);
    EXPECT_NE(ended.detail.find("SHA-256"), std::string::npos);
}

TEST_F(TransfersTest, UploadsEveryFileOfACheckpoint) {
    std::filesystem::create_directories(folder_.path() + "/c");
    std::ofstream(folder_.path() + "/c/a") << "first";
    std::ofstream(folder_.path() + "/c/b") << "second";
    const auto offer = staging_.stage({folder_.path() + "/c", 5, {}, {}}, 1);
    ASSERT_TRUE(offer);
    gifts_.orders.grant = UploadGrant{{8}, 1, "name"};
    gifts_.upload_urls = {{0, "/artifacts/c/0"}, {1, "/artifacts/c/1"}};
    server_.fail_objects(1);
    transfers_.upload(*gifts_.orders.grant, offer->files);
    const auto ended = box_.wait_for<worker_input::UploadEnded>();
    EXPECT_TRUE(ended.uploaded);
    EXPECT_EQ(server_.get("/artifacts/c/0"), "first");
    EXPECT_EQ(server_.get("/artifacts/c/1"), "second");
}

TEST_F(TransfersTest, TheOutcomeDoesNotWaitForACheckpointThatNobodyNeeds) {
    link_.limit_uploads(Bytes{1});
    std::ofstream(folder_.path() + "/large") << std::string(600'000, 'x');
    const auto offer = staging_.stage({folder_.path() + "/large", 5, {}, {}}, 1);
    ASSERT_TRUE(offer);
    gifts_.upload_urls = {{0, "/artifacts/large"}};
    gifts_.outcome_url = "/artifacts/outcome.json";
    transfers_.upload({{8}, 1, "name"}, offer->files);
    transfers_.store_outcome({EndReason::kPreempted, 0, ""}, {}, seconds(30));
    transfers_.give_up_upload(2);
    transfers_.give_up_upload(1);
    EXPECT_FALSE(box_.wait_for<worker_input::UploadEnded>().uploaded);
    EXPECT_TRUE(box_.wait_for<worker_input::OutcomeStored>().stored);
    EXPECT_EQ(server_.get("/artifacts/large"), "");
}

TEST_F(TransfersTest, SaysWhenTheStagedFilesAreGone) {
    gifts_.upload_urls = {{0, "/artifacts/c/0"}};
    transfers_.upload({{8}, 1, "name"}, {{"a", Bytes{5}, 0, 0644}});
    const auto ended = box_.wait_for<worker_input::UploadEnded>();
    EXPECT_FALSE(ended.uploaded);
    EXPECT_TRUE(ended.staging_lost);
}

TEST_F(TransfersTest, PutsAFoundCheckpointBackBeforeTheJobStarts) {
    const std::string layout = R"({"path":"global_step5"})";
    server_.put("/artifacts/o0", "alpha");
    server_.put("/artifacts/o1", layout);
    assignment_.resume_from = CheckpointId{4};
    assignment_.resume_name = "k4";
    assignment_.spec.checkpoint.path = "ckpt";
    gifts_.restore = protocol::RestorePlan{
        {4},
        {{{"global_step5/w", Bytes{5}, crc32c("alpha"), 0640}, "/artifacts/o0"},
         {{".herder-layout.json", Bytes{static_cast<std::int64_t>(layout.size())}, crc32c(layout),
           0640},
          "/artifacts/o1"}}};
    ASSERT_EQ(restore().result, RestoreResult::kOk);
    EXPECT_EQ(transfers_.resume_path(), folders_.work + "/ckpt/global_step5");
    EXPECT_EQ(sum_blocks(folders_.work + "/ckpt/global_step5/w")->whole(), crc32c("alpha"));
}

TEST_F(TransfersTest, SetupMayRunWhileTheCheckpointComes) {
    offer_checkpoint("alpha");
    assignment_.spec.setup = "pip install x";
    transfers_.restore(assignment_, gifts_);
    box_.wait_for<worker_input::FilesReady>();
    EXPECT_EQ(transfers_.resume_path(), "") << "it is put in its place once setup is over";
    transfers_.note_setup_over();
    EXPECT_EQ(box_.wait_for<worker_input::RestoreEnded>().result, RestoreResult::kOk);
    EXPECT_NE(transfers_.resume_path(), "");
}

// After one that did not verify another one is restored, and setup does not run again.
TEST_F(TransfersTest, WhatSetupChangedStaysAsItIsInTheNextRestore) {
    offer_checkpoint("damaged");
    server_.put("/artifacts/data", "as it was");
    assignment_.spec.setup = "python patch.py";
    DataInput input;
    input.source = "data";
    input.target = "data.txt";
    input.size = Bytes{9};
    assignment_.spec.inputs = {input};
    gifts_.input_urls = {"/artifacts/data"};
    EXPECT_EQ(restore().result, RestoreResult::kCorrupt);
    std::ofstream(folders_.work + "/data.txt") << "patched";
    transfers_.note_setup_over();
    offer_checkpoint("alpha");
    transfers_.restore(assignment_, gifts_);
    transfers_.store_outcome({}, {}, seconds(1));
    box_.wait_for<worker_input::OutcomeStored>();
    EXPECT_NE(transfers_.resume_path(), "");
    std::string now;
    std::getline(std::ifstream(folders_.work + "/data.txt"), now);
    EXPECT_EQ(now, "patched");
}

TEST_F(TransfersTest, ASetupThatNamesTheCheckpointWaitsForIt) {
    offer_checkpoint("alpha");
    assignment_.spec.setup = "python convert.py $HERDER_RESUME_FROM";
    EXPECT_EQ(restore().result, RestoreResult::kOk);
    EXPECT_NE(transfers_.resume_path(), "");
    for (const WorkerInput& input : box_.all())
        EXPECT_FALSE(std::holds_alternative<worker_input::FilesReady>(input));
}

TEST_F(TransfersTest, ARestoreThatWaitsForSetupCanBeBrokenOff) {
    offer_checkpoint("alpha");
    assignment_.spec.setup = "pip install x";
    transfers_.restore(assignment_, gifts_);
    box_.wait_for<worker_input::FilesReady>();
    transfers_.cancel_restore();
    transfers_.store_outcome({}, {}, seconds(1));
    box_.wait_for<worker_input::OutcomeStored>();
    EXPECT_EQ(transfers_.resume_path(), "");
}

TEST_F(TransfersTest, WhatCannotBePutBackEndsTheRestore) {
    const std::string layout = R"({"path":"."})";
    server_.put("/artifacts/o1", layout);
    assignment_.resume_from = CheckpointId{4};
    assignment_.resume_name = "k4";
    assignment_.spec.checkpoint.path = "blocked/ckpt";
    std::ofstream(folders_.work + "/blocked") << "no folder";
    gifts_.restore = protocol::RestorePlan{
        {4},
        {{{"w", Bytes{static_cast<std::int64_t>(layout.size())}, crc32c(layout), 0640},
          "/artifacts/o1"},
         {{".herder-layout.json", Bytes{static_cast<std::int64_t>(layout.size())}, crc32c(layout),
           0640},
          "/artifacts/o1"}}};
    const auto ended = restore();
    EXPECT_EQ(ended.result, RestoreResult::kFailed);
    EXPECT_NE(ended.detail.find("blocked"), std::string::npos) << ended.detail;
    EXPECT_EQ(transfers_.resume_path(), "");
}

TEST_F(TransfersTest, StoresOutputsAndLogsBeforeTheOutcome) {
    std::ofstream(folders_.work + "/result.json") << "{}";
    spool_.append("stdout", "last words");
    gifts_.outcome_url = "/artifacts/outcome.json";
    transfers_.store_outcome({EndReason::kSucceeded, 0, ""}, {"result.json"}, seconds(30));
    EXPECT_TRUE(box_.wait_for<worker_input::OutcomeStored>().stored);
    EXPECT_EQ(server_.get("/artifacts/out/result.json"), "{}");
    EXPECT_EQ(server_.get("hashes"), sha256_hex("{}") + "  outputs/result.json\n");
    EXPECT_EQ(server_.log("stdout"), "last words");
    EXPECT_EQ(protocol::parse_outcome(server_.get("/artifacts/outcome.json"))->reason,
              EndReason::kSucceeded);
    const auto place_of = [&](const std::string& call) {
        const auto calls = server_.calls();
        return std::find(calls.begin(), calls.end(), call) - calls.begin();
    };
    EXPECT_LT(place_of("PUT /artifacts/outcome.json"),
              place_of(std::string("POST ") + protocol::kAgentOutputs))
        << "the outcome does not wait for hashes";
}

TEST_F(TransfersTest, OutputsWaitBetweenTwoFilesForACheckpointAndGoOnBehindIt) {
    for (const char* name : {"a", "b", "c"})
        std::ofstream(folders_.outputs + "/" + name) << name;
    std::ofstream(folder_.path() + "/w.bin") << "alpha";
    const auto offer = staging_.stage({folder_.path() + "/w.bin", 5, {}, {}}, 1);
    ASSERT_TRUE(offer);
    gifts_.outcome_url = "/artifacts/outcome.json";
    gifts_.upload_urls = {{0, "/artifacts/c/0"}};
    std::optional<LinkTurns::Turn> turn;
    // Its checkpoint is found while the first output is on its way.
    server_.on_put([&] {
        if (!turn) turn.emplace(link_.turns(), TransferClass::kCheckpoint);
    });
    transfers_.store_outcome({EndReason::kPreempted, 0, ""}, {}, seconds(30));
    const auto place_of = [&](const std::string& call) {
        const auto calls = server_.calls();
        return std::find(calls.begin(), calls.end(), call) - calls.begin();
    };
    ASSERT_TRUE(server_.wait([&] { return turn.has_value(); }));
    ASSERT_TRUE(turns_clock_.wait_asked(6));
    http::CancelToken never;
    const auto ended = CheckpointUpload({link_, staging_, [this] { return gifts_; }, never, {}})
                           .run({{8}, 1, "name"}, offer->files, gifts_.upload_urls);
    EXPECT_TRUE(ended.uploaded);
    server_.on_put({});
    turn.reset();
    EXPECT_TRUE(box_.wait_for<worker_input::OutcomeStored>().stored);
    EXPECT_LT(place_of("PUT /artifacts/out/a"), place_of("PUT /artifacts/c/0"));
    EXPECT_LT(place_of("PUT /artifacts/c/0"), place_of("PUT /artifacts/out/b"));
    for (const char* name : {"a", "b", "c"})
        EXPECT_EQ(server_.get(std::string("/artifacts/out/") + name), name);
}

TEST_F(TransfersTest, TheOutcomeTellsWhichOutputsAreMissingAndTheirHashesAreNotTold) {
    server_.take_large_outputs(9);
    std::ofstream(folders_.outputs + "/a") << "small";
    std::ofstream(folders_.outputs + "/b") << "large enough";
    std::ofstream(folders_.outputs + "/refused") << "x";
    server_.answer_next("/artifacts/out/refused", 1, 400, "EntityTooLarge");
    gifts_.outcome_url = "/artifacts/outcome.json";
    transfers_.store_outcome({EndReason::kUserError, 3, "boom"}, {}, seconds(30));
    const auto ended = box_.wait_for<worker_input::OutcomeStored>();
    EXPECT_TRUE(ended.stored) << "another try would do no better";
    EXPECT_TRUE(ended.missing.starts_with("the output refused was not stored: ")) << ended.missing;
    const auto outcome = protocol::parse_outcome(server_.get("/artifacts/outcome.json"));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->detail, "boom; " + ended.missing);
    EXPECT_EQ(said_, ended.missing + "\n");
    EXPECT_EQ(server_.get("/artifacts/out/b"), "large enough");
    EXPECT_EQ(server_.get("hashes"),
              sha256_hex("small") + "  outputs/a\n" + sha256_hex("large enough") + "  outputs/b\n");
}

TEST_F(TransfersTest, WhichOutputsGoByOtherNamesIsTold) {
    std::ofstream(folders_.outputs + "/a") << "a";
    std::ofstream(folders_.outputs + "/my model") << "b";
    gifts_.outcome_url = "/artifacts/outcome.json";
    transfers_.store_outcome({EndReason::kSucceeded, 0, ""}, {"none.json"}, seconds(30));
    const auto ended = box_.wait_for<worker_input::OutcomeStored>();
    EXPECT_TRUE(ended.stored);
    EXPECT_EQ(ended.missing, "");
    EXPECT_EQ(said_,
              "outputs: 'none.json' names no file in the work folder\n"
              "the output 'my model' is stored as 'my_model'\n");
    EXPECT_EQ(server_.get("/artifacts/out/a"), "a");
    EXPECT_EQ(server_.get("/artifacts/out/my_model"), "b");
}

TEST_F(TransfersTest, OutputsThatMayBeStoredLaterAreTriedAgainByTheBrain) {
    std::ofstream(folders_.outputs + "/a") << "a";
    std::ofstream(folders_.outputs + "/b") << "b";
    server_.answer_next("/artifacts/out/a", 1000, 503, "");
    gifts_.outcome_url = "/artifacts/outcome.json";
    link_.turns().stop();
    transfers_.store_outcome({EndReason::kPreempted, 0, ""}, {}, minutes(10));
    const auto ended = box_.wait_for<worker_input::OutcomeStored>();
    EXPECT_FALSE(ended.stored);
    EXPECT_TRUE(ended.missing.starts_with("the output a was not stored: ")) << ended.missing;
    EXPECT_TRUE(protocol::parse_outcome(server_.get("/artifacts/outcome.json")))
        << "it does not wait for a store that is away";
    EXPECT_EQ(server_.get("/artifacts/out/b"), "");
    EXPECT_EQ(server_.get("hashes"), "");
}

TEST_F(TransfersTest, HoweverLateItIsAnOutputHasASecondTry) {
    std::ofstream(folders_.outputs + "/a") << "a";
    server_.answer_next("/artifacts/out/a", 1, 503, "");
    gifts_.outcome_url = "/artifacts/outcome.json";
    transfers_.store_outcome({EndReason::kSucceeded, 0, ""}, {}, Duration{});
    EXPECT_TRUE(box_.wait_for<worker_input::OutcomeStored>().stored);
    EXPECT_EQ(server_.get("hashes"), sha256_hex("a") + "  outputs/a\n");
}

TEST_F(TransfersTest, AWaitEndsWithTheAgent) {
    std::ofstream(folders_.outputs + "/a") << "a";
    const LinkTurns::Turn turn(link_.turns(), TransferClass::kCheckpoint);
    Transfers ending(link_, logs_, staging_, {folders_, folder_.path()});
    ending.connect({[this] { return gifts_; }, [](const WorkerInput&) {},
                    [](const protocol::SecretsResponse&) { return ok(); },
                    [](const std::string&) {}});
    ending.store_outcome({EndReason::kSucceeded, 0, ""}, {}, seconds(1));
    EXPECT_TRUE(turns_clock_.wait_asked(6));
}

}  // namespace
}  // namespace herder
