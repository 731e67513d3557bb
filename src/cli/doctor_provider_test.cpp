#include "cli/doctor_checks.h"
#include "cli/fake_server_fixture.h"

namespace herder::cli {
namespace {

// What check_provider says of an account with these members beside the usual ones.
class DoctorProvider : public testing::Test {
  protected:
    std::vector<Finding> look(const std::string& more = "") {
        server_.answer("GET /account",
                       R"({"provider":"vast","user":"12","credit":"41.2")" + more + "}");
        const GlobalOptions options{.server_url = server_.url(), .data_dir = server_.folder()};
        Result<ServerLink> link = ServerLink::open(options);
        EXPECT_TRUE(link);
        return check_provider(*link);
    }
    Finding finding(const std::string& check, const std::string& more = "") {
        for (Finding& one : look(more)) {
            if (one.check == check) return one;
        }
        ADD_FAILURE() << "nothing is said of " << check;
        return {};
    }
    void list(const std::string& items) {
        server_.answer("GET /instances", R"({"items":[)" + items + R"(],"next_cursor":null})");
    }
    FakeServer server_;
};

std::string key_with(const std::string& members) {
    return R"(,"key":{"source":"VAST_API_KEY","name":"n",)" + members + "}";
}

TEST_F(DoctorProvider, SaysWhereTheKeyCameFromAndWhichOneItHides) {
    list("");
    const Finding one = finding("key", key_with(R"("hides":"","rights_known":false)"));
    EXPECT_EQ(one.health, Health::kGood);
    EXPECT_EQ(one.found, "vast user 12, from VAST_API_KEY");
}

TEST_F(DoctorProvider, AKeyThatHidesAnotherIsDoubtful) {
    list("");
    const Finding one = finding("key", key_with(R"("hides":"/h/.vast_api_key")"));
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_NE(one.found.find("hides another one in /h/.vast_api_key"), std::string::npos);
}

TEST_F(DoctorProvider, ALackingRightIsBad) {
    list("");
    const Finding one = finding(
        "key rights", key_with(R"("hides":"","rights_known":true,"missing_rights":["misc"],)"
                               R"("spare_rights":["billing_write"])"));
    EXPECT_EQ(one.health, Health::kBad);
    EXPECT_EQ(one.found, "lacks misc");
}

TEST_F(DoctorProvider, TellsWhatTheKeyMayDoBeyondRenting) {
    list("");
    const Finding one =
        finding("key rights", key_with(R"("hides":"","rights_known":true,"missing_rights":[],)"
                                       R"("spare_rights":["billing_write","team_write"])"));
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_EQ(one.found, "beyond renting it may: billing_write, team_write");
}

TEST_F(DoctorProvider, AClockThatIsFarOffIsBad) {
    list("");
    EXPECT_EQ(finding("clock", R"(,"clock_ahead_seconds":400)").health, Health::kBad);
    EXPECT_EQ(finding("clock").health, Health::kBad) << "the last answer repeats";
}

TEST_F(DoctorProvider, AClockThatIsALittleOffIsDoubtfulAndSaysInWhichDirection) {
    list("");
    const Finding one = finding("clock", R"(,"clock_ahead_seconds":-60)");
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_EQ(one.found, "the server's is 1m 00s ahead of the provider's");
}

TEST_F(DoctorProvider, AClockThatIsNotToldIsNoFault) {
    list("");
    EXPECT_EQ(finding("clock", R"(,"clock_ahead_seconds":null)").health, Health::kGood);
}

TEST_F(DoctorProvider, OrphansAreToldWithTheirPrice) {
    list(R"({"owner":"orphan","price_per_hour":"0.25"},{"owner":"ours","price_per_hour":"1"},)"
         R"({"owner":"ours","state":"closed","price_per_hour":"5"})");
    const Finding one = finding("orphans");
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_NE(one.found.find("1 with our label and without a rental, at $0.25/h"),
              std::string::npos)
        << one.found;
    EXPECT_EQ(one.remedy, "herder instances reap");
    EXPECT_EQ(finding("machines").found, "1 rented");
}

TEST_F(DoctorProvider, AHoldIsToldWithItsWayOut) {
    list("");
    EXPECT_EQ(finding("renting").health, Health::kGood);
    server_.answer("GET /renting",
                   R"({"held":true,"held_by":"mara","held_since":"2026-11-23T20:48:00Z"})");
    const Finding one = finding("renting");
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_EQ(one.remedy, "herder panic --lift");
}

std::string setup_with(const std::string& members) {
    return R"(,"setup":{"ssh_keys":null,)" + members + "}";
}

TEST_F(DoctorProvider, WebhooksThatAreNotTakenAreNoFault) {
    list("");
    EXPECT_EQ(finding("webhooks", setup_with(R"("takes_webhooks":false)")).health, Health::kGood);
}

TEST_F(DoctorProvider, AWebhookThatDoesNotPointHereIsDoubtful) {
    list("");
    const Finding one = finding(
        "webhooks", setup_with(R"("takes_webhooks":true,"webhooks_taken":0,"webhooks_refused":0,)"
                               R"("webhook_urls":["https://elsewhere/x"])"));
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_NE(one.found.find("/hooks/vast"), std::string::npos);
}

TEST_F(DoctorProvider, AWrongSignatureIsDoubtful) {
    list("");
    const Finding one = finding(
        "webhooks", setup_with(R"("takes_webhooks":true,"webhooks_taken":3,"webhooks_refused":2,)"
                               R"("webhook_urls":["https://here/hooks/vast"])"));
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_NE(one.found.find("2 with a wrong signature"), std::string::npos);
}

TEST_F(DoctorProvider, WebhooksThatArriveAreGood) {
    list("");
    const Finding one = finding(
        "webhooks", setup_with(R"("takes_webhooks":true,"webhooks_taken":3,"webhooks_refused":0,)"
                               R"("webhook_urls":["https://here/hooks/vast"])"));
    EXPECT_EQ(one.health, Health::kGood);
}

class WithSshKey : public DoctorProvider {
  protected:
    WithSshKey() {
        const char* home = std::getenv("HOME");
        if (home != nullptr) before_ = home;
        folder_.write(".ssh/id_ed25519.pub", "ssh-ed25519 AAAAkey me@here\n");
        setenv("HOME", folder_.path.c_str(), 1);
    }
    ~WithSshKey() override { setenv("HOME", before_.c_str(), 1); }
    static std::string keys(const std::string& list) {
        return R"(,"setup":{"takes_webhooks":false,"ssh_keys":[)" + list + "]}";
    }
    TestFolder folder_;
    std::string before_;
};

TEST_F(WithSshKey, IsRegisteredWhateverItsComment) {
    list("");
    const Finding one = finding("ssh key", keys(R"("ssh-ed25519 AAAAkey other comment")"));
    EXPECT_EQ(one.health, Health::kGood) << one.found;
}

TEST_F(WithSshKey, ThatIsNotRegisteredIsDoubtful) {
    list("");
    const Finding one = finding("ssh key", keys(R"("ssh-ed25519 AAAAother me@here")"));
    EXPECT_EQ(one.health, Health::kDoubtful);
    EXPECT_NE(one.remedy.find("vastai create ssh-key "), std::string::npos);
}

}  // namespace
}  // namespace herder::cli
