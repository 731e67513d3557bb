#include "protocol/layout.h"

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

namespace {

std::string job_prefix(const std::string& team, JobId job) {
    return kRunsPrefix + key_part(team) + "/" + to_text(job) + "/";
}

}  // namespace

std::string job_record_key(const std::string& team, JobId job) {
    return job_prefix(team, job) + "job.json";
}
std::string checkpoint_key(const std::string& team, const Checkpoint& checkpoint,
                           const std::string& object) {
    return job_prefix(team, checkpoint.attempt.job) + "ckpt/" + checkpoint.name + "/" + object;
}
std::string outcome_key(const std::string& team, AttemptKey attempt) {
    return job_prefix(team, attempt.job) + "attempts/" + std::to_string(attempt.fence.value) +
           "/outcome.json";
}
std::string probe_key(const std::string& team, AttemptKey attempt) {
    return job_prefix(team, attempt.job) + "attempts/" + std::to_string(attempt.fence.value) +
           "/probe";
}
std::string log_prefix(const std::string& team, AttemptKey attempt, const std::string& stream) {
    return job_prefix(team, attempt.job) + "attempts/" + std::to_string(attempt.fence.value) +
           "/logs/" + key_part(stream) + "/";
}
std::string outputs_prefix(const std::string& team, JobId job) {
    return job_prefix(team, job) + "outputs/";
}
std::string output_hashes_key(const std::string& team, JobId job) {
    return job_prefix(team, job) + "outputs.sha256";
}
std::string workdir_key(const std::string& sha256) {
    return "workdirs/" + sha256 + ".tar.gz";
}

namespace {

// More than anybody numbers; beyond it somebody else wrote the key.
constexpr std::uint64_t kJobMax = std::uint64_t{1} << 40;

}  // namespace

JobId job_of_key(const std::string& key) {
    const std::string prefix = kRunsPrefix;
    if (!key.starts_with(prefix)) return {};
    const std::size_t begin = key.find('/', prefix.size());
    const std::size_t end = begin == std::string::npos ? begin : key.find('/', begin + 1);
    if (end == std::string::npos) return {};
    const auto id = parse_id<JobTag>(key.substr(begin + 1, end - begin - 1));
    return id && id->value <= kJobMax ? *id : JobId{};
}

}  // namespace herder::protocol
