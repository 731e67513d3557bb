#include "cli/doctor_checks.h"

#include "base/digest.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

void answer_all(FakeServer& server) {
    std::filesystem::permissions(
        server.folder() + "/token",
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    server.answer("GET /health", R"({"status":"ok","leading":true})");
    server.answer("GET /version", R"({"version":")" + program_version() + "\"}");
    server.answer("GET /jobs", R"({"items":[],"next_cursor":null})");
    server.answer("GET /account", R"({"provider":"vast","user":"12","credit":"41.2"})");
    server.answer("GET /instances", R"({"items":[],"next_cursor":null})");
    server.answer("GET /budgets", R"({"items":[{"name":"all","left":"5"}],"next_cursor":null})");
    const std::string probe =
        "/workdirs/" + sha256_hex("herder doctor wrote this to see whether the store works\n");
    server.answer("PUT " + probe, R"({"object":"x"})", 201);
    server.answer("HEAD " + probe, R"({"object":"x"})");
    server.answer("GET /storage/deletions", R"({"waiting":2,"denied":0,"items":[]})");
}

TEST(DoctorChecks, SaysThatAllIsWell) {
    FakeServer server;
    answer_all(server);
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 0) << ran.out;
    EXPECT_NE(ran.out.find("provider\tkey\tgood\tvast user 12"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("provider\tcredit\tgood\t$41.20, burning $0.00/h"), std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find("storage\tround trip\tgood"), std::string::npos);
}

TEST(DoctorChecks, GivesARemedyForWhatIsBad) {
    FakeServer server;
    answer_all(server);
    std::filesystem::permissions(server.folder() + "/token", std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.out.find("chmod 600 "), std::string::npos);
}

TEST(DoctorChecks, SeesCreditThatDoesNotLastADay) {
    FakeServer server;
    answer_all(server);
    server.answer("GET /instances",
                  R"({"items":[{"owner":"foreign","price_per_hour":null},)"
                  R"({"owner":"ours","price_per_hour":"2.5"}],"next_cursor":null})");
    EXPECT_NE(server.run({"doctor"}).out.find("machines\tgood\t0 rented"), std::string::npos);
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 0) << "nothing is bad yet";
    EXPECT_NE(ran.out.find("machines\tgood\t1 rented; 1 of others, left alone"), std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find("credit\tdoubtful\t$41.20, burning $2.50/h"), std::string::npos)
        << ran.out;
}

TEST(DoctorChecks, AStoreThatLosesObjectsIsBad) {
    FakeServer server;
    answer_all(server);
    const std::string probe =
        "/workdirs/" + sha256_hex("herder doctor wrote this to see whether the store works\n");
    server.answer("HEAD " + probe, R"({"code":"NOT_FOUND","detail":"gone"})", 404);
    EXPECT_EQ(server.run({"doctor"}).code, 0);
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.out.find("round trip\tbad\tan object was taken and is not there"),
              std::string::npos)
        << ran.out;
}

TEST(DoctorChecks, TellsWhatTheStoreDoesNotLetGoOf) {
    FakeServer server;
    answer_all(server);
    server.answer("GET /storage/deletions",
                  R"({"waiting":9,"denied":7,"items":[{"job":"j3","why":"403 AccessDenied"}]})");
    EXPECT_NE(server.run({"doctor"}).out.find("deletions\tgood\t2 wait"), std::string::npos);
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 0) << "nothing is bad";
    EXPECT_NE(ran.out.find("does not let go of 7 checkpoints: 403 AccessDenied"), std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find("herder checkpoints ls j3"), std::string::npos);
    EXPECT_EQ(ran.out.find("the logs of"), std::string::npos);
}

TEST(DoctorChecks, TellsOfLogsThatTheStoreDoesNotLetGoOf) {
    FakeServer server;
    answer_all(server);
    server.answer("GET /storage/deletions",
                  R"({"waiting":2,"denied":0,"items":[],"logs":{"denied":3,)"
                  R"("items":[{"job":"j4","tries":1,"why":"deleting a: 403 AccessDenied"}]}})");
    (void)server.run({"doctor"});  // the first answer is of a server that tells of no logs
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 0) << "nothing is bad";
    EXPECT_NE(ran.out.find("deletions\tgood\t2 wait"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("logs\tdoubtful\tthe storage does not let go of the logs of 3 jobs: "
                           "deleting a: 403 AccessDenied"),
              std::string::npos)
        << ran.out;
}

TEST(DoctorChecks, StopsAskingAServerThatIsNotThere) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    EXPECT_EQ(run_cli({"doctor", "--server", "http://127.0.0.1:1"}, streams), 1);
    EXPECT_NE(out.str().find("herder up"), std::string::npos);
    EXPECT_EQ(out.str().find("provider"), std::string::npos);
}

}  // namespace
}  // namespace herder::cli
