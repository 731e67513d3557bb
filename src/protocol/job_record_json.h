#pragma once
// What the artifact store knows of a job, job.json: written by the orchestrator before the job's
// first manifest, so that the bucket alone tells what was run. Sealed as manifests are.
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "core/jobs/spec.h"

namespace herder::protocol {

constexpr std::size_t kJobRecordSizeMax = 2 << 20;

struct JobRecord {
    JobId job;
    JobSpec spec;
    WallTime submitted;
    bool operator==(const JobRecord&) const = default;
};

// The same record gives the same text.
std::string write_job_record(const JobRecord& record, std::string_view mac_key);
// The MAC is not looked at.
Result<JobRecord> parse_job_record(std::string_view text);
bool is_job_record_authentic(std::string_view text, std::string_view mac_key);

}  // namespace herder::protocol
