#include <gtest/gtest.h>

#include <sstream>

#include "cli/app.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

Ran run(const std::string& verb, const std::string& text) {
    const TestFolder here;
    here.write("p.yaml", text);
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    const int code = run_cli({"profiles", verb, "--file", here.path + "/p.yaml"}, streams);
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

TEST(ProfilesCommands, LintShowsThePriceTrap) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"price_per_hour":"3.1","reliability":"0.5"},
        {"price_per_hour":"6.92","reliability":"0.995"}],"next_cursor":null})");
    const TestFolder here;
    here.write("p.yaml",
               "profiles: {big: {gpu_name: H100_SXM, num_gpus: 4, max_dph: 4,"
               " reliability_min: 0.99}}\n");
    const Ran ran = server.run({"profiles", "lint", "--file", here.path + "/p.yaml"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.err.find("warning: no offer matches big"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("cheapest 4x H100_SXM now is $6.92/h"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("write max_dph_per_gpu: 4"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("1 profiles, 1 without an offer now\n"), std::string::npos);
    EXPECT_NE(ran.out.find("big\t0\t2\t6.92\t4\n"), std::string::npos) << ran.out;
}

TEST(ProfilesCommands, LintCountsTheOffersThatEachProfileFinds) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"price_per_hour":"0.3","reliability":"0.995"},
        {"price_per_hour":"0.4","reliability":"0.995"},{"price_per_hour":"0.1",
        "reliability":"0.2"}],"next_cursor":null})");
    const TestFolder here;
    here.write("p.yaml",
               "profiles: {small: {gpu_name: RTX_4090, max_dph: 0.35, reliability_min: 0.9}}\n");
    const Ran ran = server.run({"profiles", "lint", "--file", here.path + "/p.yaml"});
    EXPECT_NE(ran.out.find("small\t1\t3\t0.3\t0.35\n"), std::string::npos) << ran.out;
    EXPECT_NE(ran.err.find("0 without an offer now"), std::string::npos);
}

TEST(ProfilesCommands, LintWithoutAServerSaysSo) {
    const TestFolder here;
    here.write("p.yaml", "profiles: {big: {gpu_name: H100_SXM, max_dph: 4}}\n");
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    const int code = run_cli({"profiles", "lint", "--file", here.path + "/p.yaml", "--server",
                              "http://127.0.0.1:1", "--data-dir", here.path},
                             streams);
    EXPECT_EQ(code, 0);
    EXPECT_NE(err.str().find("prices were not compared"), std::string::npos) << err.str();
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
