#pragma once
// JobSpec as JSON: what the command line submits and an assignment carries. Not the job file that
// people write; that is config/'s business.
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/jobs/spec.h"

namespace herder::protocol {

constexpr std::size_t kSpecSizeMax = 1 << 20;

std::string to_json(const JobSpec& spec);
Result<JobSpec> parse_job_spec(std::string_view text);

}  // namespace herder::protocol
