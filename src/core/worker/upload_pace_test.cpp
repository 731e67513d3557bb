#include "core/worker/upload_pace.h"

#include <gtest/gtest.h>

namespace herder {
namespace {

Instant at(std::int64_t second) {
    return Instant{} + seconds(second);
}

TEST(UploadPace, MeasuresTheLastUpload) {
    UploadPace pace;
    EXPECT_FALSE(pace.upload_ended(at(1)));
    EXPECT_FALSE(pace.last_upload());
    pace.upload_began(at(10));
    EXPECT_FALSE(pace.upload_ended(at(14)));
    EXPECT_EQ(pace.last_upload(), seconds(4));
    EXPECT_FALSE(pace.upload_ended(at(20)));  // without a beginning
    EXPECT_EQ(pace.last_upload(), seconds(4));
}

TEST(UploadPace, WarnsOnceWhenCheckpointsComeFasterThanTheyAreSent) {
    UploadPace pace;
    pace.found(at(0));
    pace.upload_began(at(0));
    EXPECT_FALSE(pace.upload_ended(at(90)));  // nothing to compare with yet
    pace.found(at(100));
    pace.upload_began(at(100));
    EXPECT_FALSE(pace.upload_ended(at(200)));  // just as fast
    pace.found(at(160));
    pace.upload_began(at(200));
    const auto warning = pace.upload_ended(at(290));
    ASSERT_TRUE(warning);
    EXPECT_NE(warning->find("takes 1m 30s to send and the job saves one every 1m"),
              std::string::npos);
    pace.upload_began(at(300));
    EXPECT_FALSE(pace.upload_ended(at(900)));
}

}  // namespace
}  // namespace herder
