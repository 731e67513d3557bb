#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kPlan[] =
    R"({"plan":{"offers_seen":3,"candidates":[],"rejected":{},"worst_case_cost":"1",)"
    R"("budget_objection":null}})";
constexpr char kJob[] = R"({"id":"j7","name":"a","status":"queued"})";

struct Desk {
    Desk() { here.write("job.yaml", "name: a\nrun: x\n"); }
    std::string job() const { return here.path + "/job.yaml"; }
    TestFolder here;
    FakeServer server;
};

TEST(LaunchCommands, ShowsThePlanThenSubmitsWithAKey) {
    Desk desk;
    desk.server.answer("POST /jobs", kPlan);
    desk.server.answer("POST /jobs", kJob, 201);
    const Ran ran = desk.server.run({"launch", desk.job(), "-y", "-d"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, "j7\n");
    EXPECT_NE(ran.err.find("0 of 3 offers match"), std::string::npos);
    EXPECT_NE(ran.err.find("herder logs -f j7"), std::string::npos);
    const http::Request sent = desk.server.last("POST /jobs");
    EXPECT_TRUE(sent.headers.has("Idempotency-Key"));
    EXPECT_NE(sent.body.find("\"dry_run\":false"), std::string::npos);
}

TEST(LaunchCommands, WithoutATerminalItNamesTheFlagAndSendsNothing) {
    Desk desk;
    desk.server.answer("POST /jobs", kPlan);
    const Ran ran = desk.server.run({"launch", desk.job()});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("-y"), std::string::npos);
    EXPECT_EQ(desk.server.seen().size(), 1U);
}

TEST(LaunchCommands, NoIsAnAnswer) {
    Desk desk;
    desk.server.answer("POST /jobs", kPlan);
    EXPECT_EQ(desk.server.run({"launch", desk.job()}, "n\n", true).code, 0);
    EXPECT_EQ(desk.server.seen().size(), 1U);
}

TEST(LaunchCommands, ADryRunPrintsThePlanAsData) {
    Desk desk;
    desk.server.answer("POST /jobs", kPlan);
    EXPECT_NE(desk.server.run({"launch", desk.job(), "--dry-run"}).out.find("Reserves"),
              std::string::npos);
    EXPECT_NE(desk.server.run({"launch", desk.job(), "--dry-run", "-o", "json"})
                  .out.find("\"offers_seen\":3"),
              std::string::npos);
}

TEST(LaunchCommands, ABudgetThatObjectsIsExitSix) {
    Desk desk;
    desk.server.answer("POST /jobs",
                       R"({"plan":{"offers_seen":0,"candidates":[],"worst_case_cost":"1",)"
                       R"("budget_objection":"nlp has $0.05 left"}})");
    const Ran ran = desk.server.run({"launch", desk.job(), "-y"});
    EXPECT_EQ(ran.code, 6);
    EXPECT_NE(ran.err.find("nlp has $0.05 left"), std::string::npos);
}

TEST(LaunchCommands, TheFolderIsSentOnceOnly) {
    Desk desk;
    desk.here.write("job.yaml", "name: a\nrun: x\nworkdir: src\n");
    desk.here.write("src/train.py", "print(1)\n");
    desk.server.answer("POST /jobs", kPlan);
    desk.server.answer("POST /jobs", kJob, 201);
    desk.server.answer("POST /chunks/missing", R"({"chunks":[]})");
    const Ran ran = desk.server.run({"launch", desk.job(), "-y", "-d"});
    EXPECT_EQ(ran.code, 3);  // the fake takes no tree: what was asked for is in the list
    ASSERT_EQ(desk.server.seen().size(), 4U);
    EXPECT_EQ(desk.server.seen().at(1).substr(0, 12), "HEAD /trees/");
    EXPECT_EQ(desk.server.seen().at(3).substr(0, 11), "PUT /trees/");
    const std::string hash = desk.server.seen().at(3).substr(11);

    FakeServer second;
    second.answer("POST /jobs", kPlan);
    second.answer("POST /jobs", kJob, 201);
    second.answer("HEAD /trees/" + hash, "");
    EXPECT_EQ(second.run({"launch", desk.job(), "-y", "-d"}).code, 0);
    EXPECT_NE(second.last("POST /jobs").body.find("trees/" + hash), std::string::npos);
}

TEST(LaunchCommands, AWrongFileIsAUsageError) {
    Desk desk;
    desk.here.write("job.yaml", "nmae: a\n");
    EXPECT_EQ(desk.server.run({"launch", desk.job(), "-y"}).code, 2);
    EXPECT_TRUE(desk.server.seen().empty());
}

}  // namespace
}  // namespace herder::cli
