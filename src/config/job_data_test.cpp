#include "config/job_data.h"

#include <gtest/gtest.h>

#include "config/job_file.h"

namespace herder::config {
namespace {

JobFile job_of(const std::string& text) {
    Diagnostics out("job.yaml", text);
    JobFile job = parse_job(text, Profiles{}, JobOptions{}, out);
    EXPECT_EQ(out.to_text(), "");
    return job;
}

TEST(JobData, SecretsAreFilesUnlessTheFileWantsVariables) {
    const JobFile job = job_of("run: x\nsecrets: [A, {name: B, from: B2, env: true}]\n");
    const std::vector<SecretUse> wanted = {{"A", "A", false}, {"B", "B2", true}};
    EXPECT_EQ(job.spec.secrets, wanted);
    const JobFile named = job_of("run: x\nsecrets: {A: null, B: B2, C: {env: true}}\n");
    const std::vector<SecretUse> by_name = {
        {"A", "A", false}, {"B", "B2", false}, {"C", "C", true}};
    EXPECT_EQ(named.spec.secrets, by_name);
}

TEST(JobData, TellsLocalUrlAndOutput) {
    const JobFile job = job_of(
        "run: x\nmounts: {/d: ./set, /m/: 'https://x.org/a/b.bin?k=1'}\n"
        "inputs: {old: 'herder://j12/adapter/'}\n");
    ASSERT_EQ(job.data.size(), 3U);
    using Kind = DataSource::Kind;
    EXPECT_EQ(job.data[0], (DataSource{.kind = Kind::kLocal, .target = "/d", .source = "./set"}));
    EXPECT_EQ(job.data[1].target, "/m/b.bin");
    EXPECT_EQ(job.data[1].kind, Kind::kUrl);
    EXPECT_EQ(job.data[2].kind, Kind::kOutput);
    EXPECT_TRUE(job.spec.inputs.empty()) << "that is the command line's business";
}

TEST(JobData, ABucketIsASource) {
    const JobFile job = job_of(
        "run: x\nmounts: {/d: 's3://b/sets/one/', /m/: "
        "'s3://b/w.bin?endpoint=http://127.0.0.1:1'}\n");
    ASSERT_EQ(job.data.size(), 2U);
    EXPECT_EQ(job.data[0], (DataSource{.kind = DataSource::Kind::kBucket,
                                       .target = "/d",
                                       .source = "s3://b/sets/one/"}));
    EXPECT_EQ(job.data[1].target, "/m/w.bin");
}

TEST(JobData, GoogleAndAzureHaveBucketsToo) {
    const JobFile job = job_of(
        "run: x\nmounts:\n  /g: 'gs://b/sets/'\n  /m/: 'az://account1/box/d/w?.bin'\n"
        "  /h: 'https://account1.blob.core.windows.net/box/d/'\n"
        "  /i: 'https://storage.googleapis.com/b/'\n"
        "  /u/: 'https://storage.googleapis.com/b/w.bin'\n");
    ASSERT_EQ(job.data.size(), 5U);
    using Kind = DataSource::Kind;
    EXPECT_EQ(job.data[0],
              (DataSource{.kind = Kind::kBucket, .target = "/g", .source = "gs://b/sets/"}));
    EXPECT_EQ(job.data[1], (DataSource{.kind = Kind::kBucket,
                                       .target = "/m/w?.bin",
                                       .source = "az://account1/box/d/w?.bin"}));
    EXPECT_EQ(job.data[2].source, "az://account1/box/d/");
    EXPECT_EQ(job.data[2].kind, Kind::kBucket);
    EXPECT_EQ(job.data[3].source, "gs://b/");
    EXPECT_EQ(job.data[4].kind, Kind::kUrl) << "a public object is fetched as it is";
    EXPECT_EQ(job.data[4].target, "/u/w.bin");
}

TEST(JobData, AVariableHasALegalName) {
    EXPECT_TRUE(is_variable("HF_TOKEN2"));
    for (const char* name : {"", "2A", "A-B", "A B"})
        EXPECT_FALSE(is_variable(name)) << name;
}

}  // namespace
}  // namespace herder::config
