#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

constexpr char kMachines[] =
    R"({"items":[{"contract":11,"owner":"ours","job":"j1","price_per_hour":"0.5"},)"
    R"({"contract":12,"owner":"foreign","price_per_hour":"3"},)"
    R"({"contract":10,"owner":"ours","state":"closed","price_per_hour":"7"},)"
    R"({"contract":13,"owner":"orphan","price_per_hour":"0.25"}],"next_cursor":null})";
constexpr char kGoes[] = R"({"contract":13,"job":null,"saves":false,"patience_seconds":0})";

TEST(InstancesCommands, ListsBareAndByName) {
    FakeServer server;
    server.answer("GET /instances", kMachines);
    EXPECT_EQ(server.run({"instances", "-q"}).out, "11\n12\n10\n13\n");
    EXPECT_EQ(server.run({"instances", "ls", "-q"}).out, "11\n12\n10\n13\n");
    const Ran table = server.run({"instances"}, "", true);
    EXPECT_NE(table.out.find("! foreign, left alone"), std::string::npos);
    EXPECT_NE(table.out.find("! orphan, being destroyed"), std::string::npos);
    EXPECT_NE(table.err.find("ours cost $0.75/h together"), std::string::npos) << table.err;
    EXPECT_NE(table.err.find("herder instances reap"), std::string::npos);
    EXPECT_EQ(server.run({"instances", "desroy", "11"}).code, 2);
}

TEST(InstancesCommands, ShowsOneAndSaysWhenThereIsNone) {
    FakeServer server;
    server.answer("GET /instances/11", R"({"contract":11,"owner":"ours","gpu":null})");
    EXPECT_NE(server.run({"instances", "show", "11"}, "", true).out.find("owner     ours"),
              std::string::npos);
    EXPECT_EQ(server.run({"instances", "show", "99"}).code, 3);
}

TEST(InstancesCommands, TheLogOfAMachineCannotSteerTheTerminal) {
    FakeServer server;
    server.answer("GET /instances/11/logs", R"({"contract":11,"text":"one\n\u001b[2Jtwo\n"})");
    const Ran ran = server.run({"instances", "logs", "11", "--tail", "5", "--host"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
    EXPECT_NE(ran.out.find("one\n"), std::string::npos);
    EXPECT_EQ(server.seen().back(), "GET /instances/11/logs?lines=5&host=true");
}

TEST(InstancesCommands, DestroysOnlyAfterAWord) {
    FakeServer server;
    server.answer("GET /instances", kMachines);
    server.answer("POST /instances/13/destroy", kGoes);
    EXPECT_EQ(server.run({"instances", "destroy", "13"}).code, 2);  // nobody to ask
    const Ran no = server.run({"instances", "destroy", "13"}, "n\n", true);
    EXPECT_NE(no.err.find("nothing was destroyed"), std::string::npos);
    EXPECT_NE(no.out.find("! orphan"), std::string::npos) << "what the question is about";
    EXPECT_EQ(server.seen().back(), "GET /instances?limit=1000");
    const Ran yes = server.run({"instances", "destroy", "13", "-y", "--now"});
    EXPECT_EQ(yes.code, 0);
    EXPECT_NE(server.last("POST /instances/13/destroy").body.find(R"("now":true)"),
              std::string::npos);
}

TEST(InstancesCommands, SaysWhatBecomesOfTheJob) {
    FakeServer server;
    server.answer("POST /instances/11/destroy",
                  R"({"contract":11,"job":"j1","saves":true,"patience_seconds":180})");
    const Ran ran = server.run({"instances", "destroy", "11", "-y"});
    EXPECT_NE(ran.err.find("11: j1 saves and moves"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("within 3m"), std::string::npos);
}

TEST(InstancesCommands, TellsARefusalAndGoesOnWithTheNext) {
    FakeServer server;
    server.refuse("POST /instances/12/destroy", 403, "FORBIDDEN", "the label is not ours");
    server.answer("POST /instances/13/destroy", kGoes);
    const Ran ran = server.run({"instances", "destroy", "12", "13", "-y"});
    EXPECT_NE(ran.code, 0);
    EXPECT_NE(ran.err.find("the label is not ours"), std::string::npos);
    EXPECT_EQ(server.seen().back(), "POST /instances/13/destroy");
}

TEST(InstancesCommands, AdoptsAndSaysWhatThatMeans) {
    FakeServer server;
    server.answer("POST /instances/13/adopt", R"({"contract":13,"owner":"adopted"})");
    const Ran ran = server.run({"instances", "adopt", "13"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.err.find("herder instances destroy 13"), std::string::npos);
    server.refuse("POST /instances/11/adopt", 409, "CONFLICT", "it works for j1");
    EXPECT_NE(server.run({"instances", "adopt", "11"}).err.find("it works for j1"),
              std::string::npos);
}

TEST(InstancesCommands, ReapReportsThenDestroysWhatIsOursAlone) {
    FakeServer server;
    server.answer("GET /instances", kMachines);
    server.answer("POST /instances/13/destroy", kGoes);
    const Ran report = server.run({"instances", "reap", "--dry-run", "-q"});
    EXPECT_EQ(report.out, "13\n");
    EXPECT_EQ(server.seen().size(), 1U);
    EXPECT_EQ(server.run({"instances", "reap"}).code, 2) << "nobody to ask";
    const Ran reaped = server.run({"instances", "reap", "-y"});
    EXPECT_EQ(reaped.code, 0);
    EXPECT_NE(reaped.err.find("1 machine with a foreign label is left alone"), std::string::npos);
    EXPECT_EQ(server.seen().back(), "POST /instances/13/destroy");
}

TEST(InstancesCommands, ReapHasNothingToDoWhereNothingIsOrphaned) {
    FakeServer server;
    server.answer("GET /instances", R"({"items":[],"next_cursor":null})");
    const Ran ran = server.run({"instances", "reap"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.err.find("no machine is ours without an owner"), std::string::npos);
}

}  // namespace
}  // namespace herder::cli
