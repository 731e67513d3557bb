#include "api/api_fixture.h"
#include "protocol/agent_paths.h"
#include "protocol/join_json.h"
#include "protocol/report_json.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct CheckpointRoutes : ::testing::Test {
    // A running job with four committed checkpoints of one file each, k1 to k4.
    CheckpointRoutes() {
        EXPECT_EQ(rig.submit(ApiRig::spec("digits")).status, 201);
        create = rig.rent();
        protocol::JoinRequest wish;
        wish.intent = create.intent.id;
        wish.token = create.join_token;
        wish.contract = ContractId{501};
        const auto joined = protocol::parse_join_response(
            rig.agent("POST", protocol::kAgentJoin, "", protocol::to_json(wish)).body);
        EXPECT_TRUE(joined);
        key = joined->session_key;
        for (std::uint64_t i = 1; i <= 4; ++i)
            commit(i);
    }
    void commit(std::uint64_t number) {
        AgentReport report;
        report.intent = create.intent.id;
        report.fence = Fence{1};
        report.phase = AgentPhase::kRunning;
        report.step = static_cast<std::int64_t>(number) * 10;
        CheckpointOffer offer;
        offer.local_seq = number;
        offer.step = report.step;
        offer.files = {{"model/w.bin", Bytes{5}, 7, 0644}};
        for (const bool sealed : {false, true}) {
            report.sequence = ++sequence;
            offer.sealed = sealed;
            report.checkpoint = offer;
            Request wish =
                ApiRig::request("POST", protocol::kAgentSync, {}, protocol::to_json(report));
            wish.bearer = key;
            // The sealed one is held until there is news: the commit.
            (void)rig.send_agent(std::move(wish));
            rig.settle();
        }
        input::ManifestWritten written;
        written.checkpoint = CheckpointId{number};
        written.outcome = input::CallOutcome::kDone;
        written.manifest_sha256 = "abc";
        rig.feed_input(written);
    }
    static std::string at(const std::string& rest) { return "/api/v1/jobs/j1/checkpoints/" + rest; }
    Response remove(const std::string& name) {
        return rig.call(ApiRig::request("DELETE", at(name)));
    }
    ApiRig rig;
    effect::CreateMachine create;
    std::string key;
    std::uint64_t sequence = 0;
};

TEST_F(CheckpointRoutes, OneIsFoundByItsIdItsStepOrAsTheLatest) {
    for (const char* name : {"k3", "30"})
        EXPECT_THAT(rig.get(at(name)).body, HasSubstr(R"("id":"k3")")) << name;
    const std::string latest = rig.get(at("latest")).body;
    EXPECT_THAT(latest, HasSubstr(R"("id":"k4")"));
    EXPECT_THAT(latest, HasSubstr(R"("parent":"k3")"));
    EXPECT_THAT(
        latest,
        HasSubstr(R"("files":[{"path":"model/w.bin","size_bytes":5,"crc32c":7,"mode":420}])"));
    for (const char* name : {"k9", "35", "newest"})
        EXPECT_EQ(rig.get(at(name)).status, 404) << name;
    EXPECT_THAT(rig.get("/api/v1/jobs/j1/checkpoints").body, HasSubstr(R"("pinned":false)"));
}

TEST_F(CheckpointRoutes, FilesAreReadUnderTheirOwnNames) {
    const std::string text = rig.get(at("k4")).body;
    const std::size_t begin = text.find(R"("name":")") + 8;
    const std::string stored = text.substr(begin, text.find('"', begin) - begin);
    ASSERT_TRUE(rig.objects.put("v1/default/j1/ckpt/" + stored + "/o/0000", "hello", false));
    EXPECT_EQ(rig.get(at("k4/files/model/w.bin")).status, 307);
    EXPECT_EQ(rig.get(at("k4/files/w.bin")).status, 404);
}

TEST_F(CheckpointRoutes, PinsAreSetAndTakenAway) {
    EXPECT_THAT(rig.post(at("k2/pin")).body, HasSubstr(R"("pinned":true)"));
    const Response refused = remove("k2");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("unpin it first"));
    EXPECT_THAT(rig.post(at("k2/unpin")).body, HasSubstr(R"("pinned":false)"));
    EXPECT_EQ(remove("k2").status, 200);
    EXPECT_THAT(rig.get(at("k2")).body, HasSubstr(R"("state":"deleting")"));
    EXPECT_EQ(rig.post(at("k2/pin")).status, 409);
}

TEST_F(CheckpointRoutes, WhatTheStoreDoesNotLetGoOfIsCounted) {
    // k1, which the rules gave up.
    EXPECT_THAT(rig.get("/api/v1/storage/deletions").body,
                HasSubstr(R"({"waiting":1,"denied":0,"items":[],)"));
    EXPECT_EQ(remove("k2").status, 200);
    EXPECT_THAT(rig.get(at("k2/files/model/w.bin")).body,
                HasSubstr("checkpoint k2 is deleting: its files are not to be had"));
    EXPECT_THAT(rig.get(at("20")).body, HasSubstr(R"("state":"deleting")")) << "as it is listed";
    input::ObjectsDeleted denied;
    denied.checkpoint = CheckpointId{1};
    denied.denied = true;
    denied.detail = "deleting v1/default/j1/x: 403 AccessDenied";
    rig.feed_input(denied);
    EXPECT_THAT(rig.get(at("k1")).body, HasSubstr(R"("trouble":"deleting v1/default/j1/x: 403)"));
    const std::string told = rig.get("/api/v1/storage/deletions").body;
    EXPECT_THAT(told,
                HasSubstr(R"({"waiting":2,"denied":1,"items":[{"job":"j1","checkpoint":"k1")"));
    EXPECT_THAT(told, HasSubstr("403 AccessDenied"));
    denied.outcome = input::CallOutcome::kDone;
    rig.feed_input(denied);
    EXPECT_THAT(rig.get("/api/v1/storage/deletions").body, HasSubstr(R"({"waiting":1,"denied":0)"));
}

TEST_F(CheckpointRoutes, TheLastResortCannotBeDeleted) {
    EXPECT_EQ(remove("k4").status, 409);
    EXPECT_EQ(remove("k3").status, 409);
    EXPECT_THAT(rig.post(at("k2/verified")).body, HasSubstr(R"("verified":true)"));
    EXPECT_EQ(remove("k2").status, 409);
}

TEST_F(CheckpointRoutes, ADamagedOneIsNotResumedFrom) {
    EXPECT_EQ(rig.post(at("k4/damaged"), "{}").status, 400);
    EXPECT_THAT(rig.post(at("k4/damaged"), R"({"why":"w.bin differs"})").body,
                HasSubstr(R"("quarantined":true)"));
    EXPECT_THAT(rig.get(at("latest")).body, HasSubstr(R"("id":"k3")"));
}

TEST_F(CheckpointRoutes, WhatRetentionWouldDeleteIsToldAndStays) {
    const std::string path = "/api/v1/jobs/j1/collectable-checkpoints";
    const std::string two = rig.get(path, {{"keep_last", "2"}}).body;
    EXPECT_THAT(two, HasSubstr(R"("id":"k2")"));
    EXPECT_THAT(two, Not(HasSubstr(R"("id":"k3")")));
    EXPECT_THAT(rig.get(path).body, HasSubstr(R"("items":[])"));
    EXPECT_EQ(rig.get(path, {{"keep_last", "-1"}}).status, 400);
    EXPECT_THAT(rig.get(at("k2")).body, HasSubstr(R"("state":"committed")"));
}

}  // namespace
}  // namespace herder::api
