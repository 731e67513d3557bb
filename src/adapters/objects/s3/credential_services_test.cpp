#include "adapters/objects/s3/credential_services.h"

#include "adapters/objects/s3/credential_fixture.h"

namespace herder::s3 {
namespace {

using Words = std::vector<std::string>;

TEST(CredentialProcess, CommandsAreSplitAsAShellWould) {
    EXPECT_EQ(*split_command("  /bin/a  b\t\"c d\" 'e \"f' g\\ h \"\""),
              (Words{"/bin/a", "b", "c d", "e \"f", "g h", ""}));
    EXPECT_FALSE(split_command("a \"b"));
    EXPECT_FALSE(split_command("  "));
}

TEST(CredentialProcess, RunsWithoutAShell) {
    EXPECT_EQ(*run_process({"echo", "$HOME; x"}, seconds(60)), "$HOME; x\n");
    EXPECT_EQ(run_process({"false"}, seconds(60)).error().code, ErrorCode::kUnauthenticated);
    EXPECT_FALSE(run_process({"/no/such/program"}, seconds(60)));
    EXPECT_EQ(run_process({"sleep", "1000"}, milliseconds(50)).error().code, ErrorCode::kTimedOut);
}

struct CredentialServices : CredentialFixture {};

TEST_F(CredentialServices, StsErrorsAreTold) {
    http::Response refused;
    refused.status = 403;
    refused.body =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not "
        "you</Message></Error></ErrorResponse>";
    answers["http://sts.test/"] = refused;
    RoleWish wish;
    wish.role_arn = "arn:r";
    wish.endpoint = "http://sts.test";
    const auto found = assume_role(world(), wish, {"A", "S", "", {}});
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message.find("AccessDenied not you"), std::string::npos);
    answers["http://sts.test/"] = ok_with("<AssumeRoleResponse/>");
    EXPECT_EQ(assume_role(world(), wish, {"A", "S", "", {}}).error().code, ErrorCode::kCorrupt);
    answers["http://sts.test/"] = ok_with(sts_document("AssumeRole"));
    EXPECT_EQ(assume_role(world(), wish, {"A", "S", "", {}})->expires->us, now.us + hours(1).us);
}

TEST_F(CredentialServices, AMachineWithoutARoleIsNotFound) {
    EXPECT_EQ(fetch_machine_credentials(world(), "http://imds").error().code, ErrorCode::kNotFound);
    answers["http://imds/latest/api/token"] = ok_with("t");
    EXPECT_EQ(fetch_machine_credentials(world(), "http://imds").error().code, ErrorCode::kNotFound);
}

TEST_F(CredentialServices, ContainerTokensDoNotTravelInTheClear) {
    for (const char* url : {"http://10.0.0.1/", "http://example.org/", "ftp://127.0.0.1/", ""})
        EXPECT_EQ(fetch_container_credentials(world(), url, "t").error().code, ErrorCode::kInvalid);
    EXPECT_TRUE(asked.empty());
    answers["http://127.0.0.1:80/x"] = ok_with("{}");
    for (const char* url :
         {"http://127.0.0.1/x", "https://example.org/x", "http://[fd00:ec2::23]/x"}) {
        EXPECT_NE(fetch_container_credentials(world(), url, "t").error().code, ErrorCode::kInvalid);
    }
    EXPECT_EQ(asked.size(), 3U);
}

}  // namespace
}  // namespace herder::s3
