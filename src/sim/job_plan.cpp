#include "sim/job_plan.h"

namespace herder::sim {

namespace {

constexpr const char* kPlanVariable = "SIM_PLAN";

std::vector<ResourceRequest> draw_resources(RandomStream& workload) {
    ResourceRequest request;
    request.gpu_name = workload.below(4) == 0 ? "A100" : "RTX_4090";
    if (workload.below(6) == 0) request.gpu_count = 2;
    request.disk = gigabytes(workload.between(10, 60));
    const std::uint64_t market = workload.below(10);
    request.market = market < 6 ? Market::kAuto : market < 9 ? Market::kSpot : Market::kOnDemand;
    if (workload.below(2) == 0) {
        const std::int64_t usual = request.gpu_name == "A100" ? 1'500'000 : 500'000;
        request.price_max = {usual * request.gpu_count * workload.between(80, 160) / 100};
    }
    return {request};
}

}  // namespace

JobPlan draw_job_plan(RandomStream& workload, std::uint64_t number, Duration horizon) {
    JobPlan plan;
    plan.number = number;
    plan.client_key = "key-" + std::to_string(number);
    plan.submit_at = Instant{} + seconds(workload.between(10, horizon.whole_seconds()));
    plan.step_time = milliseconds(workload.between(500, 5'000));
    const Duration length = minutes(workload.between(10, 300));
    plan.steps = length.us / plan.step_time.us + 1;
    plan.upload_time = seconds(workload.between(2, 40));
    plan.trouble_step = workload.between(1, plan.steps);
    plan.ignores_stop_signal = workload.below(6) == 0;

    JobSpec& spec = plan.spec;
    spec.name = "job-" + std::to_string(number);
    spec.team = workload.below(2) == 0 ? "red" : "blue";
    spec.project = workload.below(2) == 0 ? "vision" : "text";
    spec.priority = static_cast<int>(workload.between(0, 100));
    spec.image = "train:1";
    spec.run = "python train.py";
    spec.setup = workload.below(3) == 0 ? "pip install -r requirements.txt" : "";
    spec.any_of = draw_resources(workload);
    spec.env[kPlanVariable] = std::to_string(number);
    spec.checkpoint.every_steps = minutes(workload.between(3, 20)).us / plan.step_time.us + 1;
    spec.checkpoint.keep_last = static_cast<int>(workload.between(1, 4));
    spec.checkpoint.stop_grace = seconds(workload.between(10, 90));
    spec.recovery.max_restarts_on_errors = static_cast<int>(workload.between(0, 3));
    if (workload.below(4) == 0) spec.limits.max_duration = length * workload.between(6, 20) / 10;
    if (workload.below(6) == 0) spec.limits.max_cost = usd_cents(workload.between(20, 600));
    spec.detached_for = minutes(workload.between(5, 40));
    spec.dead_man_after = spec.detached_for + minutes(workload.between(0, 10));
    return plan;
}

std::uint64_t plan_number(const JobSpec& spec) {
    const auto found = spec.env.find(kPlanVariable);
    return found == spec.env.end() ? 0 : std::stoull(found->second);
}

}  // namespace herder::sim
