#include "protocol/job_record_json.h"

#include <gtest/gtest.h>

namespace herder::protocol {
namespace {

const std::string kKey(32, 'k');

TEST(JobRecord, GoesThereAndBack) {
    JobRecord record;
    record.job = JobId{7};
    record.submitted = WallTime{1'700'000'000'000'000};
    record.spec.name = "digits";
    record.spec.run = "python3 train.py";
    record.spec.any_of.push_back({});
    record.spec.checkpoint.keep_best = {"loss", true, 2};
    const std::string text = write_job_record(record, kKey);
    EXPECT_EQ(*parse_job_record(text), record);
    EXPECT_TRUE(is_job_record_authentic(text, kKey));
    EXPECT_FALSE(is_job_record_authentic(text, std::string(32, 'x')));
}

TEST(JobRecord, OtherDocumentsAreRefused) {
    for (const char* text : {"", "{}", "[]", R"({"format":2,"job":"j1"})", R"({"format":1})"})
        EXPECT_FALSE(parse_job_record(text)) << text;
}

}  // namespace
}  // namespace herder::protocol
