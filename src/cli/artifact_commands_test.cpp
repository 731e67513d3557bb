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

TEST(ArtifactCommands, WhatIsHereAlreadyIsNotFetchedAgain) {
    FakeServer server;
    const TestFolder here;
    here.write("a.bin", "12345");
    server.answer("GET /jobs/j1/outputs", R"({"items":[{"path":"a.bin","size_bytes":5,"sha256":")" +
                                              sha256_hex("12345") +
                                              R"("},{"path":"b.bin","size_bytes":3}]})");
    server.answer("GET /jobs/j1/outputs/b.bin", "abc");
    const Ran dry = server.run({"outputs", "pull", "j1", here.path, "--dry-run"});
    EXPECT_EQ(dry.out, "b.bin\t3\n");
    EXPECT_NE(dry.err.find("would copy 1 file, 3 B; 1 already here"), std::string::npos) << dry.err;
    EXPECT_FALSE(std::filesystem::exists(here.path + "/b.bin"));
    const Ran ran = server.run({"outputs", "pull", "j1", here.path});
    EXPECT_EQ(ran.out, here.path + "/a.bin\n" + here.path + "/b.bin\n");
    for (const std::string& line : server.seen())
        EXPECT_EQ(line.find("outputs/a.bin"), std::string::npos) << line;
}

TEST(ArtifactCommands, ShowsHowFarItIsOnATerminal) {
    FakeServer server;
    const TestFolder here;
    server.answer("GET /jobs/j1/outputs", R"({"items":[{"path":"b.bin","size_bytes":3}]})");
    server.answer("GET /jobs/j1/outputs/b.bin", "abc");
    const Ran ran = server.run({"outputs", "pull", "j1", here.path}, "", true);
    EXPECT_NE(ran.err.find("b.bin "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("of 3 B"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out, here.path + "/b.bin\n");
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
