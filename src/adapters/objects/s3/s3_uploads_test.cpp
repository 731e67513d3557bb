#include "adapters/objects/s3/s3_uploads.h"

#include "adapters/objects/s3/scripted_server_fixture.h"

namespace herder::s3 {
namespace {

struct S3UploadsTest : S3Fixture {
    remote::Abilities abilities;
    std::unique_ptr<S3Client> client = open();
    S3Uploads uploads{*client, abilities, clock};
    const PendingUpload upload{"k", "id", {}};
};

// Another upload may have made the object that lies there.
TEST_F(S3UploadsTest, AnUnknownUploadIsNeverTakenForACompletedOne) {
    const std::vector<UploadPart> parts{{1, Bytes{4}, "e", {}}, {2, Bytes{3}, "f", {}}};
    server.will_answer({refusal(404, "NoSuchUpload"), answer(200, "1234567")});
    EXPECT_EQ(uploads.complete(upload, parts).error().code, ErrorCode::kNotFound);
}

TEST_F(S3UploadsTest, SizesAreSignedWhereThatHelps) {
    EXPECT_EQ(
        uploads.sign_part(upload, 1, Bytes{4}, {}, clock.time + hours(1))->find("content-length"),
        std::string::npos);
    abilities.signed_size = true;
    const auto url = uploads.sign_part(upload, 1, Bytes{4}, {}, clock.time + hours(1));
    EXPECT_NE(url->find("X-Amz-SignedHeaders=content-length%3Bhost"), std::string::npos);
    EXPECT_NE(url->find("partNumber=1"), std::string::npos);
    EXPECT_FALSE(uploads.sign_part(upload, 0, Bytes{4}, {}, clock.time));
    abilities.parts_max = 10;
    EXPECT_FALSE(uploads.sign_part(upload, 11, Bytes{4}, {}, clock.time));
}

TEST_F(S3UploadsTest, PartsThatRepeatThemselvesAreCorrupt) {
    server.will_answer({answer(200,
                               "<L><IsTruncated>true</IsTruncated><NextPartNumberMarker>2"
                               "</NextPartNumberMarker></L>")});
    EXPECT_EQ(uploads.parts(upload).error().code, ErrorCode::kCorrupt);
}

TEST_F(S3UploadsTest, AnswersWithoutAnUploadAreCorrupt) {
    server.will_answer({answer(200, "<InitiateMultipartUploadResult/>")});
    EXPECT_EQ(uploads.create("k").error().code, ErrorCode::kCorrupt);
}

TEST(S3Times, AreRead) {
    EXPECT_EQ(parse_iso_time("2013-05-24T00:00:00.000Z").us, 1'369'353'600'000'000);
    EXPECT_EQ(parse_iso_time("yesterday").us, 0);
}

}  // namespace
}  // namespace herder::s3
