#include "api/past_jobs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "api/private_file.h"

namespace herder::api {
namespace {

struct PastJobsTest : ::testing::Test {
    PastJobsTest() {
        std::string name = ::testing::TempDir() + "herder-past-XXXXXX";
        folder = mkdtemp(name.data());
        file = folder + "/past";
    }
    ~PastJobsTest() override { std::filesystem::remove_all(folder); }
    std::string folder;
    std::string file;
};

TEST_F(PastJobsTest, AreKnownToTheNextServer) {
    {
        PastJobs past(file);
        past.add(JobId{7}, 2);
        past.add(JobId{3}, 0);
        EXPECT_TRUE(past.has(JobId{7}, 2));
    }
    const PastJobs past(file);
    EXPECT_TRUE(past.has(JobId{7}, 2));
    EXPECT_TRUE(past.has(JobId{3}, 0));
    EXPECT_FALSE(past.has(JobId{4}, 0));
    EXPECT_FALSE(past.has(JobId{8}, 1));
    EXPECT_FALSE(PastJobs("").has(JobId{7}, 2));
}

TEST_F(PastJobsTest, AJobThatHadAttemptsSinceIsNotPast) {
    PastJobs past(file);
    past.add(JobId{7}, 2);
    EXPECT_FALSE(past.has(JobId{7}, 3));
    past.add(JobId{7}, 3);
    EXPECT_TRUE(PastJobs(file).has(JobId{7}, 3));
}

TEST_F(PastJobsTest, WhatACrashLeftOfALineIsNoOtherJob) {
    for (const std::string& torn : std::vector<std::string>{"12", "12 ", "12 1", "x", {1, '\0'}}) {
        ASSERT_TRUE(write_private_file(file, "7 2\n" + torn));
        PastJobs(file).add(JobId{34}, 1);
        const PastJobs past(file);
        EXPECT_TRUE(past.has(JobId{7}, 2)) << torn;
        EXPECT_TRUE(past.has(JobId{34}, 1)) << torn;
        for (const std::uint64_t other : {1U, 12U, 1234U, 12134U})
            EXPECT_FALSE(past.has(JobId{other}, 1)) << torn;
    }
}

TEST_F(PastJobsTest, NumbersThatNobodyGivesTakeNoMemory) {
    PastJobs past(file);
    past.add(JobId{std::uint64_t{1} << 60}, 1);
    EXPECT_FALSE(past.has(JobId{std::uint64_t{1} << 60}, 1));
}

}  // namespace
}  // namespace herder::api
