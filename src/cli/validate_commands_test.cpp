#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

class Validate : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = "/tmp/herder-validate-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    int run(const std::string& text, std::vector<std::string> more = {}) {
        const std::string file = folder_ + "/file.yaml";
        std::ofstream(file, std::ios::binary) << text;
        std::vector<std::string> arguments = {"validate", file, "--offline"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        std::istringstream in;
        std::ostringstream out;
        std::ostringstream err;
        Streams streams{in, out, err};
        const int code = run_cli(arguments, streams);
        out_ = out.str();
        err_ = err.str();
        return code;
    }
    std::string folder_;
    std::string out_;
    std::string err_;
};

TEST_F(Validate, AGoodJobIsValid) {
    EXPECT_EQ(run("run: python train.py\nprofile: dev-test\n"), 0);
    EXPECT_EQ(out_, folder_ + "/file.yaml: valid\n");
    EXPECT_EQ(err_, "");
}

TEST_F(Validate, AWrongJobShowsThePlaceAndEndsWithTwo) {
    EXPECT_EQ(run("rnu: python train.py\n"), 2);
    EXPECT_EQ(out_, "");
    EXPECT_NE(err_.find("file.yaml:1:1: error: unknown key 'rnu'"), std::string::npos);
    EXPECT_NE(err_.find("did you mean 'run'?"), std::string::npos);
}

TEST_F(Validate, JsonCarriesPointersAndPlaces) {
    EXPECT_EQ(run("run: x\nresources: {dsik: 1}\n", {"-o", "json"}), 2);
    EXPECT_NE(out_.find(R"("line": 2, "column": 13)"), std::string::npos) << out_;
    EXPECT_NE(out_.find(R"("pointer": "/resources/dsik")"), std::string::npos) << out_;
}

TEST_F(Validate, ExplainsWhereValuesComeFrom) {
    EXPECT_EQ(run("run: x\nprofile: dev-test\n", {"--explain"}), 0);
    EXPECT_NE(out_.find("resources.max_price\t0.25\tprofile dev-test ("), std::string::npos);
    EXPECT_NE(out_.find("priority\t50\tdefault\n"), std::string::npos);
}

TEST_F(Validate, KnowsProfilesAndBudgetsByTheirKeys) {
    EXPECT_EQ(run("profiles: {a: {num_gpus: 0}}\n"), 2);
    EXPECT_NE(err_.find("'num_gpus' is 0"), std::string::npos);
    EXPECT_EQ(run("budgets: {a: {limit: 5}}\n"), 0);
}

TEST_F(Validate, SetsWinOverTheFile) {
    EXPECT_EQ(run("run: x\npriority: 200\n", {"--set", "priority=20"}), 0);
    EXPECT_EQ(run("run: x\n", {"--set", "priority=200"}), 2);
}

TEST_F(Validate, SaysWhenNoOfferMatchesNow) {
    FakeServer server;
    server.answer(
        "POST /jobs",
        R"({"plan":{"offers_seen":9,"matching":0,"rejected":{"above the price limit":9}}})");
    const TestFolder here;
    here.write("job.yaml", "run: x\n");
    const Ran ran = server.run({"validate", here.path + "/job.yaml"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, here.path + "/job.yaml: valid\n");
    EXPECT_NE(ran.err.find("no offer matches now"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("0 of 9 offers match; not taken: 9 above the price limit"),
              std::string::npos);
    EXPECT_NE(server.last("POST /jobs").body.find(R"("dry_run":true)"), std::string::npos);
    EXPECT_EQ(server.run({"validate", "--offline", here.path + "/job.yaml"}).err, "");
}

TEST_F(Validate, SaysOnceThatTheMarketWasNotAsked) {
    FakeServer server;
    server.refuse("POST /jobs", 503, "UNAVAILABLE", "the market does not answer");
    const TestFolder here;
    here.write("a.yaml", "run: x\n");
    here.write("b.yaml", "run: y\n");
    const Ran ran = server.run({"validate", here.path + "/a.yaml", here.path + "/b.yaml"});
    EXPECT_EQ(ran.code, 0);
    const std::string said = "not compared with the market: the market does not answer";
    EXPECT_NE(ran.err.find(said), std::string::npos) << ran.err;
    EXPECT_EQ(ran.err.find(said), ran.err.rfind(said));
}

TEST_F(Validate, AMissingFileEndsWithThree) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{in, out, err};
    EXPECT_EQ(run_cli({"validate", folder_ + "/none.yaml"}, streams), 3);
}

}  // namespace
}  // namespace herder::cli
