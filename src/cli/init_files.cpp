#include "cli/init_files.h"

#include <algorithm>

#include "base/bytes.h"
#include "config/job_file.h"
#include "config/shipped.h"

namespace herder::cli {

namespace {

// Docker Hub, both seen 2026-11-23.
constexpr char kKerasImage[] = "tensorflow/tensorflow:2.16.1-gpu";
constexpr char kPythonImage[] = "python:3.12-slim";

std::string image_for(Framework framework) {
    switch (framework) {
        case Framework::kTransformers:
        case Framework::kLightning:
        case Framework::kAccelerate:
        case Framework::kTorch:
            return config::kDefaultImage;
        case Framework::kKeras:
            return kKerasImage;
        case Framework::kJax:
        case Framework::kNumpy:
        case Framework::kNone:
            return kPythonImage;
    }
    return config::kDefaultImage;
}

std::string setup_for(const ProjectFacts& facts) {
    if (facts.requirements == "requirements.txt") return "pip install -q -r requirements.txt";
    if (facts.requirements == "pyproject.toml") return "pip install -q .";
    return "";
}

// A YAML flow scalar that is read back as this text whatever is in it.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

// For the shell.
std::string shell_word(const std::string& text) {
    const bool is_plain = text.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                              "wxyz0123456789._/-") == text.npos;
    if (is_plain) return text;
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string run_for(const ProjectFacts& facts) {
    if (facts.script.empty()) {
        return "# No script was found that looks like the one to run: say here what to run.\n"
               "run: python -c 'print(\"say in job.yaml what to run\")'\n";
    }
    const std::string start =
        facts.framework == Framework::kAccelerate ? "accelerate launch " : "python ";
    return "run: " + quoted(start + shell_word(facts.script)) + "\n";
}

std::string resume_for(const ProjectFacts& facts) {
    if (facts.uses_trainer) {
        return "# trainer.train(resume_from_checkpoint=os.environ.get(\"HERDER_RESUME_FROM\") or "
               "None)\n"
               "# goes on from the last checkpoint that is safe; save into checkpoint.path "
               "below.\n";
    }
    return "# What is saved into checkpoint.path and announced with herder.save (the Python SDK, "
           "which is on\n# every machine) outlives the machine; $HERDER_RESUME_FROM names the "
           "newest one, or nothing.\n";
}

std::string secrets_for(const ProjectFacts& facts) {
    std::string names;
    const auto uses = [&](const char* module) {
        return std::find(facts.trackers.begin(), facts.trackers.end(), module) !=
               facts.trackers.end();
    };
    const bool uses_hub = facts.framework == Framework::kTransformers || uses("huggingface_hub");
    if (uses_hub) names += "{name: HF_TOKEN, env: true}";
    if (uses("wandb"))
        names += (names.empty() ? "" : ", ") + std::string("{name: WANDB_API_KEY, env: true}");
    if (names.empty()) return "";
    return "# Tokens that the code may want: store each with 'herder secrets set NAME', then take "
           "the # away.\n# secrets: [" +
           names + "]\n";
}

std::string job_text(const ProjectFacts& facts) {
    const std::string setup = setup_for(facts);
    const bool is_small = facts.framework == Framework::kNone;
    return "# Written by 'herder init'; every key is explained by 'herder validate --explain "
           "job.yaml'.\n"
           "name: " +
           facts.name +
           "\nprofile: dev-test         # of gpu_profiles.yaml: 1x RTX_4090 for at most 0.25 $/h\n"
           "workdir: .                # this folder travels with the job, without what "
           ".herderignore names\n"
           "image: " +
           image_for(facts.framework) +
           "\n\nresources:\n  market: spot            # cheap, and may "
           "be taken away at any time\n  disk: " +
           (is_small ? "20GB" : "40GB") + "\n\n" + secrets_for(facts) +
           (setup.empty() ? "" : "setup: " + setup + "\n") + run_for(facts) + "\n" +
           resume_for(facts) +
           "checkpoint:\n  path: checkpoints\n  keep_last: 3\nlimits:\n"
           "  max_duration: 2h        # running time over all machines\n"
           "  max_cost: 5             # dollars, for the job as a whole\n"
           "outputs: [outputs/]       # kept when the job ends: herder outputs pull\n";
}

std::string ignore_text(const ProjectFacts& facts) {
    std::string text =
        "# What stays at home when the folder travels with a job; the syntax is that of "
        ".gitignore,\n# which counts too. A line '!name' takes something back in.\n"
        "checkpoints/\noutputs/\nresults/\nruns/\nwandb/\nmlruns/\nlightning_logs/\n"
        ".ipynb_checkpoints/\n.cache/\n*.ckpt\n";
    if (facts.large_files.empty()) return text;
    text += "# Large files that were here; bring data with mounts: {/data: ./folder} instead.\n";
    for (const LargeFile& file : facts.large_files) {
        std::string escaped;
        for (const char c : file.path) {
            if (std::string_view("*?[]\\!# ").find(c) != std::string_view::npos) escaped += '\\';
            escaped += c;
        }
        text += "/" + escaped + "\n";
    }
    return text;
}

std::string budget_text(Usd limit) {
    return "# What may be spent, in dollars. In force after: herder budget set budgets.yaml\n"
           "version: 1\ncurrency: USD\ntimezone: UTC\nbudgets:\n  monthly:\n"
           "    scope: {team: default}\n    limit: " +
           to_decimal(limit) + "\n    window: month\n";
}

}  // namespace

std::vector<InitFile> make_init_files(const ProjectFacts& facts, Usd monthly_limit) {
    return {{"job.yaml", job_text(facts)},
            {".herderignore", ignore_text(facts)},
            {"gpu_profiles.yaml", std::string(config::shipped_profiles())},
            {"budgets.yaml", budget_text(monthly_limit)}};
}

}  // namespace herder::cli
