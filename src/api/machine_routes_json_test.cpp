#include "api/api_fixture.h"
#include "core/provisioner/label.h"

namespace herder::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kMachines[] = "/api/v1/instances";

// A rented machine 501, an orphan 502 with our label and a stranger's 77.
class MachineRoutes : public ::testing::Test {
  protected:
    MachineRoutes() {
        EXPECT_EQ(rig_.submit(ApiRig::spec("digits")).status, 201);
        const effect::CreateMachine create = rig_.rent();
        const ClusterIdentity cluster{"test", std::string(32, 'k')};
        rig_.feed_input(rig_.listing(
            {machine(501, create.intent.label), machine(502, make_label(cluster, IntentId{4242})),
             machine(77, make_label({"prod", std::string(32, 'x')}, IntentId{1}))}));
    }
    static ListedMachine machine(std::int64_t contract, const std::string& label) {
        ListedMachine out;
        out.contract = ContractId{contract};
        out.label = label;
        out.state = MachineState::kRunning;
        out.gpu_price = usd_per_hour_micros(250'000);
        return out;
    }
    Response post(const std::string& rest, const std::string& body = "") {
        return rig_.post(kMachines + ("/" + rest), body);
    }
    std::string show(const std::string& contract) {
        return rig_.get(kMachines + ("/" + contract)).body;
    }
    ApiRig rig_;
};

TEST_F(MachineRoutes, TellsWhoseEachMachineIs) {
    const std::string all = rig_.get(kMachines).body;
    EXPECT_THAT(all, HasSubstr(R"("owner":"ours")"));
    EXPECT_THAT(all, HasSubstr(R"("owner":"orphan")"));
    EXPECT_THAT(all, HasSubstr(R"("owner":"foreign")"));
    EXPECT_THAT(show("501"), HasSubstr(R"("job":"j1")"));
    EXPECT_THAT(show("501"), HasSubstr(R"("ends_because":"")"));
    EXPECT_THAT(show("502"), HasSubstr(R"("price_per_hour":"0.25")"));
    EXPECT_THAT(show("77"), HasSubstr(R"("owner":"foreign")"));
    EXPECT_EQ(rig_.get("/api/v1/instances/9").status, 404);
    EXPECT_EQ(rig_.get("/api/v1/instances/i1").status, 400);
}

TEST_F(MachineRoutes, APageBeginsBehindItsCursor) {
    const std::string first = rig_.get(kMachines, {{"limit", "1"}}).body;
    EXPECT_THAT(first, HasSubstr(R"("next_cursor":"i1")"));
    EXPECT_THAT(rig_.get(kMachines, {{"cursor", "i1"}}).body, Not(HasSubstr(R"("contract":501)")));
    EXPECT_EQ(rig_.get(kMachines, {{"cursor", "i99"}}).status, 400);
}

TEST_F(MachineRoutes, DestroysWhatIsOursAndMovesTheJob) {
    const Response ours = post("501/destroy", R"({"actor":"mara"})");
    EXPECT_EQ(ours.status, 200) << ours.body;
    EXPECT_EQ(ours.body, R"({"contract":501,"job":"j1","saves":false,"patience_seconds":0})")
        << "no agent has joined that could save";
    EXPECT_THAT(show("501"), HasSubstr(R"("state":"closing")"));
    EXPECT_THAT(rig_.get("/api/v1/jobs/j1").body, HasSubstr(R"("status":"recovering")"));
    const Response orphan = post("502/destroy");
    EXPECT_EQ(orphan.body, R"({"contract":502,"job":null,"saves":false,"patience_seconds":0})");
}

TEST_F(MachineRoutes, NeverDestroysAForeignMachine) {
    const Response refused = post("77/destroy", R"({"now":true})");
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("herder1-prod-"));
    EXPECT_EQ(post("9/destroy").status, 404);
    EXPECT_EQ(post("x/destroy").status, 400);
    EXPECT_EQ(post("502/destroy", R"({"forein":true})").status, 400);
    EXPECT_EQ(post("502/destroy", R"({"actor":")" + std::string(101, 'a') + "\"}").status, 400);
}

TEST_F(MachineRoutes, AdoptsAnOrphanAndSaysWhyNothingElse) {
    const Response adopted = post("502/adopt", R"({"actor":"mara"})");
    EXPECT_EQ(adopted.status, 200) << adopted.body;
    EXPECT_THAT(adopted.body, HasSubstr(R"("owner":"adopted")"));
    EXPECT_THAT(adopted.body, HasSubstr(R"("adopted_by":"mara")"));
    rig_.advance(hours(2));
    EXPECT_THAT(show("502"), HasSubstr(R"("cost":"0.5)"));
    EXPECT_THAT(rig_.get(kMachines).body, Not(HasSubstr(R"("owner":"orphan")")));
    EXPECT_EQ(post("501/adopt").status, 409);
    EXPECT_EQ(post("77/adopt").status, 403);
    EXPECT_EQ(post("9/adopt").status, 404);
    EXPECT_EQ(post("502/adopt", R"({"now":true})").status, 400);
}

TEST_F(MachineRoutes, ReadsTheLogOfOursAndOfNobodyElse) {
    EXPECT_EQ(rig_.get("/api/v1/instances/501/logs").body,
              R"({"contract":501,"text":"501 container 1000\n"})");
    EXPECT_EQ(rig_.get("/api/v1/instances/502/logs", {{"lines", "7"}, {"host", "true"}}).body,
              R"({"contract":502,"text":"502 host 7\n"})");
    EXPECT_EQ(rig_.get("/api/v1/instances/77/logs").status, 403);
    EXPECT_EQ(rig_.get("/api/v1/instances/9/logs").status, 404);
    EXPECT_EQ(rig_.get("/api/v1/instances/501/logs", {{"lines", "none"}}).status, 400);
    rig_.provider.broken = true;
    EXPECT_EQ(rig_.get("/api/v1/instances/501/logs").status, 503);
}

TEST_F(MachineRoutes, AHoldPausesJobsUntilRentingIsAllowedAgain) {
    EXPECT_THAT(rig_.get("/api/v1/renting").body, HasSubstr(R"("held":false)"));
    const Response held = rig_.post("/api/v1/renting/hold", R"({"actor":"mara"})");
    EXPECT_EQ(held.status, 200) << held.body;
    EXPECT_THAT(held.body, HasSubstr(R"("held":true,"held_by":"mara")"));
    EXPECT_THAT(held.body, HasSubstr(R"("machines":2,"paused_jobs":["j1"])"));
    EXPECT_THAT(rig_.get("/api/v1/jobs/j1").body, HasSubstr(R"("status":"paused")"));
    const Response lifted = rig_.post("/api/v1/renting/allow", "{}");
    EXPECT_THAT(lifted.body, HasSubstr(R"("held":false,"held_by":"","held_since":null)"));
    EXPECT_EQ(rig_.post("/api/v1/renting/hold", R"({"now":true})").status, 400);
}

}  // namespace
}  // namespace herder::api
