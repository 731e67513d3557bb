#include "config/job_file.h"

#include <algorithm>

#include "base/suggest.h"
#include "config/job_data.h"
#include "config/job_explain.h"
#include "config/job_keys.h"
#include "config/job_resources.h"
#include "core/jobs/checkpoint_every.h"

namespace herder::config {

namespace {

using namespace job_keys;

// Copies a text value over the default, if the key is given.
void take_text(const Mapping& mapping, std::string_view key, std::string& into) {
    if (const auto field = mapping.find(key)) into = field->text().value_or(into);
}

void take_name(const Mapping& mapping, std::string_view key, std::string& into) {
    const auto field = mapping.find(key);
    if (!field) return;
    const auto name = field->text();
    if (!name) return;
    into = *name;
    if (!is_name(*name)) {
        field->error("'" + std::string(key) + "' cannot be '" + *name + "'",
                     "use lower-case letters, digits and '-', at most 63, such as llama-lora");
    }
}

// run, or commands as a list.
void take_script(const Mapping& mapping, std::string_view key, std::string& into) {
    const auto field = mapping.find(key);
    if (!field) return;
    if (!field->node->is_sequence()) {
        into = field->text().value_or("");
        return;
    }
    for (const std::string& line : field->texts())
        into += line + "\n";
}

class JobReader {
  public:
    JobReader(const Field& root, const Profiles& profiles, JobFile& job)
        : top_(root, kTop, kFamily), profiles_(profiles), job_(job), spec_(job.spec) {}

    // Returns the job's profile, if it names one.
    const Profile* read() {
        if (const auto version = top_.find("version")) (void)version->integer(1, 1);
        read_words();
        const Profile* profile = find_profile();
        if (profile != nullptr) apply(*profile);
        take_text(top_, "image", spec_.image);
        const auto resources = top_.find("resources");
        spec_.any_of = read_resources(resources ? &*resources : nullptr, profile);
        read_env();
        read_checkpoint();
        read_recovery();
        read_limits();
        read_outputs();
        read_data();
        return profile;
    }

  private:
    void read_words() {
        take_name(top_, "name", spec_.name);
        take_text(top_, "project", spec_.project);
        take_text(top_, "budget", spec_.budget);
        take_text(top_, "workdir", job_.workdir);
        take_text(top_, "setup", spec_.setup);
        take_script(top_, "run", spec_.run);
        if (!top_.find("run") && top_.field().node->is_mapping()) {
            top_.field().out->error({}, "", "'run' is missing",
                                    "say what to run: run: python train.py");
        }
        if (const auto f = top_.find("priority")) {
            spec_.priority = static_cast<int>(f->integer(0, 100).value_or(spec_.priority));
        }
        if (const auto labels = top_.find("labels")) {
            for (const Field& label : labels->entries())
                spec_.labels[label.key] = label.text().value_or("");
        }
    }

    const Profile* find_profile() {
        take_text(top_, "profile", spec_.profile);
        if (spec_.profile.empty()) return nullptr;
        const Profile* found = profiles_.find(spec_.profile);
        if (found != nullptr) return found;
        std::string all;
        for (const std::string& name : profiles_.names())
            all += (all.empty() ? "" : ", ") + name;
        const std::string near = did_you_mean(spec_.profile, profiles_.names());
        const std::string known = all.empty() ? "no profiles are defined" : "there are: " + all;
        top_.find("profile")->error("there is no profile '" + spec_.profile + "'",
                                    near.empty() ? known : near);
        return nullptr;
    }

    void apply(const Profile& profile) {
        if (profile.image) spec_.image = *profile.image;
        if (profile.max_duration) spec_.limits.max_duration = *profile.max_duration;
    }

    void read_env() {
        const auto field = top_.find("env");
        if (!field) return;
        if (field->node->is_sequence()) return read_env_list(*field);
        for (const Field& variable : field->entries()) {
            if (!is_variable(variable.key)) report_variable(variable, variable.key);
            if (variable.node->is_null()) {
                job_.env_from_shell.push_back(variable.key);
            } else if (variable.node->is_scalar()) {
                spec_.env[variable.key] = variable.node->text;
            } else {
                variable.error("'" + variable.key + "' must be one value, not " +
                               variable.node->describe());
            }
        }
    }

    void read_env_list(const Field& list) {
        for (std::size_t i = 0; i < list.node->items.size(); ++i) {
            const Field item = list.item(i);
            const auto text = item.text();
            if (!text) continue;
            const std::size_t equals = text->find('=');
            const std::string name = text->substr(0, equals);
            if (!is_variable(name)) report_variable(item, name);
            if (equals == std::string::npos) {
                job_.env_from_shell.push_back(name);
            } else {
                spec_.env[name] = text->substr(equals + 1);
            }
        }
    }

    static void report_variable(const Field& field, const std::string& name) {
        field.out->error(field.key_place, field.pointer, "'" + name + "' cannot name a variable",
                         "use letters, digits and '_', not a digit first");
    }

    void read_checkpoint() {
        const auto field = top_.find("checkpoint");
        if (!field) return;
        const Mapping mapping(*field, kCheckpoint, kFamily);
        take_text(mapping, "path", spec_.checkpoint.path);
        if (const auto every = mapping.find("every")) {
            read_every(*every, spec_.checkpoint.every_steps, spec_.checkpoint.every);
        }
        if (const auto every = mapping.find("keep_every")) {
            read_every(*every, spec_.checkpoint.keep_every_steps, spec_.checkpoint.keep_every);
        }
        if (const auto best = mapping.find("keep_best")) read_keep_best(*best);
        if (const auto keep = mapping.find("keep_last")) {
            spec_.checkpoint.keep_last = static_cast<int>(keep->integer(1, 1000).value_or(3));
        }
        const auto preempt = mapping.find("on_preempt");
        if (!preempt) return;
        const Mapping stop(*preempt, kOnPreempt, kFamily);
        if (const auto signal = stop.find("signal")) {
            spec_.checkpoint.stop_signal =
                signal->word({"SIGTERM", "SIGUSR1", "SIGUSR2", "SIGINT"}).value_or("SIGTERM");
        }
        if (const auto grace = stop.find("grace")) {
            spec_.checkpoint.stop_grace = grace->duration().value_or(seconds(60));
        }
    }

    void read_keep_best(const Field& field) {
        const Mapping mapping(field, kKeepBest, kFamily);
        KeepBest& best = spec_.checkpoint.keep_best;
        const auto metric = mapping.find("metric");
        if (!metric) {
            return field.error("'keep_best' names no metric",
                               "write keep_best: {metric: loss, mode: min, n: 2}");
        }
        best.metric = metric->text().value_or("");
        if (const auto mode = mapping.find("mode"))
            best.is_larger = mode->word({"min", "max"}) == "max";
        if (const auto count = mapping.find("n"))
            best.count = static_cast<int>(count->integer(1, 1000).value_or(1));
    }

    // "25 steps", 25, a duration, or, where it says how often is saved, "auto".
    static void read_every(const Field& every, std::int64_t& in_steps, Duration& in_time) {
        constexpr std::int64_t kStepsMax = 1'000'000'000;
        const std::string& text = every.node->text;
        if (every.node->is_integer()) {
            in_steps = every.integer(1, kStepsMax).value_or(0);
        } else if (text == "auto") {
            if (every.key != "every") {
                return every.error("'" + std::string(every.key) + "' cannot be auto",
                                   "write for example 1000 steps or 6h");
            }
            in_time = kEveryAuto;
        } else if (text.ends_with(" steps") || text.ends_with(" step")) {
            Node number = *every.node;
            number.text = text.substr(0, text.find(' '));
            Field steps = every;
            steps.node = &number;
            in_steps = steps.integer(1, kStepsMax).value_or(0);
        } else {
            read_every_duration(every, in_time);
        }
    }

    static void read_every_duration(const Field& every, Duration& in_time) {
        const Result<Duration> value = parse_duration(every.node->text);
        if (!every.node->is_string() || !value || value->us <= 0) {
            const bool may_be_auto = every.key == "every";
            return every.error(
                "'" + std::string(every.key) + "': '" + every.node->text + "' is no interval",
                may_be_auto ? "write for example 25 steps, 10m or auto"
                            : "write for example 1000 steps or 6h");
        }
        in_time = *value;
    }

    void read_recovery() {
        const auto field = top_.find("recovery");
        if (!field) return;
        const Mapping mapping(*field, kRecovery, kFamily);
        if (const auto on = mapping.find("on")) read_recovery_events(*on);
        if (const auto f = mapping.find("max_restarts_on_errors")) {
            spec_.recovery.max_restarts_on_errors =
                static_cast<int>(f->integer(0, 1000).value_or(0));
        }
    }

    void read_recovery_events(const Field& on) {
        spec_.recovery.on_preemption = spec_.recovery.on_host_failure = false;
        if (!on.node->is_sequence()) return (void)on.texts();
        for (std::size_t i = 0; i < on.node->items.size(); ++i) {
            const Field item = on.item(i);
            const std::string& event = item.node->text;
            if (event == "error") {
                item.error("recovery on 'error' is not supported yet",
                           "write max_restarts_on_errors: 1");
            } else if (event == "no-capacity" || event == "provision-error") {
                item.error("recovery on '" + event + "' is not supported yet",
                           "a job waits for a machine until it is cancelled; take it out");
            } else if (event == "gpu-error" || event == "hang") {
                item.error("recovery on '" + event + "' is not supported yet",
                           "take it out for now");
            } else if (const auto known = item.word({"preemption", "host-failure"})) {
                (*known == "preemption" ? spec_.recovery.on_preemption
                                        : spec_.recovery.on_host_failure) = true;
            }
        }
    }

    void read_limits() {
        const auto field = top_.find("limits");
        if (!field) return;
        const Mapping mapping(*field, kLimits, kFamily);
        if (const auto f = mapping.find("max_duration")) {
            spec_.limits.max_duration = f->duration().value_or(Duration{});
        }
        if (const auto f = mapping.find("max_cost")) {
            spec_.limits.max_cost = f->dollars().value_or(Usd{});
        }
    }

    void read_data() {
        if (const auto secrets = top_.find("secrets")) spec_.secrets = read_secrets(*secrets);
        if (const auto mounts = top_.find("mounts")) job_.data = read_mounts(*mounts);
        if (const auto inputs = top_.find("inputs")) {
            const std::vector<DataSource> more = read_inputs(*inputs);
            job_.data.insert(job_.data.end(), more.begin(), more.end());
        }
        for (const SecretUse& use : spec_.secrets) {
            if (!use.in_env || !spec_.env.contains(use.name)) continue;
            top_.find("secrets")->error("'" + use.name + "' is in env too, with a value",
                                        "take it out of env: the secret's value goes there");
        }
    }

    void read_outputs() {
        const auto field = top_.find("outputs");
        if (!field) return;
        spec_.outputs = field->texts();
        for (std::size_t i = 0; i < field->node->items.size(); ++i) {
            const std::string& path = field->node->items[i].text;
            if (!path.starts_with('/') && path.find("..") == std::string::npos) continue;
            field->item(i).error("'" + path + "' leads out of the work folder",
                                 "write paths relative to the work folder, such as results/");
        }
    }

    Mapping top_;
    const Profiles& profiles_;
    JobFile& job_;
    JobSpec& spec_;
};

}  // namespace

JobFile parse_job(const std::string& text, const Profiles& profiles, const JobOptions& options,
                  Diagnostics& out) {
    JobFile job;
    job.spec.name = options.fallback_name;
    job.spec.project = options.fallback_project;
    job.spec.image = kDefaultImage;
    auto parsed = parse_yaml(text);
    if (const auto* error = std::get_if<YamlError>(&parsed)) {
        out.error(error->place, "", error->message, error->help);
        return job;
    }
    Node& root = std::get<Node>(parsed);
    for (const auto& [path, value] : options.sets) {
        if (const Status set = set_path(root, path, value); !set) {
            out.error({}, "", set.error().message);
        }
    }
    const Profile* profile = JobReader({&root, {}, "", "", &out}, profiles, job).read();
    job.explained = explain_job(job, root, out.file(), profile);
    return job;
}

}  // namespace herder::config
