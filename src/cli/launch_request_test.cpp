#include "cli/launch_request.h"

#include <gtest/gtest.h>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

LaunchOptions options_for(const TestFolder& here) {
    LaunchOptions options;
    options.file = here.path + "/job.yaml";
    return options;
}

TEST(LaunchRequest, TheCommandLineWinsOverTheFile) {
    const TestFolder here;
    here.write("job.yaml", "name: a\nrun: x\nworkdir: src\nlimits: {max_cost: 5}\n");
    LaunchOptions options = options_for(here);
    options.name = "b";
    options.max_cost = "2";
    options.max_duration = "90m";
    options.env = {"K=1=2"};
    const Result<LaunchRequest> request = make_launch_request(options);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->spec.name, "b");
    EXPECT_EQ(request->spec.limits.max_cost, usd_cents(200));
    EXPECT_EQ(request->spec.limits.max_duration, minutes(90));
    EXPECT_EQ(request->spec.env.at("K"), "1=2");
    EXPECT_EQ(request->workdir, here.path + "/src");
}

TEST(LaunchRequest, AWrongFileIsNamedWithItsLine) {
    const TestFolder here;
    here.write("job.yaml", "run: x\nnmae: a\n");
    const Result<LaunchRequest> request = make_launch_request(options_for(here));
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().code, ErrorCode::kInvalid);
    EXPECT_NE(request.error().message.find("job.yaml:2:"), std::string::npos);
}

TEST(LaunchRequest, SaysWhichVariableTheShellLacks) {
    const TestFolder here;
    here.write("job.yaml", "run: x\n");
    LaunchOptions options = options_for(here);
    options.env = {"HERDER_TEST_NOT_SET"};
    EXPECT_NE(make_launch_request(options).error().message.find("HERDER_TEST_NOT_SET"),
              std::string::npos);
}

TEST(LaunchRequest, ShowsWhatIsAskedForInWords) {
    JobSpec spec;
    spec.name = "digits";
    spec.profile = "dev-test";
    spec.any_of = {{.gpu_name = "RTX_4090",
                    .market = Market::kSpot,
                    .price_max = usd_per_hour_micros(250'000),
                    .reliability_min_ppm = 900'000}};
    spec.limits.max_duration = minutes(30);
    EXPECT_EQ(request_page(spec),
              "Job        digits   profile dev-test   project default\n"
              "Needs      1x RTX_4090, disk 10.0 GB, spot, up to $0.25/h, reliability >= 0.9\n"
              "Limits     30m 00s of running\n");
}

}  // namespace
}  // namespace herder::cli
