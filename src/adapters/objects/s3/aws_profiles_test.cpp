#include "adapters/objects/s3/aws_profiles.h"

#include <gtest/gtest.h>

namespace herder::s3 {
namespace {

TEST(AwsProfiles, AreReadFromBothFiles) {
    const Profiles profiles = parse_profiles(
        "# comment\n[default]\nregion = eu-west-1 # here\n\n[profile work]\r\nrole_arn=arn:x\r\n"
        "source_profile = default\nservices = own\n[sso-session corp]\nsso_region = us-east-1\n"
        "[services own]\ns3 =\n  endpoint_url = http://h:9000\nother =\n  endpoint_url = http://o\n"
        "[strange]\nx = y\n",
        "[default]\naws_access_key_id = A\naws_secret_access_key = s/+=\nregion = wins\n"
        "[other]\naws_access_key_id = B\n");
    ASSERT_NE(profiles.profile("default"), nullptr);
    EXPECT_EQ(value_of(*profiles.profile("default"), "region"), "wins");
    EXPECT_EQ(value_of(*profiles.profile("default"), "aws_secret_access_key"), "s/+=");
    EXPECT_EQ(value_of(*profiles.profile("work"), "role_arn"), "arn:x");
    EXPECT_EQ(value_of(*profiles.profile("other"), "aws_access_key_id"), "B");
    EXPECT_EQ(value_of(profiles.sso_sessions.at("corp"), "sso_region"), "us-east-1");
    EXPECT_EQ(value_of(profiles.services.at("own"), "s3.endpoint_url"), "http://h:9000");
    EXPECT_EQ(profiles.profile("strange"), nullptr);
    EXPECT_EQ(value_of(*profiles.profile("work"), "none"), "");
}

TEST(AwsProfiles, RubbishIsPassedOver) {
    const Profiles profiles = parse_profiles("a = b\n[\n[]\nno equals\n[profile x]\n= y\n", "");
    EXPECT_NE(profiles.profile("x"), nullptr);
}

}  // namespace
}  // namespace herder::s3
