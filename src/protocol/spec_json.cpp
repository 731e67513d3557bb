#include "protocol/spec_json.h"

#include "protocol/job_fields.h"

namespace herder::protocol {

std::string to_json(const JobSpec& spec) {
    return write_document(spec);
}

Result<JobSpec> parse_job_spec(std::string_view text) {
    return read_document<JobSpec>(text, kSpecSizeMax).with_context("reading a job");
}

}  // namespace herder::protocol
