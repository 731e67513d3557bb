#include "cli/launch_request.h"

#include <cstdlib>
#include <filesystem>

#include "base/money.h"
#include "cli/config_files.h"

namespace herder::cli {

namespace {

namespace fs = std::filesystem;

Result<config::JobOptions> job_options(const LaunchOptions& options) {
    config::JobOptions out;
    for (const std::string& text : options.sets) {
        const auto set = parse_set(text);
        if (!set) return set.error().with_context("--set");
        out.sets.push_back(*set);
    }
    const std::pair<const char*, const std::string*> flags[] = {
        {"name", &options.name},
        {"project", &options.project},
        {"priority", &options.priority},
        {"limits.max_cost", &options.max_cost},
        {"limits.max_duration", &options.max_duration}};
    for (const auto& [path, value] : flags) {
        if (!value->empty()) out.sets.emplace_back(path, *value);
    }
    return out;
}

Status take_from_shell(const std::string& name, JobSpec& spec) {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) {
        return invalid("the job wants the variable " + name +
                       " from your shell, which has none; write --env " + name + "=VALUE");
    }
    spec.env[name] = value;
    return ok();
}

Status add_env(const std::string& text, JobSpec& spec) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos) return take_from_shell(text, spec);
    if (equals == 0) return invalid("--env '" + text + "' has no name; write KEY=VALUE");
    spec.env[text.substr(0, equals)] = text.substr(equals + 1);
    return ok();
}

bool is_given(const std::vector<std::string>& env, const std::string& name) {
    for (const std::string& one : env) {
        if (one.starts_with(name + "=")) return true;
    }
    return false;
}

Status add_environment(const LaunchOptions& options, const std::vector<std::string>& from_shell,
                       JobSpec& spec) {
    for (const std::string& name : from_shell) {
        if (is_given(options.env, name)) continue;
        const Status taken = take_from_shell(name, spec);
        if (!taken) return taken;
    }
    for (const std::string& one : options.env) {
        const Status added = add_env(one, spec);
        if (!added) return added;
    }
    return ok();
}

std::string market_word(Market market) {
    switch (market) {
        case Market::kAuto:
            return "spot or on demand";
        case Market::kSpot:
            return "spot";
        case Market::kOnDemand:
            return "on demand";
    }
    return "";
}

std::string wish_text(const ResourceRequest& wish) {
    std::string text =
        std::to_string(wish.gpu_count) + "x " + (wish.gpu_name.empty() ? "any GPU" : wish.gpu_name);
    if (wish.gpu_ram_mb_min > 0) {
        text += " with " + to_text(megabytes(wish.gpu_ram_mb_min)) + " each";
    }
    text += ", disk " + to_text(wish.disk) + ", " + market_word(wish.market);
    if (wish.price_max.micros > 0) text += ", up to " + to_text(wish.price_max);
    if (wish.reliability_min_ppm > 0) {
        text += ", reliability >= " + to_decimal(usd_micros(wish.reliability_min_ppm));
    }
    return text;
}

std::string limits_text(const LimitSpec& limits) {
    std::string text;
    if (limits.max_duration > Duration{}) text = to_text(limits.max_duration) + " of running";
    if (limits.max_cost.micros > 0) {
        text += (text.empty() ? "" : ", ") + to_text(limits.max_cost) + " for the job";
    }
    return text.empty() ? "none of its own" : text;
}

// As paths in the file are meant: from where the file lies.
std::string beside_file(const std::string& file, const std::string& path) {
    const char* home = std::getenv("HOME");
    if (path.starts_with("~/") && home != nullptr) return home + path.substr(1);
    std::error_code failed;
    std::string whole =
        fs::absolute(fs::path(file).parent_path() / path, failed).lexically_normal().string();
    while (whole.size() > 1 && whole.ends_with('/'))
        whole.pop_back();
    return whole;
}

}  // namespace

Result<LaunchRequest> make_launch_request(const LaunchOptions& options) {
    const Result<config::JobOptions> wishes = job_options(options);
    if (!wishes) return wishes.error();
    const Result<LoadedProfiles> profiles =
        load_profiles(options.profiles, options.context_profiles);
    if (!profiles) return profiles.error();
    for (const ProfileFile& file : profiles->files) {
        if (file.said.has_errors()) return invalid(file.said.to_text());
    }
    Result<LoadedJob> loaded = load_job(options.file, profiles->merged, *wishes);
    if (!loaded) return loaded.error();
    if (loaded->said.has_errors()) return invalid(loaded->said.to_text());
    LaunchRequest request{.spec = std::move(loaded->job.spec),
                          .workdir = {},
                          .data = std::move(loaded->job.data),
                          .warnings = loaded->said.to_text()};
    const Status added = add_environment(options, loaded->job.env_from_shell, request.spec);
    if (!added) return added.error();
    if (!loaded->job.workdir.empty())
        request.workdir = beside_file(options.file, loaded->job.workdir);
    for (config::DataSource& source : request.data) {
        if (source.kind == config::DataSource::Kind::kLocal)
            source.source = beside_file(options.file, source.source);
    }
    return request;
}

std::string request_page(const JobSpec& spec) {
    std::string text = "Job        " + printable(spec.name);
    if (!spec.profile.empty()) text += "   profile " + spec.profile;
    text += "   project " + printable(spec.project) + "\n";
    const char* label = "Needs      ";
    for (const ResourceRequest& wish : spec.any_of) {
        text += label + wish_text(wish) + "\n";
        label = "  or       ";
    }
    return text + "Limits     " + limits_text(spec.limits) + "\n";
}

Json submit_body(const JobSpec& spec, bool dry_run) {
    // Our own document: it parses.
    const Result<Json> document =
        protocol::parse_json(protocol::to_json(spec), protocol::kSpecSizeMax);
    Json body{Json::Object{}};
    body.set("spec", document ? *document : Json()).set("dry_run", dry_run);
    return body;
}

}  // namespace herder::cli
