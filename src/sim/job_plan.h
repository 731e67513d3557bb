#pragma once
// What a simulated training job will do, drawn from the workload's stream alone, and its spec.
#include <cstdint>
#include <string>

#include "base/random.h"
#include "core/jobs/spec.h"

namespace herder::sim {

enum class JobEnding { kFinishes, kFailsOnce, kFailsAlways, kRunsOutOfMemory, kHangs, kNeverEnds };

struct JobPlan {
    std::uint64_t number = 0;  // in the spec's environment as SIM_PLAN
    JobSpec spec;
    std::string client_key;
    Instant submit_at;
    std::int64_t steps = 0;
    Duration step_time;
    JobEnding ending = JobEnding::kFinishes;
    std::int64_t trouble_step = 0;  // where it fails or hangs
    bool ignores_stop_signal = false;
    Duration upload_time;
};

// Faults of jobs are mixed in by the caller; here all jobs finish.
JobPlan draw_job_plan(RandomStream& workload, std::uint64_t number, Duration horizon);
// The number in a spec that draw_job_plan made; 0: none.
std::uint64_t plan_number(const JobSpec& spec);

}  // namespace herder::sim
