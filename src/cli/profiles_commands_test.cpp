#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/app.h"

namespace herder::cli {
namespace {

struct Ran {
    int code = 0;
    std::string out;
    std::string err;
};

Ran run(const std::string& verb, const std::string& text) {
    std::string folder = "/tmp/herder-profiles-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) return {};
    const std::string file = folder + "/p.yaml";
    std::ofstream(file, std::ios::binary) << text;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    const int code = run_cli({"profiles", verb, "--file", file}, streams);
    std::filesystem::remove_all(folder);
    return {code, out.str(), err.str()};
}

TEST(ProfilesCommands, ListThePriceOfTheWholeMachine) {
    const Ran ran =
        run("ls", "profiles: {big: {gpu_name: H100, num_gpus: 4, max_dph_per_gpu: 2}}\n");
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("big\tH100\t4\t8\t"), std::string::npos) << ran.out;
}

TEST(ProfilesCommands, LintReportsEveryError) {
    const Ran ran = run("lint", "profiles: {big: {num_gpus: 0, max_dhp: 1}}\n");
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("num_gpus"), std::string::npos);
    EXPECT_NE(ran.err.find("did you mean 'max_dph'?"), std::string::npos);
}

TEST(ProfilesCommands, NeedASubcommand) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    EXPECT_EQ(run_cli({"profiles"}, streams), 2);
}

}  // namespace
}  // namespace herder::cli
