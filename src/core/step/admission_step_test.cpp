// The test of a machine before the job may use it.
#include <gtest/gtest.h>

#include "core/step/core_fixture.h"

namespace herder {
namespace {

AdmissionFacts good_facts() {
    AdmissionFacts facts;
    facts.gpus_measured = true;
    facts.gpus = {{.name = "NVIDIA GeForce RTX 4090",
                   .memory_mb = 24'564,
                   .memory_used_mb = 0,
                   .driver = "570.1",
                   .uncorrected_errors = 0}};
    facts.disk_free = gigabytes(9);
    facts.download_mbps = 600;
    facts.upload_mbps = 200;
    return facts;
}

AgentReport measured(AdmissionFacts facts) {
    AgentReport report;
    report.admission = std::move(facts);
    return report;
}

// Up to the joined agent, which has measured nothing yet.
JobId joined(Bench& bench) {
    bench.measures = false;
    const JobId job = bench.place();
    bench.create_done();
    EXPECT_TRUE(bench.join());
    return job;
}

std::string event_field(const Bench& bench, const std::string& kind, const std::string& name) {
    for (const Event& event : bench.last.events) {
        if (event.kind != kind) continue;
        for (const auto& [key, value] : event.fields) {
            if (key == name) return value;
        }
    }
    return {};
}

TEST(AdmissionStep, NothingRunsBeforeTheMachineIsMeasured) {
    Bench bench;
    joined(bench);
    for (int i = 0; i < 3; ++i) {
        const AgentOrders orders = bench.report({});
        EXPECT_FALSE(orders.assignment);
        ASSERT_TRUE(orders.admission);
        EXPECT_EQ(orders.admission->disk, gigabytes(10));
        EXPECT_EQ(orders.admission->probe_max, megabytes(32));
    }
    const AgentOrders orders = bench.report(measured(good_facts()));
    EXPECT_TRUE(orders.assignment);
    EXPECT_FALSE(orders.admission);
    EXPECT_TRUE(bench.attempt().admitted);
    EXPECT_EQ(event_field(bench, "agent.admitted", "found"),
              "1 x NVIDIA GeForce RTX 4090 24 GB, driver 570.1, disk 9.0 GB free, down 600 Mb/s, "
              "up 200 Mb/s");
}

TEST(AdmissionStep, AMachineThatIsNotWhatWasOfferedIsGivenBackAtOnce) {
    Bench bench;
    const JobId job = joined(bench);
    AdmissionFacts facts = good_facts();
    facts.gpus[0].name = "NVIDIA GeForce RTX 3090";
    facts.disk_free = gigabytes(2);
    const AgentOrders orders = bench.report(measured(facts), seconds(37));
    EXPECT_EQ(orders.desired, DesiredState::kLeave);
    EXPECT_FALSE(orders.assignment);
    EXPECT_TRUE(bench.asks_for<effect::DestroyMachine>());
    const auto& ended = std::get<attempt_phase::Ended>(bench.attempt().phase);
    EXPECT_EQ(ended.reason, EndReason::kAdmissionFailed);
    const std::string why =
        "a NVIDIA GeForce RTX 3090 instead of RTX 4090; disk 2.0 GB instead of 10 GB";
    EXPECT_EQ(ended.detail, why);
    EXPECT_EQ(event_field(bench, "machine.given_back", "why"), why);
    EXPECT_EQ(event_field(bench, "machine.given_back", "after"), "37s");
    EXPECT_NE(event_field(bench, "machine.given_back", "cost"), "");
    EXPECT_EQ(bench.phase_of(job), "recovering");
    EXPECT_EQ(bench.state().jobs.at(job).user_restarts, 0) << "never the user's retries";
}

TEST(AdmissionStep, ALyingMachineIsRememberedOverARestartAndAvoided) {
    Bench bench;
    const JobId job = joined(bench);
    AdmissionFacts facts = good_facts();
    facts.gpus.clear();
    bench.report(measured(facts));
    bench.restart();
    bench.list({});
    bench.list({});
    bench.tick(minutes(2));
    bench.offer({make_offer(101, 100'000)});  // the same machine, cheaper
    EXPECT_EQ(bench.phase_of(job), "recovering");
    bench.offer({make_offer(101, 100'000), make_offer(102, 300'000)});
    EXPECT_EQ(bench.created->intent.offer.ask, 102);
}

TEST(AdmissionStep, OurOwnStoragesFailureBlamesNoHost) {
    Bench bench;
    const JobId job = joined(bench);
    AdmissionFacts facts = good_facts();
    facts.storage_error = "the server answered 507";
    bench.report(measured(facts));
    EXPECT_EQ(std::get<attempt_phase::Ended>(bench.attempt().phase).reason,
              EndReason::kProviderError);
    EXPECT_TRUE(bench.state().meta.avoided_machines.empty());
    EXPECT_EQ(bench.phase_of(job), "recovering");
}

TEST(AdmissionStep, AnAgentOlderThanTheTestIsLetIn) {
    Bench bench;
    joined(bench);
    AgentReport old;
    old.protocol = kAgentProtocolAdmission - 1;
    EXPECT_TRUE(bench.report(old).assignment);
    EXPECT_EQ(event_field(bench, "agent.admitted", "found"),
              "not tested: its agent is older than the test");
}

TEST(AdmissionStep, OnceAdmittedItIsNotAskedAgain) {
    Bench bench;
    joined(bench);
    bench.report(measured(good_facts()));
    bench.restart();
    EXPECT_TRUE(bench.report({}).assignment) << "the answer before was lost";
    EXPECT_FALSE(bench.has_event("agent.admitted"));
}

TEST(AdmissionStep, HowFastMachinesReachUsIsKept) {
    Bench bench;
    joined(bench);
    bench.report(measured(good_facts()));
    bench.restart();
    EXPECT_EQ(bench.state().meta.fastest, (LinkRecord{.download_mbps = 250, .upload_mbps = 200}));
}

}  // namespace
}  // namespace herder
