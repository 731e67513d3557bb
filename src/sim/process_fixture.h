#pragma once
// One orchestrator process with all that it calls, and no faults: for tests of processes, agents
// and users.
#include <gtest/gtest.h>

#include "base/log.h"
#include "sim/fake_agent.h"
#include "sim/operators.h"
#include "sim/orchestrator.h"

namespace herder::sim {

struct ProcessPlace : testing::Test {
    Stage stage{1, all_faults(), false};
    FakeStoreBody store;
    FakeProvider provider{stage, 6};
    FakeObjects objects{stage};
    ProviderCalls calls{stage, provider, Mutant::kNone};
    Surroundings around{stage,      store,        calls, objects, {"test", std::string(32, 'k')},
                        Settings{}, Mutant::kNone};
    HostClock clock{stage, 0};
    int deaths = 0;
    int fenced = 0;

    static std::set<Fault> all_faults() {
        std::set<Fault> all;
        for (int i = 0; i < kFaultCount; ++i)
            all.insert(static_cast<Fault>(i));
        return all;
    }
    void SetUp() override {
        set_log_sink([](const LogEvent&) {});
    }
    std::unique_ptr<Orchestrator> make_process(std::uint64_t number) {
        return std::make_unique<Orchestrator>(around, clock, number, [this](bool was_fenced) {
            ++deaths;
            fenced += was_fenced ? 1 : 0;
        });
    }
    void run_for(Duration length) {
        const Instant end = stage.now() + length;
        while (stage.schedule.run_next(end)) {
        }
    }
    input::SubmitJob make_submit(const char* key) {
        RandomStream workload(1, "workload");
        input::SubmitJob in;
        in.spec = draw_job_plan(workload, 1, hours(1)).spec;
        in.client_key = key;
        return in;
    }
};

}  // namespace herder::sim
