#include <signal.h>

#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

TEST(OffersCommands, AsksForTheOffersThatAreWanted) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"ask":7,"price_per_hour":"0.2"}]})");
    const Ran ran =
        server.run({"offers", "--gpu", "RTX_4090", "--market", "spot", "--max-price", "0.5",
                    "--region", "DE,FR", "--min-reliability", "0.98", "--sort", "reliability"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.out.find("\n7\t"), std::string::npos);
    EXPECT_EQ(server.seen().back(),
              "GET /offers?gpu=RTX_4090&count=1&disk_gb=10&market=spot&max_price=0.5&region=DE%2CFR"
              "&reliability_min=0.98&sort=reliability&limit=20");
    EXPECT_EQ(server.run({"offers", "--market", "grey"}).code, 2);
    EXPECT_EQ(server.run({"offers", "--sort", "size"}).code, 2);
    EXPECT_EQ(server.run({"offers", "--explain", "--watch"}).code, 2);
    EXPECT_EQ(server.run({"offers", "--watch", "--every", "10ms"}).code, 2);
}

TEST(OffersCommands, SaysWhenTheListWasCut) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"ask":7},{"ask":8}],"next_cursor":null})");
    const Ran ran = server.run({"offers", "--limit", "1", "-q"});
    EXPECT_EQ(ran.out, "7\n");
    EXPECT_NE(server.run({"offers", "--limit", "1"}).err.find("the 1 cheapest"), std::string::npos);
}

TEST(OffersCommands, ShowsTheColumnsThatVastUsersKnow) {
    FakeServer server;
    server.answer("GET /offers",
                  R"({"items":[{"ask":7,"gpu_count":2,"gpu_name":"RTX_4090","market":"spot",)"
                  R"("price_per_hour":"0.4","reliability":"0.9951","upload_mbps":800,)"
                  R"("download_mbps":900,"disk_free_gb":300,"available_seconds":93312,)"
                  R"("location":"DE","machine":12,"cuda_max":"12.8","ram_gb":"258",)"
                  R"("cpu_threads":"6","dl_performance_per_dollar":"253.2","host":5,)"
                  R"("status":"verified","driver":"570.1"},{"ask":8,"available_seconds":null}]})");
    const std::string out = server.run({"offers"}, "", true).out;
    EXPECT_NE(out.find("ID  CUDA  N  Model     Market  vCPUs  RAM  Disk  $/hr  DLP/$  Net_up  "
                       "Net_down      R  Max_Days  country"),
              std::string::npos)
        << out;
    EXPECT_NE(out.find("7   12.8  2  RTX_4090  spot        6  258   300  0.40  253.2     800       "
                       "900  99.5%       1.0  DE"),
              std::string::npos)
        << out;
    const std::string wide = server.run({"offers", "--wide"}, "", true).out;
    for (const char* column : {"PCIE", "cpu_ghz", "DLP ", "NV Driver", "mach_id", "host_id"})
        EXPECT_NE(wide.find(column), std::string::npos) << column;
}

TEST(OffersCommands, ExplainsEachConditionAndTheNextLooserOne) {
    FakeServer server;
    server.answer("GET /offers",
                  R"({"items":[],"next_cursor":null,"explanation":{"offers_seen":40,"matching":0,)"
                  R"("conditions":[{"condition":"gpu","removed":30,"looser":null,"gained":0,)"
                  R"("cheapest_per_hour":null},{"condition":"max_price","removed":10,)"
                  R"("looser":"0.31","gained":2,"cheapest_per_hour":"0.305"}]}})");
    const Ran ran = server.run({"offers", "--explain", "--max-price", "0.2"}, "", true);
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.err.find("0 of 40 offers match"), std::string::npos);
    EXPECT_NE(ran.out.find("--max-price 0.31 would bring 2 offers, from $0.305/h"),
              std::string::npos)
        << ran.out;
    EXPECT_NE(server.seen().back().find("&explain=true&limit=1"), std::string::npos);
}

TEST(OffersCommands, PointsToTheExplanationWhenNothingMatches) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[],"next_cursor":null})");
    EXPECT_NE(server.run({"offers"}).err.find("herder offers --explain"), std::string::npos);
}

// Ctrl-C that comes while the watch runs waits for its next pause: here it is there beforehand.
class Interrupted {
  public:
    Interrupted() {
        sigemptyset(&interrupt_);
        sigaddset(&interrupt_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &interrupt_, &before_);
        pthread_kill(pthread_self(), SIGINT);
    }
    ~Interrupted() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    Interrupted(const Interrupted&) = delete;
    Interrupted& operator=(const Interrupted&) = delete;

  private:
    sigset_t interrupt_{};
    sigset_t before_{};
};

TEST(OffersCommands, AWatchEndsWithCtrlCAndLeavesTheTerminalAsItWas) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"ask":7,"price_per_hour":"0.2"}]})");
    const Interrupted interrupted;
    const Ran drawn = server.run({"offers", "--watch"}, "", true);
    EXPECT_EQ(drawn.code, 0);
    EXPECT_EQ(drawn.out.find("\x1b[H\x1b[J"), 0U);
    EXPECT_EQ(drawn.out.find("\x1b[?"), std::string::npos) << "no mode of the terminal is changed";
    EXPECT_EQ(drawn.out.find("new"), std::string::npos) << "of the first round nothing is new";
}

TEST(OffersCommands, AWatchThatIsPipedPrintsOneBlockARound) {
    FakeServer server;
    server.answer("GET /offers", R"({"items":[{"ask":7,"price_per_hour":"0.2"}]})");
    const Interrupted interrupted;
    const Ran piped = server.run({"offers", "--watch"});
    EXPECT_EQ(piped.out.find('\x1b'), std::string::npos);
    EXPECT_NE(piped.out.find("\tchange\n7\t"), std::string::npos) << piped.out;
}

TEST(OffersCommands, AWatchOfAMarketThatNeverAnsweredFails) {
    FakeServer server;
    server.refuse("GET /offers", 503, "UNAVAILABLE", "the market does not answer");
    EXPECT_NE(server.run({"offers", "--watch"}).code, 0);
}

}  // namespace
}  // namespace herder::cli
