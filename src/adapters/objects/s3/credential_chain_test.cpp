#include "adapters/objects/s3/credential_chain.h"

#include "adapters/objects/s3/credential_fixture.h"

namespace herder::s3 {
namespace {

struct CredentialChainTest : CredentialFixture {};

constexpr const char* kConfig = "/home/me/.aws/config";
constexpr const char* kKeys = "/home/me/.aws/credentials";
constexpr const char* kSts = "https://sts.us-east-1.amazonaws.com/";

TEST_F(CredentialChainTest, NothingFoundSaysWhatToSet) {
    EXPECT_NE(find().find("set AWS_ACCESS_KEY_ID"), std::string::npos);
    variables["AWS_EC2_METADATA_DISABLED"] = "true";
    asked.clear();
    find();
    EXPECT_TRUE(asked.empty());
}

TEST_F(CredentialChainTest, TheEnvironmentComesFirst) {
    files[kKeys] = "[default]\naws_access_key_id=F\naws_secret_access_key=G\n";
    variables["AWS_ACCESS_KEY_ID"] = "A";
    EXPECT_NE(find().find("set both"), std::string::npos);
    variables["AWS_SECRET_ACCESS_KEY"] = "S";
    EXPECT_EQ(find(), "A/S/ from the environment");
    variables["AWS_SESSION_TOKEN"] = "T";
    EXPECT_EQ(find(), "A/S/T from the environment");
    EXPECT_EQ(find("default"), "F/G/ from profile 'default'");
}

TEST_F(CredentialChainTest, ProfilesComeFromTheirFiles) {
    files[kKeys] =
        "[default]\naws_access_key_id=A\naws_secret_access_key=S\n"
        "[work]\naws_access_key_id=W\naws_secret_access_key=X\naws_session_token=Y\n";
    EXPECT_EQ(find(), "A/S/ from profile 'default'");
    variables["AWS_PROFILE"] = "work";
    EXPECT_EQ(find(), "W/X/Y from profile 'work'");
    variables["AWS_PROFILE"] = "none";
    EXPECT_NE(find().find("there is no profile 'none'"), std::string::npos);
    variables = {{"HOME", "/home/me"}, {"AWS_SHARED_CREDENTIALS_FILE", "/else"}};
    files["/else"] = "[default]\naws_access_key_id=E\naws_secret_access_key=F\n";
    EXPECT_EQ(find(), "E/F/ from profile 'default'");
}

TEST_F(CredentialChainTest, AWebIdentityIsExchanged) {
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
    EXPECT_NE(find().find("the web identity token"), std::string::npos);
    files["/token"] = "a.b c\n";
    answers[kSts] = ok_with(sts_document("AssumeRoleWithWebIdentity"));
    EXPECT_EQ(find(), "TA/TS/TT from the web identity");
    EXPECT_NE(asked.back().request.body.find("WebIdentityToken=a.b%20c"), std::string::npos);
    EXPECT_FALSE(asked.back().request.headers.has("authorization"));
    // It failed: the files are not tried behind the user's back.
    files[kKeys] = "[default]\naws_access_key_id=A\naws_secret_access_key=S\n";
    answers[kSts].status = 403;
    EXPECT_NE(find().find("answered 403"), std::string::npos);
}

TEST_F(CredentialChainTest, RolesAreAssumedWithTheirSource) {
    files[kConfig] = "[default]\nrole_arn=arn:r\nsource_profile=base\nexternal_id=e\n";
    files[kKeys] = "[base]\naws_access_key_id=B\naws_secret_access_key=S\n";
    answers[kSts] = ok_with(sts_document("AssumeRole"));
    EXPECT_EQ(find(), "TA/TS/TT from profile 'default'");
    const http::Request& request = asked.back().request;
    EXPECT_NE(request.body.find("RoleArn=arn%3Ar"), std::string::npos);
    EXPECT_NE(request.body.find("ExternalId=e"), std::string::npos);
    EXPECT_TRUE(
        request.headers.get("authorization")
            ->starts_with("AWS4-HMAC-SHA256 Credential=B/20130524/us-east-1/sts/aws4_request"));
    files[kConfig] =
        "[profile a]\nrole_arn=x\nsource_profile=b\n[profile b]\nrole_arn=x\nsource_profile=a\n";
    EXPECT_NE(find("a").find("name each other"), std::string::npos);
    files[kConfig] = "[default]\nrole_arn=arn:r\ncredential_source=Environment\n";
    EXPECT_NE(find("default").find("not set up here"), std::string::npos);
}

TEST_F(CredentialChainTest, AProcessPrintsThem) {
    files[kConfig] = "[default]\ncredential_process = /bin/tool --x\n";
    EXPECT_NE(find().find("/bin/tool"), std::string::npos);
    outputs["/bin/tool --x"] =
        R"({"Version":1,"AccessKeyId":"P","SecretAccessKey":"Q","SessionToken":"R"})";
    EXPECT_EQ(find(), "P/Q/R from profile 'default'");
}

TEST_F(CredentialChainTest, ACachedLoginIsUsedUntilItEnds) {
    files[kConfig] =
        "[default]\nsso_session=corp\nsso_account_id=1\nsso_role_name=Dev\n"
        "[sso-session corp]\nsso_region=eu-west-1\n";
    EXPECT_NE(find().find("aws sso login --profile default"), std::string::npos);
    // The name of the file is the SHA-1 of "corp".
    std::string& cache =
        files["/home/me/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"];
    cache = R"({"accessToken":"X","expiresAt":"2013-05-24T01:00:00Z"})";
    answers["https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"] = ok_with(
        R"({"roleCredentials":{"accessKeyId":"L","secretAccessKey":"M","sessionToken":"N","expiration":1}})");
    EXPECT_EQ(find(), "L/M/N from profile 'default'");
    EXPECT_EQ(asked.back().request.headers.get("x-amz-sso_bearer_token"), "X");
    EXPECT_EQ(asked.back().request.target, "/federation/credentials?role_name=Dev&account_id=1");
    now = now + hours(2);
    EXPECT_NE(find().find("the login has ended; run: aws sso login"), std::string::npos);
}

TEST_F(CredentialChainTest, ContainersAndMachinesAreAskedLast) {
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/x";
    answers["http://169.254.170.2/v2/x"] =
        ok_with(R"({"AccessKeyId":"C","SecretAccessKey":"D","Token":"E"})");
    EXPECT_EQ(find(), "C/D/E from the container's service");
    variables.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://169.254.170.23/v1/credentials";
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/pod";
    files["/pod"] = "podtoken\n";
    answers["http://169.254.170.23/v1/credentials"] = answers["http://169.254.170.2/v2/x"];
    EXPECT_EQ(find(), "C/D/E from the container's service");
    EXPECT_EQ(asked.back().request.headers.get("authorization"), "podtoken");
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://evil.example.org/";
    EXPECT_NE(find().find("in the clear"), std::string::npos);
    variables.erase("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const std::string base = "http://169.254.169.254/latest/";
    answers[base + "api/token"] = ok_with("imds");
    answers[base + "meta-data/iam/security-credentials/"] = ok_with("my-role\n");
    answers[base + "meta-data/iam/security-credentials/my-role"] = ok_with(
        R"({"AccessKeyId":"M","SecretAccessKey":"N","Token":"O","Expiration":"2013-05-24T06:00:00Z"})");
    EXPECT_EQ(find(), "M/N/O from the machine's role");
    EXPECT_EQ(asked.back().request.headers.get("x-aws-ec2-metadata-token"), "imds");
}

TEST_F(CredentialChainTest, TemporaryOnesAreFetchedAgainInTime) {
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/x";
    const std::string url = "http://169.254.170.2/v2/x";
    const auto document = [](const std::string& key, const std::string& until) {
        return ok_with("{\"AccessKeyId\":\"" + key + R"(","SecretAccessKey":"D","Expiration":")" +
                       until + "\"}");
    };
    answers[url] = document("first", "2013-05-24T01:00:00Z");
    CredentialChain chain(world());
    EXPECT_EQ(chain.get()->access_key, "first");
    answers[url] = document("second", "2013-05-24T02:00:00Z");
    now = now + minutes(54);
    EXPECT_EQ(chain.get()->access_key, "first");
    now = now + minutes(2);
    EXPECT_EQ(chain.get()->access_key, "second");
    answers.clear();
    now = now + minutes(61);
    EXPECT_EQ(chain.get()->access_key, "second");  // still holds for three minutes
    now = now + minutes(10);
    EXPECT_FALSE(chain.get());
}

TEST_F(CredentialChainTest, WhoMustNotWaitTakesWhatIsAtHand) {
    variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/x";
    const std::string url = "http://169.254.170.2/v2/x";
    answers[url] = ok_with(
        R"({"AccessKeyId":"first","SecretAccessKey":"D","Expiration":"2013-05-24T01:00:00Z"})");
    CredentialChain chain(world());
    EXPECT_FALSE(chain.at_hand());
    ASSERT_TRUE(chain.get());
    answers.clear();
    now = now + minutes(53);
    const auto before = asked.size();
    EXPECT_EQ(chain.at_hand()->access_key, "first");
    EXPECT_EQ(asked.size(), before);
    EXPECT_EQ(chain.get(minutes(8))->access_key,
              "first");  // still holds, though the renewal failed
    EXPECT_EQ(asked.size(), before + 1);
    now = now + minutes(8);
    const auto ended = chain.at_hand();
    EXPECT_EQ(asked.size(), before + 1);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(ended.error().message.find("nobody listens at"), std::string::npos)
        << ended.error().message;
}

TEST_F(CredentialChainTest, EndpointAndRegionAreFilledIn) {
    const Location open = *parse_location("s3://b");
    EXPECT_EQ(CredentialChain(world()).complete(open), open);
    files[kConfig] =
        "[default]\nregion=eu-west-1\nservices=own\n[services own]\ns3 =\n  endpoint_url = "
        "http://h:9000/\n";
    EXPECT_EQ(CredentialChain(world()).complete(open).endpoint, "http://h:9000");
    EXPECT_EQ(CredentialChain(world()).complete(open).region, "eu-west-1");
    variables["AWS_ENDPOINT_URL"] = "http://all";
    EXPECT_EQ(CredentialChain(world()).complete(open).endpoint, "http://all");
    variables["AWS_ENDPOINT_URL_S3"] = "http://s3only";
    variables["AWS_REGION"] = "r";
    EXPECT_EQ(CredentialChain(world()).complete(open).endpoint, "http://s3only");
    EXPECT_EQ(CredentialChain(world()).complete(open).region, "r");
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    EXPECT_TRUE(CredentialChain(world()).complete(open).is_aws());
    EXPECT_EQ(
        CredentialChain(world()).complete(*parse_location("s3://b?endpoint=http://mine")).endpoint,
        "http://mine");
}

}  // namespace
}  // namespace herder::s3
