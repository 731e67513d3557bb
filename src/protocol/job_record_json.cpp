#include "protocol/job_record_json.h"

#include "protocol/job_fields.h"
#include "protocol/sealed_json.h"

namespace herder::protocol {

namespace {

constexpr int kFormat = 1;
constexpr std::string_view kLabel = "herder-job-1";

struct Document {
    int format = 0;
    JobId job;
    std::int64_t submitted_us = 0;
    JobSpec spec;
};

template <class S, class V>
void fields(As<Document>, S& s, V& v) {
    v("format", s.format);
    v("job", s.job);
    v("submitted_us", s.submitted_us);
    v("spec", s.spec);
}

}  // namespace

std::string write_job_record(const JobRecord& record, std::string_view mac_key) {
    return seal_json(
        write_document(Document{kFormat, record.job, record.submitted.us, record.spec}), kLabel,
        mac_key);
}

Result<JobRecord> parse_job_record(std::string_view text) {
    auto document = read_document<Document>(text, kJobRecordSizeMax);
    if (!document) return document.error().with_context("reading the record of a job");
    if (document->format != kFormat || !document->job) {
        return invalid("reading the record of a job: it is none, or of a newer herder");
    }
    return JobRecord{document->job, std::move(document->spec), WallTime{document->submitted_us}};
}

bool is_job_record_authentic(std::string_view text, std::string_view mac_key) {
    return is_sealed_json(text, kLabel, mac_key);
}

}  // namespace herder::protocol
