#include "config/job_explain.h"

#include <algorithm>

#include "config/accelerators.h"
#include "config/job_keys.h"
#include "core/jobs/checkpoint_every.h"

namespace herder::config {

namespace {

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string accelerator_text(const ResourceRequest& request) {
    std::string text = request.gpu_name.empty() ? "any" : request.gpu_name;
    if (request.gpu_ram_mb_min > 0) {
        text += ":" + std::to_string(request.gpu_ram_mb_min / 1000) + "GB";
    }
    return text + ":" + std::to_string(request.gpu_count);
}

std::string ppm_text(int ppm) {
    return to_decimal(Usd{ppm});
}

std::string every_text(const CheckpointSpec& spec) {
    if (spec.every_steps == 0 && spec.every.us > 0) return to_text(spec.every);
    const std::string said = to_every_text(spec);
    return said.empty() ? "as the training code says" : said;
}

std::string keep_every_text(const CheckpointSpec& spec) {
    if (spec.keep_every_steps > 0) return std::to_string(spec.keep_every_steps) + " steps";
    return spec.keep_every.us > 0 ? to_text(spec.keep_every) : "";
}

std::string best_text(const KeepBest& best) {
    return "{metric: " + best.metric + ", mode: " + (best.is_larger ? "max" : "min") +
           ", n: " + std::to_string(best.count) + "}";
}

std::string one_line(const std::string& script) {
    const std::string first = script.substr(0, script.find('\n'));
    return first.size() + 1 < script.size() ? first + " …" : first;
}

std::string recovery_text(const RecoverySpec& spec) {
    std::vector<std::string> on;
    if (spec.on_preemption) on.emplace_back("preemption");
    if (spec.on_host_failure) on.emplace_back("host-failure");
    return "[" + joined(on) + "]";
}

std::string map_text(const std::map<std::string, std::string>& map) {
    std::vector<std::string> names;
    for (const auto& [name, value] : map)
        names.push_back(name);
    return "{" + joined(names) + "}";
}

std::vector<std::string> secret_texts(const std::vector<SecretUse>& uses) {
    std::vector<std::string> texts;
    for (const SecretUse& use : uses)
        texts.push_back(use.name + (use.in_env ? " (also in env)" : ""));
    return texts;
}

std::vector<std::string> data_texts(const std::vector<DataSource>& data, bool is_absolute) {
    std::vector<std::string> texts;
    for (const DataSource& one : data) {
        if (one.target.starts_with('/') == is_absolute)
            texts.push_back(one.target + ": " + one.source);
    }
    return texts;
}

const Entry* find_entry(const Node& mapping, const Section& section, std::string_view key) {
    for (const Entry& entry : mapping.entries) {
        if (entry.value.is_null()) continue;
        for (const KeyRule& rule : section.keys) {
            const bool names_key = rule.name == key || rule.more == key;
            if (rule.name == entry.key && names_key && rule.use != KeyRule::Use::kNotYet) {
                return &entry;
            }
        }
    }
    return nullptr;
}

class Explainer {
  public:
    Explainer(const Node& root, std::string file, std::string profile_origin)
        : root_(root), file_(std::move(file)), profile_origin_(std::move(profile_origin)) {}

    // `path` is a key of the top level or SECTION.KEY.
    void add(const Section& section, std::string_view key, std::string value,
             bool in_profile = false) {
        const std::string path = section.name.empty()
                                     ? std::string(key)
                                     : std::string(section.name) + "." + std::string(key);
        all_.push_back({path, std::move(value), origin(section, key, in_profile)});
    }
    std::vector<Explained> take() { return std::move(all_); }

  private:
    std::string origin(const Section& section, std::string_view key, bool in_profile) const {
        const Node* mapping = &root_;
        std::size_t begin = 0;
        while (mapping != nullptr && begin < section.name.size()) {
            const std::size_t end = std::min(section.name.find('.', begin), section.name.size());
            const std::string_view step = section.name.substr(begin, end - begin);
            const auto found = std::find_if(mapping->entries.begin(), mapping->entries.end(),
                                            [&](const Entry& e) { return e.key == step; });
            mapping = found == mapping->entries.end() ? nullptr : &found->value;
            begin = end + 1;
        }
        if (mapping != nullptr) {
            if (const Entry* entry = find_entry(*mapping, section, key)) {
                return file_ + ":" + std::to_string(entry->key_place.line);
            }
        }
        return in_profile ? profile_origin_ : "default";
    }

    const Node& root_;
    std::string file_;
    std::string profile_origin_;
    std::vector<Explained> all_;
};

void explain_resources(Explainer& to, const std::vector<ResourceRequest>& requests,
                       const Profile& profile) {
    using namespace job_keys;
    std::vector<std::string> accelerators;
    for (const ResourceRequest& request : requests)
        accelerators.push_back(accelerator_text(request));
    const ResourceRequest& first = requests.front();
    const bool several = requests.size() > 1;
    to.add(kResources, several ? "any_of" : "accelerators", joined(accelerators),
           profile.gpu_name || profile.gpu_count);
    to.add(kResources, "disk", to_config_text(first.disk), profile.disk.has_value());
    to.add(kResources, "market", to_string(first.market), profile.market.has_value());
    to.add(kResources, "max_price",
           first.price_max.micros > 0 ? to_decimal(first.price_max) : "no limit",
           profile.price_max.has_value());
    to.add(kResources, "reliability_min", ppm_text(first.reliability_min_ppm),
           profile.reliability_min_ppm.has_value());
}

void explain_rest(Explainer& to, const JobSpec& spec, const Profile& profile) {
    using namespace job_keys;
    to.add(kCheckpoint, "path", spec.checkpoint.path);
    to.add(kCheckpoint, "every", every_text(spec.checkpoint));
    to.add(kCheckpoint, "keep_last", std::to_string(spec.checkpoint.keep_last));
    const CheckpointSpec& kept = spec.checkpoint;
    if (const std::string every = keep_every_text(kept); !every.empty())
        to.add(kCheckpoint, "keep_every", every);
    if (!kept.keep_best.metric.empty()) to.add(kCheckpoint, "keep_best", best_text(kept.keep_best));
    to.add(kOnPreempt, "signal", spec.checkpoint.stop_signal);
    to.add(kOnPreempt, "grace", to_text(spec.checkpoint.stop_grace));
    to.add(kRecovery, "on", recovery_text(spec.recovery));
    to.add(kRecovery, "max_restarts_on_errors",
           std::to_string(spec.recovery.max_restarts_on_errors));
    to.add(kLimits, "max_duration",
           spec.limits.max_duration.us > 0 ? to_text(spec.limits.max_duration) : "no limit",
           profile.max_duration.has_value());
    to.add(kLimits, "max_cost",
           spec.limits.max_cost.micros > 0 ? to_decimal(spec.limits.max_cost) : "no limit");
    to.add(kTop, "outputs", "[" + joined(spec.outputs) + "]");
}

}  // namespace

std::vector<Explained> explain_job(const JobFile& job, const Node& root, const std::string& file,
                                   const Profile* profile) {
    using namespace job_keys;
    const Profile given = profile == nullptr ? Profile{} : *profile;
    Explainer to(
        root, file,
        "profile " + given.name + " (" + given.file + ":" + std::to_string(given.line) + ")");
    const JobSpec& spec = job.spec;
    to.add(kTop, "name", spec.name);
    to.add(kTop, "profile", spec.profile.empty() ? "none" : spec.profile);
    to.add(kTop, "project", spec.project);
    to.add(kTop, "budget", spec.budget.empty() ? "those whose scope matches" : spec.budget);
    to.add(kTop, "labels", map_text(spec.labels));
    to.add(kTop, "priority", std::to_string(spec.priority));
    to.add(kTop, "workdir", job.workdir.empty() ? "none" : job.workdir);
    to.add(kTop, "image", spec.image, given.image.has_value());
    explain_resources(to, spec.any_of, given);
    to.add(kTop, "env", map_text(spec.env));
    to.add(kTop, "secrets", "[" + joined(secret_texts(spec.secrets)) + "]");
    to.add(kTop, "mounts", "{" + joined(data_texts(job.data, true)) + "}");
    to.add(kTop, "inputs", "{" + joined(data_texts(job.data, false)) + "}");
    to.add(kTop, "setup", spec.setup.empty() ? "none" : one_line(spec.setup));
    to.add(kTop, "run", one_line(spec.run));
    explain_rest(to, spec, given);
    return to.take();
}

std::string to_config_text(Bytes size) {
    if (size.count % 1'000'000'000 == 0) return std::to_string(size.count / 1'000'000'000) + "GB";
    if (size.count % 1'000'000 == 0) return std::to_string(size.count / 1'000'000) + "MB";
    return std::to_string(size.count) + "B";
}

}  // namespace herder::config
