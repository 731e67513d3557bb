#include "protocol/layout.h"

#include <utility>

#include "base/bytes.h"

namespace herder::protocol {

std::string key_part(const std::string& name) {
    std::string part;
    for (const char c : name) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        // '_' begins an escape and is escaped itself; '.' is escaped so that no ".." can arise.
        part += plain ? std::string(1, c) : "_" + to_hex(std::string(1, c));
    }
    return part.empty() ? "_" : part;
}

std::string run_prefix(const std::string& team, JobId job) {
    return kRunsPrefix + key_part(team) + "/" + to_text(job) + "/";
}
std::string checkpoints_prefix(const std::string& team, JobId job) {
    return run_prefix(team, job) + "ckpt/";
}
std::string attempts_prefix(const std::string& team, JobId job) {
    return run_prefix(team, job) + "attempts/";
}
std::string attempt_prefix(const std::string& team, AttemptKey attempt) {
    return attempts_prefix(team, attempt.job) + std::to_string(attempt.fence.value) + "/";
}
std::string job_record_key(const std::string& team, JobId job) {
    return run_prefix(team, job) + "job.json";
}
std::string checkpoint_key(const std::string& team, const Checkpoint& checkpoint,
                           const std::string& object) {
    return checkpoints_prefix(team, checkpoint.attempt.job) + checkpoint.name + "/" + object;
}
std::string outcome_key(const std::string& team, AttemptKey attempt) {
    return attempt_prefix(team, attempt) + "outcome.json";
}
std::string probe_key(const std::string& team, AttemptKey attempt) {
    return attempt_prefix(team, attempt) + "probe";
}
std::string log_prefix(const std::string& team, AttemptKey attempt, const std::string& stream) {
    return attempt_prefix(team, attempt) + "logs/" + key_part(stream) + "/";
}
std::string outputs_prefix(const std::string& team, JobId job) {
    return run_prefix(team, job) + "outputs/";
}
std::string output_hashes_key(const std::string& team, JobId job) {
    return run_prefix(team, job) + "outputs.sha256";
}
std::string output_uploads_key(const std::string& team, AttemptKey attempt) {
    return attempt_prefix(team, attempt) + "output-uploads.json";
}
std::string workdir_key(const std::string& sha256) {
    return "workdirs/" + sha256 + ".tar.gz";
}

namespace {

// More than anybody numbers; beyond it somebody else wrote the key.
constexpr std::uint64_t kNumberMax = std::uint64_t{1} << 40;

// Where "<job>/" begins in a key of a run, and what follows it; npos where there is none.
std::pair<std::size_t, std::size_t> job_part(const std::string& key) {
    constexpr auto kNone = std::string::npos;
    const std::string prefix = kRunsPrefix;
    if (!key.starts_with(prefix)) return {kNone, kNone};
    const std::size_t begin = key.find('/', prefix.size());
    const std::size_t end = begin == kNone ? begin : key.find('/', begin + 1);
    return end == kNone ? std::pair{kNone, kNone} : std::pair{begin + 1, end};
}

}  // namespace

bool is_output_key(const std::string& key) {
    const std::string folder = "/outputs/";
    const std::size_t at = job_part(key).second;
    return at != std::string::npos && key.compare(at, folder.size(), folder) == 0;
}

JobId job_of_key(const std::string& key) {
    const auto [begin, end] = job_part(key);
    if (end == std::string::npos) return {};
    const auto id = parse_id<JobTag>(key.substr(begin, end - begin));
    return id && id->value <= kNumberMax ? *id : JobId{};
}

std::optional<CheckpointName> checkpoint_of_key(const std::string& key) {
    const std::string folder = "/ckpt/";
    const std::size_t at = job_part(key).second;
    if (at == std::string::npos || key.compare(at, folder.size(), folder) != 0) return {};
    const std::size_t begin = at + folder.size();
    const std::size_t end = key.find('/', begin);
    if (end == std::string::npos) return {};
    const auto name = parse_checkpoint_name(key.substr(begin, end - begin));
    const bool is_possible =
        name && name->fence.value <= kNumberMax && name->id.value <= kNumberMax;
    return is_possible ? name : std::nullopt;
}

}  // namespace herder::protocol
