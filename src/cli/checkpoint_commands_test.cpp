#include <algorithm>

#include "base/digest.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

TEST(CheckpointCommands, ListsCheckpoints) {
    FakeServer server;
    server.answer("GET /jobs/j1/checkpoints",
                  R"({"items":[{"id":"k3","step":150,"state":"committed","size_bytes":1500,)"
                  R"("metrics":{"loss":"1.797730201959727E-1"},"quarantined":true}]})");
    EXPECT_NE(server.run({"checkpoints", "ls", "j1"}).out.find("k3\t150\tcommitted\t"),
              std::string::npos);
    const Ran shown = server.run({"checkpoints", "ls", "j1"}, "", true);
    EXPECT_NE(shown.out.find("! damaged"), std::string::npos);
    EXPECT_NE(shown.out.find("loss 0.1798"), std::string::npos);
}

TEST(CheckpointCommands, SaysWhatTheStoreHasNotDeletedAndWhy) {
    FakeServer server;
    server.answer("GET /jobs/j1/checkpoints",
                  R"({"items":[{"id":"k3","step":1,"state":"committed","trouble":""},)"
                  R"({"id":"k2","step":1,"state":"deleting","trouble":"403 AccessDenied"},)"
                  R"({"id":"k1","step":1,"state":"aborted","trouble":"403 AccessDenied"}]})");
    const Ran ran = server.run({"checkpoints", "ls", "j1"}, "", true);
    EXPECT_NE(ran.out.find("! still there"), std::string::npos) << ran.out;
    EXPECT_NE(
        ran.err.find("2 checkpoints are to be deleted and are there still (403 AccessDenied)"),
        std::string::npos)
        << ran.out << ran.err;
}

// One checkpoint, k3, with one file of the text "weights".
void answer_one(FakeServer& server) {
    const std::string one =
        R"({"id":"k3","step":150,"state":"committed","size_bytes":7,"files":[{"path":"m/w.bin",)"
        R"("size_bytes":7,"mode":420,"crc32c":)" +
        std::to_string(crc32c("weights")) + "}]}";
    server.answer("GET /jobs/j1/checkpoints/latest", one);
    server.answer("GET /jobs/j1/checkpoints/k3", one);
    server.answer("POST /jobs/j1/checkpoints/k3/verified", one);
    server.answer("POST /jobs/j1/checkpoints/k3/damaged", one);
    server.answer("DELETE /jobs/j1/checkpoints/k3", one);
}

std::ptrdiff_t deletes(const FakeServer& server) {
    const auto seen = server.seen();
    return std::count(seen.begin(), seen.end(), "DELETE /jobs/j1/checkpoints/k3");
}

TEST(CheckpointCommands, ShowsTheFiles) {
    FakeServer server;
    answer_one(server);
    const Ran ran = server.run({"checkpoints", "show", "j1"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_NE(ran.out.find("m/w.bin\t7\t"), std::string::npos) << ran.out;
}

TEST(CheckpointCommands, DownloadsAndCompares) {
    FakeServer server;
    const TestFolder here;
    answer_one(server);
    server.answer("GET /jobs/j1/checkpoints/k3/files/m/w.bin", "weights");
    const Ran ran = server.run({"checkpoints", "download", "j1", "--to", here.path});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, here.path + "/m/w.bin\n");
}

TEST(CheckpointCommands, VerifiesWithoutKeepingAnything) {
    FakeServer server;
    answer_one(server);
    server.answer("GET /jobs/j1/checkpoints/k3/files/m/w.bin", "weights");
    EXPECT_EQ(server.run({"checkpoints", "verify", "j1"}).code, 0);
}

TEST(CheckpointCommands, TellsWhatIsDamaged) {
    FakeServer server;
    answer_one(server);
    server.answer("GET /jobs/j1/checkpoints/k3/files/m/w.bin", "weightz");
    const Ran ran = server.run({"checkpoints", "verify", "j1", "k3"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("is damaged"), std::string::npos) << ran.err;
}

TEST(CheckpointCommands, ForksTheJob) {
    FakeServer server;
    answer_one(server);
    server.answer("GET /jobs/j1",
                  R"({"id":"j1","name":"digits","spec":{"run":"x","name":"digits"}})");
    server.answer("POST /jobs", R"({"id":"j2","name":"again"})", 201);
    const Ran ran = server.run({"checkpoints", "fork", "j1", "k3", "--name", "again"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    const std::string sent = server.last("POST /jobs").body;
    EXPECT_NE(sent.find(R"("start_from":3)"), std::string::npos) << sent;
    EXPECT_NE(sent.find(R"("name":"again")"), std::string::npos) << sent;
    EXPECT_NE(sent.find(R"("run":"x")"), std::string::npos) << sent;
    EXPECT_EQ(ran.out, "j2\n") << "for scripts";
}

TEST(CheckpointCommands, CollectsWhatTheServerNames) {
    FakeServer server;
    answer_one(server);
    server.answer("GET /jobs/j1/collectable-checkpoints",
                  R"({"items":[{"id":"k3","step":150,"state":"committed","size_bytes":7}]})");
    const Ran dry = server.run({"checkpoints", "gc", "j1", "--keep-last", "2", "--dry-run"});
    EXPECT_EQ(dry.code, 0) << dry.err;
    EXPECT_NE(dry.out.find("k3"), std::string::npos);
    EXPECT_EQ(deletes(server), 0);
    EXPECT_EQ(server.run({"checkpoints", "gc", "j1"}).code, 0);
    EXPECT_EQ(deletes(server), 1);
}

}  // namespace
}  // namespace herder::cli
