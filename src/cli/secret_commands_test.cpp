#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kPut[] = "PUT /secrets/HF_TOKEN";

TEST(SecretCommands, TheValueComesFromStandardInput) {
    FakeServer server;
    server.answer(kPut, "{}", 201);
    const Ran ran = server.run({"secrets", "set", "HF_TOKEN"}, "hf_canary\n");
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(server.last(kPut).body, R"({"value":"hf_canary"})");
    EXPECT_NE(ran.err.find("$HERDER_SECRETS_DIR/HF_TOKEN"), std::string::npos);
    EXPECT_EQ((ran.out + ran.err).find("canary"), std::string::npos);
}

TEST(SecretCommands, OrFromAFile) {
    FakeServer server;
    const TestFolder here;
    here.write("key.pem", "two\nlines\n");
    server.answer(kPut, "{}", 201);
    EXPECT_EQ(server.run({"secrets", "set", "HF_TOKEN", "--file", here.path + "/key.pem"}).code, 0);
    EXPECT_EQ(server.last(kPut).body, R"({"value":"two\nlines"})");
    EXPECT_EQ(server.run({"secrets", "set", "HF_TOKEN", "--file", "/nonexistent"}).code, 3);
}

TEST(SecretCommands, OrFromAQuestionOnATerminal) {
    FakeServer server;
    server.answer(kPut, "{}", 201);
    const Ran ran = server.run({"secrets", "set", "HF_TOKEN"}, "hf_typed\nmore", true);
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.err.find("is not shown"), std::string::npos);
    EXPECT_EQ(server.last(kPut).body, R"({"value":"hf_typed"})");
    EXPECT_EQ(server.run({"secrets", "set", "HF_TOKEN"}, "", true).code, 2);
}

TEST(SecretCommands, ButNeverFromTheCommandLine) {
    FakeServer server;
    const Ran ran = server.run({"secrets", "set", "HF_TOKEN", "hf_canary"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("standard input"), std::string::npos);
    EXPECT_EQ(ran.err.find("hf_canary"), std::string::npos);
    EXPECT_TRUE(server.seen().empty());
}

TEST(SecretCommands, ListsRemovesAndRotates) {
    FakeServer server;
    server.answer("GET /secrets",
                  R"({"items":[{"name":"HF_TOKEN","updated_at":"2026-11-28T10:00:00Z"}],)"
                  R"("next_cursor":null})");
    EXPECT_NE(server.run({"secrets", "ls"}).out.find("HF_TOKEN"), std::string::npos);
    server.answer("DELETE /secrets/HF_TOKEN", "{}");
    server.refuse("DELETE /secrets/USED", 409, "CONFLICT", "needed by j1");
    EXPECT_EQ(server.run({"secrets", "rm", "HF_TOKEN"}).code, 0);
    const Ran refused = server.run({"secrets", "rm", "USED", "HF_TOKEN"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("removed HF_TOKEN"), std::string::npos);
    server.answer("POST /secrets/rotate-key", R"({"secrets":3})");
    EXPECT_NE(server.run({"secrets", "rotate-key"}).err.find("sealed 3 secrets"),
              std::string::npos);
}

}  // namespace
}  // namespace herder::cli
