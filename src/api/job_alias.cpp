#include "api/job_alias.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace herder::api {

namespace {

constexpr char kSign = '@';

struct Alias {
    std::string name;
    std::string metric;  // empty: the newest
    bool is_larger = false;
};

// The newest checkpoint of a job that has the metric: it is nearest to what the job left.
struct Ended {
    std::uint64_t seq = 0;
    std::optional<double> value;
};

Result<Alias> parse_alias(const std::string& text) {
    const std::size_t sign = text.find(kSign);
    Alias alias{text.substr(0, sign), "", false};
    const std::string word = text.substr(sign + 1);
    if (word == "latest") return alias;
    alias.is_larger = word.starts_with("max:");
    alias.metric = word.substr(std::min<std::size_t>(word.size(), 4));
    if ((alias.is_larger || word.starts_with("min:")) && !alias.metric.empty()) return alias;
    return invalid("'" + text + "' means no job: behind the name stands @latest, @min:METRIC or " +
                   "@max:METRIC");
}

std::optional<double> number_of(const Checkpoint& checkpoint, const std::string& metric) {
    const auto found = checkpoint.metrics.find(metric);
    if (found == checkpoint.metrics.end()) return std::nullopt;
    const std::string& text = found->second;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    return is_number && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

bool is_job_alias(const std::string& text) {
    return text.find(kSign) != std::string::npos;
}

Result<JobId> find_alias(const State& state, const std::string& text) {
    const Result<Alias> alias = parse_alias(text);
    if (!alias) return alias.error();
    std::map<JobId, Ended> ended;
    for (auto it = state.jobs.rbegin(); it != state.jobs.rend(); ++it) {
        const Job& job = it->second;
        if (job.spec.name != alias->name || !std::holds_alternative<phase::Succeeded>(job.phase))
            continue;
        if (alias->metric.empty()) return it->first;
        ended[it->first] = {};
    }
    if (ended.empty()) return not_found("no job '" + alias->name + "' has succeeded");
    for (const auto& [id, checkpoint] : state.checkpoints) {
        const auto job = ended.find(checkpoint.attempt.job);
        const bool counts =
            checkpoint.state == CheckpointState::kCommitted && !checkpoint.quarantined;
        if (job == ended.end() || !counts || checkpoint.commit_seq < job->second.seq) continue;
        if (const auto value = number_of(checkpoint, alias->metric))
            job->second = {checkpoint.commit_seq, value};
    }
    const Ended* best = nullptr;
    JobId of_best;
    for (const auto& [id, one] : ended) {  // oldest first: of equals the newer
        if (!one.value) continue;
        const bool is_better = best == nullptr || (alias->is_larger ? *one.value >= *best->value
                                                                    : *one.value <= *best->value);
        if (!is_better) continue;
        best = &one;
        of_best = id;
    }
    if (best != nullptr) return of_best;
    return not_found("no checkpoint of a job '" + alias->name + "' that succeeded has a metric '" +
                     alias->metric + "'; save(model, optimizer, step, metrics) gives it one");
}

}  // namespace herder::api
