#include "vastsim/run_vastsim.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/http/client.h"

namespace herder::vastsim {
namespace {

TEST(TimeScale, IsADecimalNumberAboveZero) {
    EXPECT_EQ(parse_time_scale("1").value(), 1000);
    EXPECT_EQ(parse_time_scale("0.5").value(), 500);
    EXPECT_EQ(parse_time_scale("3600").value(), 3'600'000);
    EXPECT_FALSE(parse_time_scale("0"));
    EXPECT_FALSE(parse_time_scale("fast"));
}

TEST(RunVastsim, RefusesWrongOptionsWithExitCode2) {
    Options options;
    options.scenario = "no-such-scenario";
    EXPECT_EQ(run_vastsim(options), 2);
    options.scenario = "calm";
    options.time_scale = "-1";
    EXPECT_EQ(run_vastsim(options), 2);
}

TEST(RunVastsim, ServesUntilSigtermAndLeavesNothing) {
    char name[] = "/tmp/vastsim-run-XXXXXX";
    const std::string folder = mkdtemp(name);
    Options options;
    options.folder = folder + "/state";
    options.url_file = folder + "/url";
    options.die_with_parent = true;
    const pid_t pid = fork();
    if (pid == 0) _exit(run_vastsim(options));
    for (int i = 0; i < 6000 && !std::filesystem::exists(options.url_file); ++i)
        poll(nullptr, 0, 10);
    std::string url;
    std::getline(std::ifstream(options.url_file) >> std::ws, url);
    const auto client = http::Client::open(url);
    ASSERT_TRUE(client) << url;
    http::Request request;
    request.target = "/admin/health";
    const auto reply = (*client)->call(request);
    EXPECT_TRUE(reply && reply->status == 200);
    kill(pid, SIGTERM);
    int status = -1;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder + "/state"));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace herder::vastsim
