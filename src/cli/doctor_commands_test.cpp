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
}

TEST(DoctorCommands, SaysThatAllIsWell) {
    FakeServer server;
    answer_all(server);
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 0) << ran.out;
    EXPECT_NE(ran.out.find("provider\tgood\tvast user 12, credit $41.20"), std::string::npos);
}

TEST(DoctorCommands, GivesARemedyForWhatIsBad) {
    FakeServer server;
    answer_all(server);
    std::filesystem::permissions(server.folder() + "/token", std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    const Ran ran = server.run({"doctor"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.out.find("chmod 600 "), std::string::npos);
}

TEST(DoctorCommands, StopsAskingAServerThatIsNotThere) {
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
