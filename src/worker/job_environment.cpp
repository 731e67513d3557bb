#include "worker/job_environment.h"

#include <set>

#include "core/jobs/checkpoint_every.h"

namespace herder {
namespace {

// Secrets and addresses of the agent itself; a job has no business with them.
const std::set<std::string>& kept_back() {
    static const std::set<std::string> names = {
        "HERDER_JOIN_TOKEN", "HERDER_URLS",   "HERDER_PIN",        "HERDER_INTENT",
        "CONTAINER_API_KEY", "VAST_API_BASE", "HERDER_TIME_SCALE",
    };
    return names;
}

int gpu_count(const Assignment& assignment) {
    return assignment.spec.any_of.empty() ? 0 : assignment.spec.any_of.front().gpu_count;
}

void add_job(std::map<std::string, std::string>& env, const Assignment& assignment) {
    const JobSpec& spec = assignment.spec;
    const std::string job = to_text(assignment.job);
    const std::string gpus = std::to_string(gpu_count(assignment));
    env["HERDER_JOB_ID"] = job;
    env["HERDER_JOB_NAME"] = spec.name;
    env["HERDER_ATTEMPT"] = std::to_string(assignment.attempt);
    env["HERDER_PROJECT"] = spec.project;
    env["HERDER_NODE_RANK"] = "0";
    env["HERDER_NUM_NODES"] = "1";
    env["HERDER_NODE_IPS"] = "127.0.0.1";
    env["HERDER_NUM_GPUS_PER_NODE"] = gpus;
    // A bare number, as scripts may read it, where steps are meant.
    const std::string every = spec.checkpoint.every_steps > 0
                                  ? std::to_string(spec.checkpoint.every_steps)
                                  : to_every_text(spec.checkpoint);
    if (!every.empty()) env["HERDER_CHECKPOINT_EVERY"] = every;
    env["PET_NNODES"] = "1";
    env["PET_NPROC_PER_NODE"] = gpu_count(assignment) > 0 ? gpus : "1";
    env["PET_NODE_RANK"] = "0";
    env["PET_MASTER_ADDR"] = env["MASTER_ADDR"] = "127.0.0.1";
    env["PET_MASTER_PORT"] = env["MASTER_PORT"] = "29500";
    env["WANDB_RUN_ID"] = job;
    env["WANDB_RESUME"] = "allow";
    env["WANDB_NAME"] = spec.name;
}

void add_default(std::map<std::string, std::string>& env, const char* name,
                 const std::string& value) {
    env.emplace(name, value);
}

}  // namespace

JobFolders::JobFolders(const std::string& home)
    : work(home + "/work"),
      run(home + "/run"),
      outputs(home + "/run/outputs"),
      restored(home + "/restored"),
      staging(home + "/staging"),
      spool(home + "/spool"),
      sdk(home + "/sdk") {}

std::string checkpoint_folder(const Assignment& assignment, const JobFolders& folders) {
    const std::string& path = assignment.spec.checkpoint.path;
    return path.rfind('/', 0) == 0 ? path : folders.work + "/" + path;
}

std::vector<std::string> make_job_environment(const std::vector<std::string>& machine,
                                              const Assignment& assignment,
                                              const JobFolders& folders, const JobFacts& facts) {
    std::map<std::string, std::string> env;
    for (const std::string& pair : machine) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || kept_back().contains(pair.substr(0, equals))) continue;
        env[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    add_default(env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    add_default(env, "PYTHONUNBUFFERED", "1");
    add_default(env, "PYTHONFAULTHANDLER", "1");
    add_default(env, "TORCH_NCCL_ASYNC_ERROR_HANDLING", "1");
    env["HERDER_INSTANCE_ID"] = env.contains("CONTAINER_ID") ? env["CONTAINER_ID"] : "";
    for (const auto& [name, value] : facts.server_env)
        env[name] = value;
    for (const auto& [name, value] : assignment.spec.env)
        env[name] = value;
    for (const auto& [name, value] : facts.secrets)
        env[name] = value;
    add_job(env, assignment);
    if (!facts.secrets_folder.empty()) env["HERDER_SECRETS_DIR"] = facts.secrets_folder;
    env["HERDER_DIR"] = folders.run;
    env["HERDER_CHECKPOINT_DIR"] = checkpoint_folder(assignment, folders);
    env["HERDER_OUTPUT_DIR"] = folders.outputs;
    env["HERDER_STOP_FILE"] = folders.run + "/stop";
    env[kResumeVariable] = facts.resume_path;
    env["HERDER_DEADLINE"] =
        facts.deadline ? std::to_string(facts.deadline->us / 1'000'000) : std::string();
    const std::string python = env.contains("PYTHONPATH") ? ":" + env["PYTHONPATH"] : "";
    env["PYTHONPATH"] = folders.sdk + python;

    std::vector<std::string> made;
    for (const auto& [name, value] : env)
        made.push_back(name + "=" + value);
    return made;
}

}  // namespace herder
