#include "base/digest.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

std::string text_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

TEST(ArtifactCommands, PullsOutputsIntoTheFolder) {
    FakeServer server;
    const TestFolder here;
    server.answer("GET /jobs/j1/outputs",
                  R"({"items":[{"path":"a/result.json","size_bytes":2,"sha256":")" +
                      sha256_hex("{}") + "\"}]}");
    server.answer("GET /jobs/j1/outputs/a/result.json", "{}");
    const Ran ran = server.run({"outputs", "pull", "j1", here.path});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, here.path + "/a/result.json\n");
    EXPECT_EQ(text_of_file(here.path + "/a/result.json"), "{}");
}

TEST(ArtifactCommands, KeepsNothingThatArrivedDamaged) {
    FakeServer server;
    const TestFolder here;
    server.answer("GET /jobs/j1/outputs", R"({"items":[{"path":"w.bin","sha256":"00"}]})");
    server.answer("GET /jobs/j1/outputs/w.bin", "x");
    const Ran ran = server.run({"outputs", "pull", "j1", here.path});
    EXPECT_EQ(ran.code, 1);
    EXPECT_TRUE(std::filesystem::is_empty(here.path));
}

TEST(ArtifactCommands, RefusesNamesThatLeaveTheFolder) {
    FakeServer server;
    const TestFolder here;
    server.answer("GET /jobs/j1/outputs", R"({"items":[{"path":"../../etc/x"}]})");
    EXPECT_EQ(server.run({"outputs", "pull", "j1", here.path}).code, 2);
}

TEST(ArtifactCommands, AGroupWithoutACommandIsAUsageError) {
    const FakeServer server;
    EXPECT_EQ(server.run({"outputs"}).code, 2);
}

}  // namespace
}  // namespace herder::cli
