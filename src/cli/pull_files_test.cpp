#include "cli/pull_files.h"

#include "base/digest.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

struct PullFiles : ::testing::Test {
    ExitCode run(bool is_dry, const std::string& second = "sub/b") {
        server.answer("GET /a", "12345");
        server.answer("GET /b", "abc");
        std::istringstream in;
        Streams streams{in, out, err, false, false, true};
        Output output(out, err, {});
        GlobalOptions options;
        options.server_url = server.url();
        options.data_dir = server.folder();
        Context context{options, streams, output};
        auto link = ServerLink::open(options);
        EXPECT_TRUE(link);
        const std::vector<WantedFile> wanted{
            {{"/a", "a", here.path, sha256_hex("12345"), std::nullopt}, 5},
            {{"/b", second, here.path, "", crc32c("abc")}, 3}};
        return is_dry ? tell_files(context, wanted) : pull_files(context, *link, wanted);
    }
    FakeServer server;
    TestFolder here;
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(PullFiles, CopiesAllAndShowsHowFarItIs) {
    EXPECT_EQ(run(false), ExitCode::kOk);
    EXPECT_EQ(out.str(), here.path + "/a\n" + here.path + "/sub/b\n");
    EXPECT_NE(err.str().find("of 8 B"), std::string::npos) << err.str();
}

TEST_F(PullFiles, NoNameSteersTheTerminal) {
    EXPECT_EQ(run(false, "b\x1b[2J"), ExitCode::kOk);
    EXPECT_EQ(out.str(), here.path + "/a\n" + here.path + "/b\\x1b[2J\n");
    EXPECT_TRUE(std::filesystem::exists(here.path + "/b\x1b[2J"));
    EXPECT_NE(run(false, "../b\x1b[2J"), ExitCode::kOk);
    EXPECT_EQ(err.str().find("\x1b[2J"), std::string::npos) << "nor an error";
}

TEST_F(PullFiles, LeavesAloneWhatIsHere) {
    here.write("a", "12345");
    here.write("sub/b", "abc");
    EXPECT_EQ(run(false), ExitCode::kOk);
    EXPECT_EQ(server.seen(), std::vector<std::string>{"GET /b"})
        << "only where a hash is known is it known to be the same";
}

TEST_F(PullFiles, ADryRunFetchesNothing) {
    here.write("a", "12345");
    EXPECT_EQ(run(true), ExitCode::kOk);
    EXPECT_EQ(out.str(), "sub/b\t3\n");
    EXPECT_EQ(err.str(), "would copy 1 file, 3 B; 1 already here\n");
    EXPECT_TRUE(server.seen().empty());
}

TEST_F(PullFiles, EndsAtTheFirstThatFails) {
    server.refuse("GET /a", 404, "NOT_FOUND", "it is gone");
    EXPECT_EQ(run(false), ExitCode::kNotFound);
    EXPECT_EQ(out.str(), "");
    EXPECT_FALSE(std::filesystem::exists(here.path + "/sub"));
}

}  // namespace
}  // namespace herder::cli
